/** A handler's {@code match}: the part of TICKscript's lambda expressions that makes sense for an event (K §3.2). */
package io.hipchatalerts.match;
