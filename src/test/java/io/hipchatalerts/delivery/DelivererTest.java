package io.hipchatalerts.delivery;

import static io.hipchatalerts.alert.Level.CRITICAL;
import static io.hipchatalerts.alert.Level.OK;
import static io.hipchatalerts.alert.Level.WARNING;
import static io.hipchatalerts.hipchat.ScriptedHipChat.body;
import static io.hipchatalerts.hipchat.ScriptedHipChat.failure;
import static io.hipchatalerts.hipchat.ScriptedHipChat.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Named.named;

import io.hipchatalerts.alert.AlertEvent;
import io.hipchatalerts.alert.Level;
import io.hipchatalerts.alert.StateChangesOnly;
import io.hipchatalerts.alert.TestEvents;
import io.hipchatalerts.alert.Token;
import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.config.TestConfig;
import io.hipchatalerts.hipchat.HipChatClient;
import io.hipchatalerts.hipchat.Notification;
import io.hipchatalerts.hipchat.RoomThrottle;
import io.hipchatalerts.hipchat.ScriptedHipChat;
import io.hipchatalerts.hipchat.SendResult;
import io.hipchatalerts.kapacitor.TopicHandlers;
import io.hipchatalerts.outcome.DeliveryOutcome;
import io.hipchatalerts.outcome.Reason;
import io.hipchatalerts.outcome.Status;
import io.hipchatalerts.routing.Delivery;
import io.hipchatalerts.state.AlertKey;
import io.hipchatalerts.state.AlertState;
import io.hipchatalerts.state.AlertStates;
import io.hipchatalerts.state.Claim;
import io.hipchatalerts.state.InDoubt;
import io.hipchatalerts.state.LastSent;
import io.hipchatalerts.state.TestAlertStates;
import io.hipchatalerts.state.store.FaultyStore;
import io.hipchatalerts.state.store.MemoryStore;
import io.hipchatalerts.state.store.StateStore;
import io.hipchatalerts.time.Deadline;
import io.hipchatalerts.time.Jitter;
import io.hipchatalerts.time.Pause;
import io.hipchatalerts.time.VirtualTime;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Claim, send and settle over a memory store, with HipChat scripted, in virtual time. */
class DelivererTest {

    private static final Instant START = Instant.parse("2026-05-02T09:15:30.25Z");
    private static final Duration DEADLINE = Duration.ofSeconds(25);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(5);

    /** With state changes only, a tenth of the deadline is left to settle. */
    private static final Instant SEND_BY = START.plusMillis(22_500);

    private static final Token TOKEN = new Token("s3cret");
    private static final Delivery CHANGES_ONLY = delivery(StateChangesOnly.ON);
    private static final Delivery EVERY_EVENT = delivery(StateChangesOnly.OFF);

    private final VirtualTime time = new VirtualTime(START);
    private final ScriptedHipChat hipChat = new ScriptedHipChat(time);
    private final RoomThrottle throttle = ScriptedHipChat.throttle(time);
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final MemoryStore memory = new MemoryStore(time);
    private final FaultyStore faulty = new FaultyStore(memory);
    private final RandomGenerator owners = new SplittableRandom(7);
    private StateStore store = memory;
    private Pause pause = time;
    private RandomGenerator random = Jitter.LEAST;

    // Tries

    @Test
    void anAcceptedMessageTakesOneRequest() {
        AlertEvent event = event(CRITICAL, 0);

        DeliveryOutcome outcome = deliver(event, CHANGES_ONLY);

        assertThat(outcome).isEqualTo(sent(1));
        assertThat(hipChat.requests())
                .containsExactly(new ScriptedHipChat.Request(
                        START,
                        "a",
                        "Bearer s3cret",
                        null,
                        null,
                        Notification.of(event.level(), event.message(), TestConfig.with())));
        assertThat(time.pauses()).isEmpty();
        assertSettled(LastSent.CRITICAL);
    }

    static Stream<Named<ScriptedHipChat.Answer>> transientFailures() {
        return Stream.of(
                named("408", status(408)),
                named("429", status(429)),
                named("500", status(500)),
                named("503", status(503)),
                named("no connection", failure(new ConnectException("Connection refused"))),
                named("connection lost", failure(new IOException("Connection was closed"))));
    }

    @ParameterizedTest
    @MethodSource("transientFailures")
    void aTransientFailureIsRetried(ScriptedHipChat.Answer failure) {
        hipChat.answers(failure);

        assertThat(deliver(CRITICAL, 0)).isEqualTo(sent(2));
        assertSettled(LastSent.CRITICAL);
    }

    @Test
    void aRefusalIsFinal() {
        deliver(WARNING, 0);
        hipChat.answers(body(401, "{\"error\":{\"message\":\"Invalid OAuth session s3cret\"}}"));

        assertThat(deliver(CRITICAL, 1))
                .isEqualTo(DeliveryOutcome.refused(
                        "h", "a", 1, false, "HipChat refused the message: 401 Invalid OAuth session ***"));
        assertThat(time.pauses()).isEmpty();
        assertSettled(LastSent.WARNING);
    }

    @ParameterizedTest
    @CsvSource({"204, 0, SENT, CRITICAL", "401, 0, REFUSED, UNKNOWN", "429, 3600, FAILED, UNKNOWN"})
    void anUnclearTryStaysInDoubtWhateverTheNextOneBrings(
            int status, int retryAfter, Status outcome, LastSent lastSent) {
        hipChat.answers(status(500), status(status, "Retry-After", retryAfter));

        assertThat(deliver(CRITICAL, 0).status()).isEqualTo(outcome);

        assertThat(hipChat.times()).containsExactly(START, START);
        assertSettled(lastSent);
        assertThat(state().inDoubt()).contains(new InDoubt(Optional.of(CRITICAL), START.plus(REQUEST_TIMEOUT)));
    }

    @Test
    void withoutAConnectionTriesGoOnUntilNoTimeIsLeft() {
        hipChat.alwaysAnswers(failure(new ConnectException("Connection refused")));
        random = new Random(7);

        DeliveryOutcome outcome = deliver(CRITICAL, 0);

        assertThat(outcome)
                .isEqualTo(failed(
                        hipChat.requests().size(),
                        "HipChat did not accept the message in time: no answer, ConnectException: Connection refused",
                        Duration.ofSeconds(5)));
        assertThat(hipChat.times()).hasSizeGreaterThan(5).allMatch(SEND_BY.minusMillis(199)::isAfter);
        assertSettled(LastSent.NOTHING);
    }

    @ParameterizedTest
    @CsvSource({"429, 10", "503, 7", "429, 22"})
    void aNamedMomentWithinTheDeadlineIsWaitedFor(int status, int seconds) {
        hipChat.answers(status(status, "Retry-After", seconds));

        assertThat(deliver(CRITICAL, 0).status()).isEqualTo(Status.SENT);

        assertThat(hipChat.times()).containsExactly(START, START.plusSeconds(seconds));
    }

    @Test
    void aNamedMomentIsFollowedByJitter() {
        hipChat.answers(status(429, "Retry-After", 10));
        random = new Random(1);

        deliver(CRITICAL, 0);

        assertThat(hipChat.times().get(1)).isBetween(START.plusMillis(10_001), START.plusMillis(10_200));
    }

    @ParameterizedTest
    @ValueSource(ints = {23, 25, 60})
    void aNamedMomentPastTheDeadlineEndsTheDeliveryAtOnce(int seconds) {
        hipChat.answers(status(429, "Retry-After", seconds));

        assertThat(deliver(CRITICAL, 0))
                .isEqualTo(failed(1, "HipChat did not accept the message in time: 429", Duration.ofSeconds(seconds)));
        assertThat(time.pauses()).isEmpty();
    }

    @Property(seed = "20260502", tries = 300)
    void noRequestComesTooLateOrBeforeTheNamedMoment(
            @ForAll long seed,
            @ForAll boolean changesOnly,
            @ForAll @LongRange(min = 1_000, max = 30_000) long deadlineMillis,
            @ForAll @IntRange(max = 3_000) int answerMillis,
            @ForAll @IntRange(max = 10) int namedSeconds) {
        DelivererTest test = new DelivererTest();
        test.hipChat.alwaysAnswers(
                status(429, "Retry-After", namedSeconds).after(() -> test.time.pass(Duration.ofMillis(answerMillis))));
        test.random = new Random(seed);
        Deliverer deliverer = test.deliverer("deadline", deadlineMillis + "ms");

        DeliveryOutcome outcome = deliverer.deliver(
                event(CRITICAL, 0),
                changesOnly ? CHANGES_ONLY : EVERY_EVENT,
                Deadline.in(Duration.ofMillis(deadlineMillis), test.time));

        List<Instant> times = test.hipChat.times();
        assertThat(outcome.status()).isEqualTo(Status.FAILED);
        assertThat(outcome.attempts()).isEqualTo(times.size()).isPositive();
        long settling = changesOnly ? Math.min(Math.max(1_000, deadlineMillis / 10), deadlineMillis / 5) : 0;
        Instant latest = START.plusMillis(deadlineMillis - settling - 50);
        assertThat(times).noneMatch(latest::isBefore);
        Duration apart = Duration.ofMillis(answerMillis).plusSeconds(namedSeconds);
        for (int i = 1; i < times.size(); i++) {
            assertThat(Duration.between(times.get(i - 1), times.get(i))).isGreaterThanOrEqualTo(apart);
        }
    }

    @Test
    void afterTheDeadlineNoRequestIsMade() {
        DeliveryOutcome outcome = deliverer().deliver(event(CRITICAL, 0), CHANGES_ONLY, new Deadline(START, time));

        assertThat(outcome)
                .isEqualTo(failed(
                        0,
                        "HipChat did not accept the message in time: no time was left for a try",
                        Duration.ofSeconds(5)));
        assertThat(hipChat.requests()).isEmpty();
        assertSettled(LastSent.NOTHING);
    }

    @ParameterizedTest
    @CsvSource({"25s, 50, true", "25s, 49, false", "500ms, 25, true", "500ms, 24, false"})
    void aTryWithHardlyAnyTimeForAnAnswerIsNotMade(String whole, int leftMillis, boolean isMade) {
        DeliveryOutcome outcome = deliverer("deadline", whole)
                .deliver(event(CRITICAL, 0), EVERY_EVENT, Deadline.in(Duration.ofMillis(leftMillis), time));

        assertThat(outcome.attempts()).isEqualTo(hipChat.requests().size()).isEqualTo(isMade ? 1 : 0);
        assertThat(outcome.status()).isEqualTo(isMade ? Status.SENT : Status.FAILED);
    }

    @Test
    void theLastTryIsMadeThoughTheWaitBeforeItEndsALittleLate() {
        hipChat.alwaysAnswers(status(500));
        random = Jitter.MOST;
        pause = length -> time.pause(length.plusMillis(20));

        deliver(CRITICAL, 0);

        assertThat(hipChat.times().get(hipChat.times().size() - 1))
                .isBetween(SEND_BY.minusMillis(200), SEND_BY.minusMillis(150));
    }

    @Test
    void aProcessThatStoodStillPastTheDeadlineMakesNoFurtherRequest() {
        hipChat.answers(status(429));
        pause = length -> time.pause(length.plus(Duration.ofMinutes(5)));

        DeliveryOutcome outcome = deliver(CRITICAL, 0);

        assertThat(outcome.status()).isEqualTo(Status.FAILED);
        assertThat(outcome.attempts()).isEqualTo(hipChat.requests().size()).isOne();
        assertSettled(LastSent.NOTHING);
    }

    @Test
    @Timeout(60)
    void aTryTakesNoMoreTimeThanIsLeft() {
        hipChat.alwaysAnswers(hipChat.nothing());

        DeliveryOutcome outcome = deliverer("request-timeout", "1h")
                .deliver(event(CRITICAL, 0), EVERY_EVENT, Deadline.in(Duration.ofMillis(200), time));

        assertThat(outcome.status()).isEqualTo(Status.FAILED);
        assertThat(outcome.attempts()).isOne();
        assertThat(hipChat.cancelled()).isOne();
    }

    @Test
    @Timeout(60)
    void aTryThatTakesLongerThanTheRequestTimeoutIsGivenUpAndRetried() {
        hipChat.answers(hipChat.nothing());

        DeliveryOutcome outcome =
                deliverer("request-timeout", "50ms").deliver(event(CRITICAL, 0), CHANGES_ONLY, deadline());

        assertThat(outcome).isEqualTo(sent(2));
        assertThat(hipChat.cancelled()).isOne();
    }

    @Test
    void retriesAreCounted() {
        hipChat.answers(status(500), status(429), status(204), status(204), status(429, "Retry-After", 60));

        deliver(CRITICAL, 0);
        deliver(WARNING, 1);
        deliver(CRITICAL, 2);

        assertThat(metrics.get("hipchat.notify.retries").counter().count()).isEqualTo(2);
    }

    // A room that is known to be rate-limited

    /** After a second its limit may be lifted. */
    @ParameterizedTest(name = "closed for {0} ms: tried after {1} ms")
    @CsvSource({"700, 700", "60000, 1000"})
    void aRoomThatIsRateLimitedGetsNoRequestUntilItsMomentOrForASecond(int closedMillis, int triedAfterMillis) {
        throttle.close("a", TOKEN, START.plusMillis(closedMillis));

        assertThat(deliver(CRITICAL, 0)).isEqualTo(sent(1));

        assertThat(hipChat.times()).containsExactly(START.plusMillis(triedAfterMillis));
    }

    @Test
    void aRoomThatIsRateLimitedPastTheDeadlineIsADefiniteFailureWithoutARequest() {
        throttle.close("a", TOKEN, START.plusSeconds(60));

        DeliveryOutcome outcome =
                deliverer().deliver(event(CRITICAL, 0), CHANGES_ONLY, Deadline.in(Duration.ofSeconds(1), time));

        assertThat(outcome)
                .isEqualTo(failed(
                        0,
                        "HipChat did not accept the message in time: the room is rate-limited at the moment",
                        Duration.ofSeconds(1)));
        assertThat(hipChat.requests()).isEmpty();
        assertSettled(LastSent.NOTHING);
    }

    @Test
    void deliveriesThatWaitForTheSameMomentComeBackSecondsApart() {
        Instant reset = START.plusSeconds(1);
        random = new Random(3);

        List<Instant> first = Stream.generate(DelivererTest::new)
                .limit(100)
                .map(test -> {
                    test.throttle.close("a", TOKEN, reset);
                    test.random = random;
                    test.deliver(CRITICAL, 0);
                    return test.hipChat.times().get(0);
                })
                .sorted()
                .toList();

        assertThat(first.get(0)).isBetween(reset, reset.plusMillis(500));
        assertThat(first.get(99)).isBetween(reset.plusMillis(4_500), reset.plusMillis(5_000));
    }

    // Other deliveries of the same alert

    @ParameterizedTest
    @CsvSource({
        "429, WARNING, 1, STALE, 0",
        "429, WARNING, 0, STALE, 0",
        "429, CRITICAL, 0, UNCHANGED, 0",
        "500, OK, 1, STALE, 5",
        "500, CRITICAL, 1, STALE, 0"
    })
    void anEventThatWaitsForItsNextTryLeavesItsPlaceToALaterOne(
            int status, Level level, int second, Reason reason, int afterSeconds) {
        hipChat.answers(status(status, "Retry-After", 1));
        AtomicReference<DeliveryOutcome> later = new AtomicReference<>();
        pause = atPause(1, () -> {
            pause = time;
            later.set(deliver(level, second));
        });

        DeliveryOutcome outcome = deliver(CRITICAL, 0);

        assertThat(later.get()).isEqualTo(sent(1));
        assertThat(outcome).isEqualTo(suppressed(reason, 1));
        assertThat(hipChat.requests()).hasSize(2);
        // The request of another level waits until the first one is no longer in doubt.
        assertThat(hipChat.times().get(1)).isAfterOrEqualTo(START.plusSeconds(Math.max(1, afterSeconds)));
        assertSettled(LastSent.of(level));
    }

    @Test
    void aDeliveryWaitsForAnotherOnesLeaseAndDecidesAgain() {
        AlertStates other = states();
        Claim.Granted first = granted(other, event(CRITICAL, 0), DEADLINE);
        pause = atPause(2, () -> other.settle(first, new SendResult.Accepted("204"), Optional.empty()));

        DeliveryOutcome outcome = deliver(CRITICAL, 1);

        assertThat(outcome).isEqualTo(suppressed(Reason.UNCHANGED, 0));
        assertThat(time.pauses()).hasSize(2);
        assertThat(hipChat.requests()).isEmpty();
    }

    @Test
    void aLeaseThatNeverEndsInTimeFailsTheDeliveryAtTheDeadline() {
        granted(states(), event(CRITICAL, 0), DEADLINE);

        DeliveryOutcome outcome = deliver(OK, 1);

        assertThat(outcome)
                .isEqualTo(failed(
                        0,
                        "Another delivery of this alert is under way",
                        REQUEST_TIMEOUT.plus(AlertStates.LEASE_MARGIN)));
        assertThat(time.instant()).isEqualTo(START.plus(DEADLINE));
        assertThat(hipChat.requests()).isEmpty();
    }

    @Test
    void aLeaseOfADeadProcessEndsByItselfAndTheLevelIsUnknownThen() {
        deliver(CRITICAL, 0);
        granted(states(), event(OK, 1), Duration.ofSeconds(1));

        assertThat(deliver(CRITICAL, 2).status()).isEqualTo(Status.SENT);

        assertThat(hipChat.times().get(1))
                .isBetween(START.plusSeconds(11), START.plusSeconds(11).plusMillis(400));
    }

    @ParameterizedTest(name = "{0} after an unclear CRITICAL: sent after {1} ms at the earliest, {2} ms at the latest")
    @CsvSource({"OK, 5000, 5400", "CRITICAL, 0, 0"})
    void onlyAnotherLevelWaitsUntilTheUnclearRequestIsOver(Level level, int earliest, int latest) {
        hipChat.answers(status(500), status(401));
        deliver(CRITICAL, 0);

        assertThat(deliver(level, 1).status()).isEqualTo(Status.SENT);

        assertThat(hipChat.times().get(2)).isBetween(START.plusMillis(earliest), START.plusMillis(latest));
    }

    @Test
    void aStaleEventIsSuppressedWithoutARequest() {
        deliver(OK, 1);

        assertThat(deliver(CRITICAL, 0)).isEqualTo(suppressed(Reason.STALE, 0));
        assertThat(hipChat.requests()).isEmpty();
    }

    // What must not happen

    static Stream<Named<Throwable>> bugs() {
        return Stream.of(
                named("exception", new IllegalStateException("a bug")), named("error", new StackOverflowError()));
    }

    /** The exception comes from the wait before the next try: the client makes results of those in a request. */
    @ParameterizedTest
    @MethodSource("bugs")
    void aBugBetweenClaimAndSettleLeavesNoLease(Throwable bug) {
        hipChat.answers(
                bug instanceof Error error
                        ? () -> {
                            throw error;
                        }
                        : status(429));
        random = () -> {
            throw (RuntimeException) bug;
        };

        assertThatThrownBy(() -> deliver(CRITICAL, 0)).isSameAs(bug);

        assertSettled(LastSent.UNKNOWN);
        assertThat(state().inDoubt()).contains(new InDoubt(Optional.of(CRITICAL), START.plus(REQUEST_TIMEOUT)));
        random = Jitter.LEAST;
        assertThat(deliver(OK, 1).status()).isEqualTo(Status.SENT);
        assertThat(hipChat.times().get(1)).isAfterOrEqualTo(START.plus(REQUEST_TIMEOUT));
    }

    @Test
    void anExceptionOfTheRestClientIsAnUnclearTry() {
        hipChat.answers(() -> {
            throw new IllegalStateException("a bug");
        });

        assertThat(deliver(CRITICAL, 0)).isEqualTo(sent(2));
        assertThat(state().inDoubt()).isPresent();
    }

    @Test
    void anInterruptEndsTheWaitForTheNextTry() {
        hipChat.answers(status(429).after(() -> Thread.currentThread().interrupt()));

        DeliveryOutcome outcome = deliver(CRITICAL, 0);

        assertThat(Thread.interrupted()).isTrue();
        assertThat(outcome.status()).isEqualTo(Status.FAILED);
        assertThat(outcome.attempts()).isEqualTo(hipChat.requests().size()).isOne();
        assertThat(state().lease()).isEmpty();
    }

    @Test
    @Timeout(60)
    void anInterruptEndsTheWaitForAnAnswer() {
        hipChat.answers(hipChat.nothing().after(() -> Thread.currentThread().interrupt()));

        DeliveryOutcome outcome = deliver(CRITICAL, 0);

        assertThat(Thread.interrupted()).isTrue();
        assertThat(outcome.status()).isEqualTo(Status.FAILED);
        assertThat(hipChat.requests()).hasSize(1);
        assertThat(state().lease()).isEmpty();
        assertThat(state().inDoubt()).isPresent();
    }

    @Test
    void anInterruptEndsTheWaitForALease() {
        granted(states(), event(CRITICAL, 0), DEADLINE);
        Thread.currentThread().interrupt();

        DeliveryOutcome outcome = deliver(OK, 1);

        assertThat(Thread.interrupted()).isTrue();
        assertThat(outcome.status()).isEqualTo(Status.FAILED);
        assertThat(time.instant()).isEqualTo(START);
    }

    // The state store

    @ParameterizedTest
    @ValueSource(ints = {204, 401, 500})
    void withoutStateChangesOnlyNoStoreIsTouched(int status) {
        store = faulty;
        faulty.isAvailable(false);
        hipChat.answers(status(status));

        DeliveryOutcome outcome = deliver(event(CRITICAL, 0), EVERY_EVENT);

        assertThat(outcome.degraded()).isFalse();
        assertThat(outcome.status()).isEqualTo(status == 401 ? Status.REFUSED : Status.SENT);
        assertThat(faulty.loads()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "send, CRITICAL, 204, SENT, , 1",
        "send, CRITICAL, 401, REFUSED, , 1",
        "send, CRITICAL, 429, FAILED, , 1",
        "previous-level, OK, 204, SENT, , 1",
        "previous-level, CRITICAL, 204, SUPPRESSED, UNCHANGED, 0",
        "fail, OK, 204, FAILED, , 0"
    })
    void withoutTheStoreTheOutcomeIsDegraded(
            String onOutage, Level previous, int status, Status expected, Reason reason, int attempts) {
        store = faulty;
        faulty.isAvailable(false);
        hipChat.answers(status(status, "Retry-After", 60));

        DeliveryOutcome outcome = deliverer("state.on-outage", onOutage)
                .deliver(event(CRITICAL, Optional.of(previous), 0), CHANGES_ONLY, deadline());

        assertThat(outcome.degraded()).isTrue();
        assertThat(outcome.status()).isEqualTo(expected);
        assertThat(outcome.reason()).isEqualTo(reason);
        assertThat(outcome.attempts()).isEqualTo(attempts);
    }

    @Test
    void aDeliveryThatTheStoreFailsNamesATimeToComeBack() {
        store = faulty;
        faulty.isAvailable(false);

        assertThat(deliverer("state.on-outage", "fail").deliver(event(CRITICAL, 0), CHANGES_ONLY, deadline()))
                .isEqualTo(DeliveryOutcome.failed(
                        "h", "a", 0, true, "The state store is unavailable", Duration.ofSeconds(5)));
    }

    @Test
    void aStoreThatFailsAfterHipChatAcceptedIsSettledByTheNextEvent() {
        store = faulty;
        hipChat.answers(status(204).after(() -> faulty.isAvailable(false)));
        Deliverer deliverer = deliverer();

        DeliveryOutcome outcome = deliverer.deliver(event(CRITICAL, 0), CHANGES_ONLY, deadline());

        assertThat(outcome).isEqualTo(DeliveryOutcome.sent("h", "a", 1, true));
        faulty.isAvailable(true);
        assertThat(deliverer.deliver(event(CRITICAL, 1), CHANGES_ONLY, deadline()))
                .isEqualTo(suppressed(Reason.UNCHANGED, 0));
    }

    private static DeliveryOutcome sent(int attempts) {
        return DeliveryOutcome.sent("h", "a", attempts, false);
    }

    private static DeliveryOutcome suppressed(Reason reason, int attempts) {
        return DeliveryOutcome.suppressed("h", "a", reason, attempts, false);
    }

    private static DeliveryOutcome failed(int attempts, String detail, Duration retryAfter) {
        return DeliveryOutcome.failed("h", "a", attempts, false, detail, retryAfter);
    }

    private Deadline deadline() {
        return Deadline.in(DEADLINE, time);
    }

    private DeliveryOutcome deliver(Level level, int second) {
        return deliver(event(level, second), CHANGES_ONLY);
    }

    private DeliveryOutcome deliver(AlertEvent event, Delivery delivery) {
        return deliverer().deliver(event, delivery, deadline());
    }

    /** Returns the deliverer of another instance. */
    private Deliverer deliverer(String... settings) {
        HipChatConfig config = TestConfig.with(withoutPending(settings));
        AlertStates states = TestAlertStates.over(store, config, time, owners);
        HipChatClient client = hipChat.client(config, throttle, metrics);
        PendingDeliveries pending = new PendingDeliveries(
                config,
                states,
                client,
                throttle,
                new TopicHandlers(List.of()),
                time,
                Runnable::run,
                (delay, task) -> {},
                new PendingLog(metrics, time));
        return new Deliverer(config, states, client, throttle, pending, time, pause, random, metrics);
    }

    /** Changes that are kept are the subject of PendingDeliveriesTest. */
    private static String[] withoutPending(String... settings) {
        return Stream.concat(Stream.of(settings), Stream.of("pending.enabled", "false"))
                .toArray(String[]::new);
    }

    private AlertStates states() {
        return TestAlertStates.over(store, TestConfig.with(), time, owners);
    }

    private Claim.Granted granted(AlertStates states, AlertEvent event, Duration deadline) {
        return (Claim.Granted) states.claim(event, CHANGES_ONLY, false, Deadline.in(deadline, time));
    }

    /** Runs {@code step} at the end of the pause with this number. */
    private Pause atPause(int number, Runnable step) {
        return length -> {
            time.pause(length);
            if (time.pauses().size() == number) {
                step.run();
            }
        };
    }

    private void assertSettled(LastSent lastSent) {
        assertThat(state().lastSent()).isEqualTo(lastSent);
        assertThat(state().lease()).isEmpty();
        assertThat(state().pending()).isEmpty();
    }

    private AlertState state() {
        String key = new AlertKey("", "h", "cpu", "a").under("hipchat-alerts");
        return memory.load(key).orElseThrow().state();
    }

    private static AlertEvent event(Level level, int second) {
        return event(level, Optional.empty(), second);
    }

    private static AlertEvent event(Level level, Optional<Level> previous, int second) {
        return TestEvents.event("cpu", "cpu is " + level, level, previous, START.plusSeconds(second));
    }

    private static Delivery delivery(StateChangesOnly stateChangesOnly) {
        return new Delivery(Optional.empty(), Optional.of("h"), "a", TOKEN, true, stateChangesOnly);
    }
}
