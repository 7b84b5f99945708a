/** The Funqy function for AWS Lambda: the envelopes that alerts come in, and what Lambda is answered. */
package io.hipchatalerts.lambda;
