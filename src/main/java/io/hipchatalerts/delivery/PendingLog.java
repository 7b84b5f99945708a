package io.hipchatalerts.delivery;

import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.outcome.FlushOutcome;
import io.hipchatalerts.state.PendingAlert;
import io.hipchatalerts.text.LogText;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/** The log lines and metrics of pending changes (contract §5a). */
@ApplicationScoped
class PendingLog {}
