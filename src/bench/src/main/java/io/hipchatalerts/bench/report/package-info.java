/** The figures of a measurement, their statistics and their tables. */
package io.hipchatalerts.bench.report;
