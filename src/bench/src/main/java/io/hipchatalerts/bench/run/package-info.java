/** The measurements of {@code src/bench/run}, {@code redis}, {@code pending}, {@code variants} and {@code lambda}. */
package io.hipchatalerts.bench.run;
