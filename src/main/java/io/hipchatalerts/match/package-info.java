/** A handler's {@code match}: the TICKscript lambda expressions that an event can answer (K §3.2). */
package io.hipchatalerts.match;
