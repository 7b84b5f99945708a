/** Micro-benchmarks of the program's pure parts, which {@code src/bench/micro} runs. */
package io.hipchatalerts.bench.micro;
