/** The Funqy function for HTTP and Knative: what may come in, and how answers and problems go out. */
package io.hipchatalerts.http;
