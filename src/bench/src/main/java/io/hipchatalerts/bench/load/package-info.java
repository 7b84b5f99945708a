/** The load generator: alerts, connections, closed and open loops. */
package io.hipchatalerts.bench.load;
