package io.hipchatalerts.routing;

import io.hipchatalerts.alert.RequestOptions;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * How an event arrived, with the options in its envelope.
 *
 * @param pointToPoint true if the sender addressed this function (plain HTTP POST, direct invocation); false if the
 *     event came from a bus
 * @param topic the topic in the envelope or the query
 * @param options the options in the query and the headers; throws {@link io.hipchatalerts.alert.BadAlert} if one is
 *     invalid, and is read only if the event is for HipChat
 * @param arrived the time of arrival, from which the deadline counts
 */
public record Origin(boolean pointToPoint, Optional<String> topic, Supplier<RequestOptions> options, Instant arrived) {}
