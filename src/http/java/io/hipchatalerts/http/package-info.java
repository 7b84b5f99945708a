/** The Funqy function for HTTP and Knative, with the checks before it and the error answers after it. */
package io.hipchatalerts.http;
