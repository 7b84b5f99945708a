/** The clock, waits and random numbers as injected dependencies, so that tests do not sleep. */
package io.hipchatalerts.time;
