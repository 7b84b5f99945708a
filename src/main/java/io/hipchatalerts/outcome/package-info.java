/** What comes of an event: the words and shapes of answers, log lines and metrics. */
package io.hipchatalerts.outcome;
