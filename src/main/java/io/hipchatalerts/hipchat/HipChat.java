package io.hipchatalerts.hipchat;

import io.hipchatalerts.alert.Token;
import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.config.HipChatConfig.Auth;
import io.hipchatalerts.outcome.Status;
import io.hipchatalerts.state.Ending;
import io.hipchatalerts.time.Deadline;
import io.hipchatalerts.time.Pause;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.eclipse.microprofile.rest.client.inject.RestClient;

/**
 * Tells HipChat, and tries again while that can help and time is left. The loop is our own and not a library's because
 * the wait depends on what the last answer's headers say and on the one deadline that the event has for all its steps.
 */
@ApplicationScoped
public class HipChat {

    /** A try that has less time than this would most likely end unclear, which is worse than not tried. */
    private static final Duration SHORTEST_TRY = Duration.ofMillis(200);

    private static final Duration COME_BACK = Duration.ofSeconds(5);

    private final HipChatApi api;
    private final HipChatConfig config;
    private final InstantSource clock;
    private final Pause pause;
    private final RandomGenerator chance;
    private final MeterRegistry metrics;

    HipChat(
            @RestClient HipChatApi api,
            HipChatConfig config,
            InstantSource clock,
            Pause pause,
            RandomGenerator chance,
            MeterRegistry metrics) {
        this.api = api;
        this.config = config;
        this.clock = clock;
        this.pause = pause;
        this.chance = chance;
        this.metrics = metrics;
        // Every label set is there from the start, so that a dashboard can tell "none yet" from "not measured".
        for (Verdict verdict : Verdict.values()) {
            timer(verdict);
        }
        retries();
    }

    /**
     * Sends {@code notification} to {@code room}. No request begins after {@code deadline}, and none is waited for
     * beyond it: after that another instance may take the alert over.
     */
    public Telling tell(String room, Token token, Notification notification, Deadline deadline) {
        Answer answer = Answer.NO_TRY;
        Ending ending = Ending.NOT_ACCEPTED;
        int attempts = 0;
        // Looked at before each try and the first too: the steps before, or a wait, may have taken all the time.
        for (Duration left = deadline.left(); !left.isZero(); left = deadline.left()) {
            if (attempts > 0) {
                retries().increment();
            }
            answer = attempt(room, token, notification, left);
            attempts++;
            if (answer.verdict() == Verdict.ACCEPTED) {
                return new Telling(Status.SENT, Ending.ACCEPTED, attempts, "", Duration.ZERO);
            }
            if (answer.verdict() == Verdict.UNCLEAR) {
                ending = Ending.UNCLEAR;
            }
            if (!answer.verdict().isWorthAnotherTry()) {
                String detail = "HipChat refused the notification: " + answer.detail();
                return new Telling(Status.REFUSED, ending, attempts, detail, Duration.ZERO);
            }
            Duration silence = untilHipChatListens(answer);
            Duration spare = deadline.left().minus(silence).minus(SHORTEST_TRY);
            if (spare.isNegative() || spare.isZero() || !waited(silence.plus(Backoff.after(attempts, spare, chance)))) {
                break;
            }
        }
        String detail = "HipChat could not be told in time: " + answer.detail();
        return new Telling(Status.FAILED, ending, attempts, detail, comeBack(answer));
    }

    private Answer attempt(String room, Token token, Notification notification, Duration left) {
        Duration timeout = left.compareTo(config.requestTimeout()) < 0 ? left : config.requestTimeout();
        Timer.Sample sample = Timer.start(metrics);
        Answer answer = request(room, token, notification, timeout);
        sample.stop(timer(answer.verdict()));
        return answer;
    }

    private Answer request(String room, Token token, Notification notification, Duration timeout) {
        boolean inHeader = config.auth() == Auth.HEADER;
        try (Response response = api.send(
                        PathSegment.encode(room),
                        inHeader ? "Bearer " + token.value() : null,
                        inHeader ? null : token.value(),
                        notification)
                .await()
                .atMost(timeout)) {
            if (Verdict.of(response.getStatus()) == Verdict.ACCEPTED) {
                return Answer.ACCEPTED;
            }
            Optional<Instant> notBefore = RateLimit.notBefore(response::getHeaderString, clock.instant());
            return Answer.of(response.getStatus(), text(response), notBefore, token);
        } catch (RuntimeException noAnswer) {
            return Answer.of(noAnswer, token);
        }
    }

    /** The body, as far as it can be read: a 204 with garbage behind it is no less accepted. */
    private static String text(Response response) {
        try {
            return response.readEntity(String.class);
        } catch (RuntimeException unreadable) {
            return "";
        }
    }

    private Duration untilHipChatListens(Answer answer) {
        return answer.notBefore()
                .map(moment -> Duration.between(clock.instant(), moment))
                .filter(wait -> !wait.isNegative())
                .orElse(Duration.ZERO);
    }

    private Duration comeBack(Answer answer) {
        Duration wait = untilHipChatListens(answer);
        return wait.isZero() ? COME_BACK : wait;
    }

    private boolean waited(Duration wait) {
        try {
            pause.pause(wait);
            return true;
        } catch (InterruptedException goingDown) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private Timer timer(Verdict verdict) {
        return Timer.builder("hipchat.notify")
                .description("Requests to HipChat")
                .tag("result", verdict.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .register(metrics);
    }

    private Counter retries() {
        return metrics.counter("hipchat.notify.retries");
    }
}
