/** The processes of a measurement: the program, a Lambda instance and Redis. */
package io.hipchatalerts.bench.process;
