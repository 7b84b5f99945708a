/** The result of an event as answers, log lines and metrics show it. */
package io.hipchatalerts.outcome;
