package io.hipchatalerts.hipchat;

import static io.hipchatalerts.time.Durations.shorter;

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
import io.quarkus.runtime.Startup;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.interceptor.Interceptor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.eclipse.microprofile.rest.client.inject.RestClient;
import org.jboss.resteasy.reactive.RestResponse;

/**
 * Tells HipChat, and tries again while that can help and time is left. The loop is our own and not a library's because
 * the wait depends on what the last answer's headers say and on the one deadline that the event has for all its steps.
 */
@ApplicationScoped
@Startup(Interceptor.Priority.LIBRARY_AFTER)
public class HipChat {

    /** A try that has less time than this would most likely end unclear, which is worse than not tried. */
    private static final Duration SHORTEST_TRY = Duration.ofMillis(200);

    /** HipChat's error objects have some hundred bytes; whatever else answers may have any number. */
    private static final int LONGEST_BODY = 256 * 1024;

    private static final Duration COME_BACK = Duration.ofSeconds(5);

    /** A longer silence is a slip of HipChat's, and a sender that kept to it would be as good as gone. */
    private static final Duration LONGEST_COME_BACK = Duration.ofDays(1);

    /** Waits end a little late, so a try that was meant to have {@link #SHORTEST_TRY} is made down to this. */
    private static final Duration NO_TRY_BELOW = Duration.ofMillis(50);

    /** Or below this part of a short deadline. */
    private static final int NO_TRY_BELOW_PART = 20;

    private final HipChatApi api;
    private final HipChatConfig config;
    private final Duration noTryBelow;
    private final InstantSource clock;
    private final Pause pause;
    private final RandomGenerator chance;
    private final MeterRegistry metrics;
    private final QuietRooms quietRooms;

    HipChat(
            @RestClient HipChatApi api,
            HipChatConfig config,
            InstantSource clock,
            Pause pause,
            RandomGenerator chance,
            MeterRegistry metrics) {
        this.api = api;
        this.config = config;
        this.noTryBelow = shorter(NO_TRY_BELOW, config.deadline().dividedBy(NO_TRY_BELOW_PART));
        this.clock = clock;
        this.pause = pause;
        this.chance = chance;
        this.metrics = metrics;
        this.quietRooms = new QuietRooms(clock);
        // Every label set is there from the start, so that a dashboard can tell "none yet" from "not measured".
        for (Verdict verdict : Verdict.values()) {
            timer(verdict);
        }
        retries();
    }

    /**
     * Sends {@code notification} to {@code room}, unless HipChat has said that it takes nothing now. No request begins
     * after {@code deadline}, and none is waited for beyond it: after that another instance may take the alert over.
     * Where HipChat names a moment for the next try, this ends, and the caller does the waiting.
     *
     * @param earlier requests that were made for this delivery before
     */
    public Telling tell(String room, Token token, Notification notification, int earlier, Deadline deadline) {
        Answer answer = Answer.NO_TRY;
        Ending ending = Ending.NOT_ACCEPTED;
        int attempts = earlier;
        // Looked at before each try and the first too: the steps before, or a wait, may have taken all the time.
        for (Duration left = deadline.left(); left.compareTo(noTryBelow) >= 0; left = deadline.left()) {
            Optional<Instant> quietUntil = quietRooms.until(room, token);
            if (quietUntil.isPresent()) {
                answer = Answer.quietUntil(quietUntil.get());
                return heldOff(answer, ending, attempts, false, deadline);
            }
            if (attempts > 0) {
                retries().increment();
            }
            answer = attempt(room, token, notification, left);
            attempts++;
            if (answer.verdict() == Verdict.ACCEPTED) {
                return new Telling(Status.SENT, Ending.ACCEPTED, attempts, "", Duration.ZERO, false);
            }
            if (answer.verdict() == Verdict.UNCLEAR) {
                ending = Ending.UNCLEAR;
            }
            if (!answer.verdict().isWorthAnotherTry()) {
                String detail = "HipChat refused the notification: " + answer.detail();
                return new Telling(Status.REFUSED, ending, attempts, detail, Duration.ZERO, false);
            }
            if (!untilHipChatListens(answer).isZero()) {
                return heldOff(answer, ending, attempts, true, deadline);
            }
            Duration spare = deadline.left().minus(SHORTEST_TRY);
            if (spare.isNegative() || spare.isZero() || !pause.isOver(Backoff.after(attempts, spare, chance))) {
                break;
            }
        }
        return new Telling(Status.FAILED, ending, attempts, tooLate(answer), COME_BACK, false);
    }

    /** HipChat has named the moment for the next try: to this delivery, which has just asked, or to others before it. */
    private Telling heldOff(Answer answer, Ending ending, int attempts, boolean asked, Deadline deadline) {
        Duration silence = untilHipChatListens(answer);
        Duration spare = deadline.left().minus(silence).minus(SHORTEST_TRY);
        boolean inTime = !spare.isNegative() && !spare.isZero();
        Duration jitter;
        if (asked) {
            jitter = inTime ? Backoff.after(attempts, spare, chance) : Duration.ZERO;
        } else {
            jitter = Backoff.amongMany(inTime ? spare : LONGEST_COME_BACK, chance);
        }
        Duration wait = silence.plus(jitter);
        return new Telling(Status.FAILED, ending, attempts, tooLate(answer), shorter(wait, LONGEST_COME_BACK), inTime);
    }

    private static String tooLate(Answer answer) {
        return "HipChat could not be told in time: " + answer.detail();
    }

    /** Tries {@code token} on {@code room} once, without a message in the room. */
    public Trial check(String room, Token token) {
        Answer answer = request(room, token, true, Notification.ofCheck(config), config.requestTimeout());
        return new Trial(answer.verdict() == Verdict.ACCEPTED, answer.detail());
    }

    private Answer attempt(String room, Token token, Notification notification, Duration left) {
        Duration timeout = shorter(left, config.requestTimeout());
        Timer.Sample sample = Timer.start(metrics);
        Answer answer = request(room, token, null, notification, timeout);
        sample.stop(timer(answer.verdict()));
        return answer;
    }

    private Answer request(String room, Token token, Boolean authTest, Notification notification, Duration timeout) {
        boolean inHeader = config.auth() == Auth.HEADER;
        Deadline end = Deadline.in(timeout, clock);
        try (RestResponse<InputStream> response = api.send(
                        PathSegment.encode(room),
                        inHeader ? "Bearer " + token.value() : null,
                        inHeader ? null : token.value(),
                        authTest,
                        notification)
                .await()
                .atMost(timeout)) {
            RateLimit.usedUpUntil(name -> values(response, name), clock.instant())
                    .ifPresent(moment -> quietRooms.heard(room, token, moment));
            if (Verdict.of(response.getStatus()) == Verdict.ACCEPTED) {
                return Answer.accepted(response.getStatus());
            }
            Optional<Instant> notBefore = RateLimit.notBefore(name -> values(response, name), clock.instant());
            return Answer.of(response.getStatus(), text(response, end.left()), notBefore, token);
        } catch (RuntimeException noAnswer) {
            return Answer.of(noAnswer, token);
        }
    }

    private static List<String> values(RestResponse<InputStream> response, String header) {
        return response.getStringHeaders().entrySet().stream()
                .filter(entry -> entry.getKey().equalsIgnoreCase(header))
                .flatMap(entry -> entry.getValue().stream())
                .toList();
    }

    /** The body's beginning, as far as it comes in time; whatever is wrong with it, the status has spoken. */
    private static String text(RestResponse<InputStream> response, Duration left) {
        return Uni.createFrom()
                .item(() -> beginning(response))
                .runSubscriptionOn(Infrastructure.getDefaultWorkerPool())
                .ifNoItem()
                .after(left.plusMillis(1))
                .recoverWithItem("")
                .await()
                .indefinitely();
    }

    private static String beginning(RestResponse<InputStream> response) {
        try (InputStream body = response.readEntity(InputStream.class)) {
            return new String(body.readNBytes(LONGEST_BODY), StandardCharsets.UTF_8);
        } catch (IOException | RuntimeException unreadable) {
            return "";
        }
    }

    private Duration untilHipChatListens(Answer answer) {
        return answer.notBefore()
                .map(moment -> Duration.between(clock.instant(), moment))
                .filter(wait -> !wait.isNegative())
                .orElse(Duration.ZERO);
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
