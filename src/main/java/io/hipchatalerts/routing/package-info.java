/** Decides to which rooms an event goes, with which token and options. */
package io.hipchatalerts.routing;
