package io.hipchatalerts.routing;

import io.hipchatalerts.alert.RequestOptions;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * How an event reached us, and what the way it came by says about it.
 *
 * @param pointToPoint true when the sender addressed this very function (plain HTTP POST, direct invocation); false
 *     when the event came off a bus
 * @param topic the topic that the envelope or the query names
 * @param options the options that the query and the headers name; read only where the event is for HipChat at all, and
 *     throws {@link io.hipchatalerts.alert.BadAlert} when one of them is none
 * @param arrived when it reached us, before it waited for anything: the deadline counts from here
 */
public record Origin(boolean pointToPoint, Optional<String> topic, Supplier<RequestOptions> options, Instant arrived) {}
