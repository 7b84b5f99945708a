package io.hipchatalerts.fake;

import java.time.Instant;

/** A message in a room, and the moment at which HipChat accepted it. */
public record Acceptance(ReceivedRequest request, Instant at) {}
