/** Which rooms an event goes to, with which token and options: the first step of its way. */
package io.hipchatalerts.routing;
