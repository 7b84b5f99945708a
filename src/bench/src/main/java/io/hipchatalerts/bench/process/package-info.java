/** The processes of a measurement: the program, a Lambda instance, Redis, and the fake HipChat beside them. */
package io.hipchatalerts.bench.process;
