package io.hipchatalerts.delivery;

import static io.hipchatalerts.alert.Level.CRITICAL;
import static io.hipchatalerts.alert.Level.OK;
import static io.hipchatalerts.alert.Level.WARNING;
import static io.hipchatalerts.hipchat.ScriptedHipChat.body;
import static io.hipchatalerts.hipchat.ScriptedHipChat.failure;
import static io.hipchatalerts.hipchat.ScriptedHipChat.status;
import static io.hipchatalerts.state.TestRecords.withDoubt;
import static io.hipchatalerts.state.TestRecords.withLastSent;
import static io.hipchatalerts.state.TestRecords.withLastSentAt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hipchatalerts.CapturedLog;
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
import io.hipchatalerts.kapacitor.TopicHandler;
import io.hipchatalerts.kapacitor.TopicHandlers;
import io.hipchatalerts.outcome.DeliveryOutcome;
import io.hipchatalerts.outcome.FlushOutcome;
import io.hipchatalerts.outcome.FlushOutcome.Flushed;
import io.hipchatalerts.outcome.Reason;
import io.hipchatalerts.outcome.Status;
import io.hipchatalerts.routing.Delivery;
import io.hipchatalerts.state.AlertKey;
import io.hipchatalerts.state.AlertState;
import io.hipchatalerts.state.AlertStates;
import io.hipchatalerts.state.Claim;
import io.hipchatalerts.state.InDoubt;
import io.hipchatalerts.state.LastSent;
import io.hipchatalerts.state.Pending;
import io.hipchatalerts.state.TestAlertStates;
import io.hipchatalerts.state.store.FaultyStore;
import io.hipchatalerts.state.store.MemoryStore;
import io.hipchatalerts.state.store.SmallMemory;
import io.hipchatalerts.state.store.StateStore;
import io.hipchatalerts.state.store.StoreUnavailable;
import io.hipchatalerts.state.store.Versioned;
import io.hipchatalerts.time.Deadline;
import io.hipchatalerts.time.Pause;
import io.hipchatalerts.time.VirtualTime;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.ConnectException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Pending changes from the event that cannot be sent to its end, in virtual time. The store passes for a shared one,
 * unless a test says otherwise; HipChat is scripted.
 */
class PendingDeliveriesTest {

    private static final Instant START = Instant.parse("2026-05-02T09:15:30.25Z");
    private static final Duration DEADLINE = Duration.ofSeconds(25);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(5);
    private static final Token TOKEN = new Token("s3cret");
    private static final Delivery TO_A = delivery("a", null);

    /** Longer than any backoff, and shorter than the poll in most tests. */
    private static final Duration A_WHILE = Duration.ofMinutes(2);

    private static final ScriptedHipChat.Answer FULL = status(429, "Retry-After", 10);

    private final VirtualTime time = new VirtualTime(START);
    private final VirtualTimer timer = new VirtualTimer(time);
    private final ScriptedHipChat hipChat = new ScriptedHipChat(time);
    private final MemoryStore memory = new MemoryStore(time);
    private final FaultyStore shared = new FaultyStore(memory);
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final RandomGenerator chance = new SplittableRandom(7);
    private final CapturedLog log = new CapturedLog("io.hipchatalerts.pending", "%p %s");
    private StateStore store = shared;
    private List<TopicHandler> handlers = List.of();

    @AfterEach
    void leaveTheLog() {
        log.close();
    }

    // Answers

    @ParameterizedTest
    @CsvSource({"429, RATE_LIMITED", "503, UNAVAILABLE", "408, UNAVAILABLE"})
    void aNamedMomentMakesTheChangePendingAtOnce(int status, Reason reason) {
        Instance instance = started();
        hipChat.answers(status(status, "Retry-After", 10));

        assertThat(instance.deliver("cpu", CRITICAL, 0)).isEqualTo(kept(reason, 1));

        assertThat(time.instant()).isEqualTo(START);
        assertThat(pending("cpu").due()).isEqualTo(START.plusSeconds(10));
    }

    @Test
    void withoutANamedMomentTriesGoOnUntilNoTimeIsLeft() {
        Instance instance = started();
        hipChat.alwaysAnswers(failure(new ConnectException("Connection refused")));

        DeliveryOutcome outcome = instance.deliver("cpu", CRITICAL, 0);

        assertThat(outcome)
                .isEqualTo(kept(Reason.UNAVAILABLE, hipChat.requests().size()));
        assertThat(outcome.attempts()).isGreaterThan(5);
        assertThat(pending("cpu").due()).isEqualTo(time.instant());
    }

    @Test
    void aChangeThatWaitsForAnotherDeliveryIsPendingAsUnderWay() {
        Instance instance = started();
        Claim.Granted other = granted("cpu", CRITICAL, 0);

        assertThat(instance.deliver("cpu", OK, 1)).isEqualTo(kept(Reason.UNDER_WAY, 0));
        assertThat(hipChat.requests()).isEmpty();

        states().settle(other, new SendResult.Accepted("204"), Optional.empty());
        timer.pass(Duration.ofSeconds(30));
        assertThat(messages()).containsExactly("cpu is OK");
    }

    @Test
    void aChangeThatWaitsForARequestInDoubtIsPendingAsUnderWayAndSentOnceThatIsOver() {
        Instance instance = started();
        hipChat.answers(status(500), status(401));
        instance.deliver("cpu", CRITICAL, 0);

        DeliveryOutcome outcome =
                instance.deliverer(time).deliver(event("cpu", OK, 1), TO_A, Deadline.in(Duration.ofSeconds(1), time));

        assertThat(outcome).isEqualTo(kept(Reason.UNDER_WAY, 0));
        int before = timer.count();
        timer.pass(Duration.ofSeconds(20));
        assertThat(hipChat.requests()).hasSize(3);
        Instant over = START.plus(REQUEST_TIMEOUT);
        assertThat(hipChat.times().get(2)).isBetween(over, over.plusSeconds(3));
        assertThat(timer.count() - before).as("no hot loop").isLessThan(6);
    }

    @Test
    void onlyARoomThatIsUnavailableGetsNoTryAndOnlyUntilItsNextTryIsDue() {
        Instance instance = withPendingChange();

        assertThat(instance.deliver("disk", CRITICAL, 0)).isEqualTo(kept(Reason.RATE_LIMITED, 0));
        assertThat(instance.deliver("net", OK, 0)).as("no news").isEqualTo(suppressed(Reason.UNCHANGED, 0));
        assertThat(instance.deliver("b", "cpu", CRITICAL).status()).isEqualTo(Status.SENT);
        time.pass(Duration.ofSeconds(11));
        assertThat(instance.deliver("memory", CRITICAL, 0).attempts()).isOne();
    }

    @Test
    void anEventThatHipChatAcceptsEndsTheOutageOfItsRoom() {
        Instance instance = withPendingChange();
        hipChat.answers(status(503, "Retry-After", 30));
        time.pass(Duration.ofSeconds(11));
        instance.deliver("disk", CRITICAL, 0);
        time.pass(Duration.ofSeconds(31));

        assertThat(instance.deliver("memory", CRITICAL, 0).status()).isEqualTo(Status.SENT);

        timer.pass(Duration.ofMillis(100));
        assertThat(messages().subList(3, 5)).containsExactlyInAnyOrder("cpu is CRITICAL", "disk is CRITICAL");
    }

    @Test
    void withTheMemoryStoreTheCallerIsToldToTryAgainAndTheChangeIsSentAllTheSame() {
        store = memory;
        Instance instance = started();
        hipChat.alwaysAnswers(status(503));

        DeliveryOutcome outcome = instance.deliver("cpu", CRITICAL, 0);

        assertThat(outcome.status()).isEqualTo(Status.FAILED);
        assertThat(outcome.reason()).isEqualTo(Reason.UNAVAILABLE);
        assertThat(outcome.detail()).contains("hipchat.state.store=memory");
        assertThat(outcome.retryAfter()).isBetween(Duration.ZERO, Duration.ofSeconds(1));
        hipChat.alwaysAnswers(status(204));
        timer.pass(Duration.ofSeconds(2));
        assertThat(messages()).last().isEqualTo("cpu is CRITICAL");
        assertThat(ended()).containsExactly("sent=1");
    }

    @Test
    void withTheMemoryStoreANamedMomentWithinTheDeadlineIsWaitedFor() {
        store = memory;
        Instance instance = started();
        hipChat.answers(FULL);

        assertThat(instance.deliver("cpu", CRITICAL, 0)).isEqualTo(DeliveryOutcome.sent(null, "a", 2, false));
    }

    @ParameterizedTest
    @CsvSource({"own token, 1, false", "store, 1, true", "disabled, 1, false", "every event, 1, false"})
    void anEventThatCannotBeKeptFails(String why, int attempts, boolean isDegraded) {
        Instance instance = why.equals("disabled") ? started("pending.enabled", "false") : started();
        hipChat.alwaysAnswers(status(429, "Retry-After", 60));
        if (why.equals("store")) {
            shared.isAvailable(false);
        }
        StateChangesOnly changes = why.equals("every event") ? StateChangesOnly.OFF : StateChangesOnly.ON;
        boolean canBeKept = !why.equals("own token");

        DeliveryOutcome outcome = instance.deliver(
                event("cpu", CRITICAL, 0),
                new Delivery(Optional.empty(), Optional.empty(), "a", TOKEN, canBeKept, changes));

        assertThat(outcome.status()).isEqualTo(Status.FAILED);
        assertThat(outcome.reason()).isNull();
        assertThat(outcome.attempts()).isEqualTo(attempts);
        assertThat(outcome.degraded()).isEqualTo(isDegraded);
        assertThat(memory.pendingCount()).isZero();
        shared.isAvailable(true);
        hipChat.alwaysAnswers(status(204));
        timer.pass(Duration.ofMinutes(10));
        assertThat(hipChat.requests()).hasSize(attempts);
    }

    @Test
    void aSecondAlertOfAnOutageOfTheStoreIsNotKeptThoughItsRoomIsUnavailable() {
        Instance instance = withPendingChange();
        hipChat.answers(FULL);
        shared.isAvailable(false);

        DeliveryOutcome outcome = instance.deliver("disk", CRITICAL, 0);

        assertThat(outcome.status()).isEqualTo(Status.FAILED);
        assertThat(outcome.degraded()).isTrue();
        assertThat(outcome.attempts()).isOne();
    }

    // Newer events and the same event again

    @ParameterizedTest
    @CsvSource({"WARNING, 1", "WARNING, 0", "CRITICAL, 1"})
    void aNewerEventTakesThePlaceOfThePendingOneWhichIsStale(Level level, int second) {
        Instance instance = withPendingChange();
        time.pass(Duration.ofSeconds(5));

        instance.deliver("cpu", level, second);

        assertThat(ended()).containsExactly("stale=1");
        assertThat(log.lines())
                .singleElement()
                .asString()
                .startsWith("INFO id=\"cpu\" level=CRITICAL topic=- room=\"a\" status=stale reason=none attempts=0")
                .contains(" pending-ms=5000");
        timer.pass(A_WHILE);
        assertThat(messages()).last().isEqualTo("cpu is " + level);
        assertThat(messages().stream().filter("cpu is CRITICAL"::equals).count())
                .isLessThanOrEqualTo(level == CRITICAL ? 2 : 1);
    }

    @Test
    void anEventThatIsNoNewsDropsThePendingOne() {
        Instance instance = started();
        instance.deliver("cpu", CRITICAL, 0);
        hipChat.answers(FULL);
        instance.deliver("cpu", OK, 1);

        assertThat(instance.deliver("cpu", CRITICAL, 2)).isEqualTo(suppressed(Reason.UNCHANGED, 0));

        timer.pass(A_WHILE);
        assertThat(messages()).containsExactly("cpu is CRITICAL", "cpu is OK");
        assertThat(ended()).containsExactly("stale=1");
        assertThat(memory.pendingCount()).isZero();
    }

    @Test
    void aStaleEventLeavesThePendingOneAlone() {
        Instance instance = withPendingChange();
        Pending before = pending("cpu");

        assertThat(instance.deliver("cpu", OK, -1)).isEqualTo(suppressed(Reason.STALE, 0));

        assertThat(pending("cpu")).isEqualTo(before);
        assertThat(ended()).isEmpty();
    }

    @Test
    void theSameEventAgainKeepsItsAge() {
        Instance instance = withPendingChange();
        Pending before = pending("cpu");
        time.pass(Duration.ofSeconds(5));

        assertThat(instance.deliver("cpu", CRITICAL, 0)).isEqualTo(kept(Reason.RATE_LIMITED, 0));

        assertThat(pending("cpu"))
                .extracting(Pending::id, Pending::change, Pending::since)
                .containsExactly(before.id(), before.change(), START);
        assertThat(ended()).isEmpty();
    }

    @Test
    void anEventWhoseCallerWaitsIsNotCountedAsAPendingOneWhenANewerTakesItsPlace() {
        Instance instance = started();
        hipChat.answers(status(503));
        Deliverer waiting = instance.deliverer(length -> {
            time.pause(length);
            if (hipChat.requests().size() == 1) {
                instance.deliver("cpu", WARNING, 1);
            }
        });

        DeliveryOutcome outcome = waiting.deliver(event("cpu", CRITICAL, 0), TO_A, Deadline.in(DEADLINE, time));

        assertThat(outcome.reason()).isEqualTo(Reason.STALE);
        assertThat(ended()).isEmpty();
    }

    /** Whoever delivers it again, and whatever token they have: it was answered as pending. */
    @ParameterizedTest
    @CsvSource({
        "429, foreign token, FAILED",
        "401, foreign token, REFUSED",
        "400, foreign token, REFUSED",
        "401, same token, REFUSED",
        "404, same token, REFUSED",
        "503, pending disabled, FAILED"
    })
    void aKeptChangeStaysWhenTheSameEventIsDeliveredAgainAndFails(int status, String again, Status outcome) {
        Instance instance = withPendingChange();
        time.pass(Duration.ofSeconds(11));
        hipChat.alwaysAnswers(status(status, "Retry-After", 60));
        boolean isForeign = again.equals("foreign token");
        Token token = isForeign ? new Token("foreign") : TOKEN;
        Delivery delivery =
                new Delivery(Optional.empty(), Optional.empty(), "a", token, !isForeign, StateChangesOnly.ON);
        Instance other = again.equals("pending disabled") ? instance("pending.enabled", "false") : instance;

        assertThat(other.deliver(event("cpu", CRITICAL, 0), delivery).status()).isEqualTo(outcome);

        assertThat(pending("cpu").since()).isEqualTo(START);
        assertThat(ended()).isEmpty();
        hipChat.alwaysAnswers(status(204));
        timer.pass(Duration.ofMinutes(3));
        assertThat(messages()).last().isEqualTo("cpu is CRITICAL");
        assertThat(last().authorization()).isEqualTo("Bearer s3cret");
        assertThat(ended()).containsExactly("sent=1");
    }

    @Test
    void aKeptMessageThatHipChatRefusesIsNotSentAgain() {
        Instance instance = withPendingChange();
        hipChat.answers(status(400));
        time.pass(Duration.ofSeconds(11));

        assertThat(instance.deliver("cpu", CRITICAL, 0).status()).isEqualTo(Status.REFUSED);

        timer.pass(A_WHILE);
        assertThat(hipChat.requests()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aRoomThatNeverSawAProblemGetsNoRecoveryOfIt(int attempts) {
        Instance instance = started();
        hipChat.answers(FULL);
        if (attempts == 0) {
            instance.deliver("disk", CRITICAL, 0);
        }

        assertThat(instance.deliver(event("cpu", CRITICAL, 0, OK), TO_A))
                .isEqualTo(kept(Reason.RATE_LIMITED, attempts));
        assertThat(instance.deliver(event("cpu", OK, 1, CRITICAL), TO_A)).isEqualTo(suppressed(Reason.UNCHANGED, 0));

        assertThat(ended()).containsExactly("stale=1");
    }

    @Test
    void aPendingChangeThatAMessageSentWithoutTheStoreReplacesIsStale() {
        Instance instance = withPendingChange();
        time.pass(Duration.ofSeconds(11));
        shared.isAvailable(false);
        assertThat(instance.deliver("cpu", OK, 1)).isEqualTo(DeliveryOutcome.sent(null, "a", 1, true));
        shared.isAvailable(true);

        instance.deliver("cpu", OK, 2);

        assertThat(ended()).containsExactly("stale=1");
    }

    @Test
    void anEventWhoseLastTryFailsAfterANewerOneTookItsPlaceIsStale() {
        Instance instance = started();
        hipChat.answers(FULL);
        instance.deliver("disk", CRITICAL, 0);
        time.pass(Duration.ofSeconds(11));
        hipChat.answers(status(503, "Retry-After", 60).after(() -> instance.deliver("cpu", WARNING, 1)));

        DeliveryOutcome outcome = instance.deliver("cpu", CRITICAL, 0);

        assertThat(outcome).isEqualTo(suppressed(Reason.STALE, 1));
        assertThat(ended()).isEmpty();
        assertThat(pending("cpu").change().level()).isEqualTo(WARNING);
    }

    @ParameterizedTest
    @CsvSource({"204, sent=2", "503, stale=1 sent=1"})
    void aPendingChangeThatIsReplacedWhileItIsSentEndsOnce(int status, String ends) {
        Instance instance = withPendingChange();
        hipChat.answers(status(status, "Retry-After", 1).after(() -> instance.deliver("cpu", WARNING, 1)));

        timer.pass(A_WHILE);

        assertThat(ended()).containsExactlyInAnyOrder(ends.split(" "));
    }

    @Test
    void aPendingChangeIsDecidedAgainWhenItIsDue() {
        withPendingChange();
        // Somebody has shown this level in the meantime, by other ways than the record of the pending change.
        rewrite("cpu", state -> withLastSentAt(withLastSent(state, LastSent.CRITICAL), Optional.of(START)));

        timer.pass(A_WHILE);

        assertThat(hipChat.requests()).hasSize(1);
        assertThat(ended()).containsExactly("stale=1");
        assertThat(memory.pendingCount()).isZero();
    }

    // The timer

    @Test
    void aPendingChangeIsSentWhenItIsDueAndNotBefore() {
        Instance instance = withPendingChange();

        timer.pass(A_WHILE);

        assertThat(messages()).containsExactly("cpu is CRITICAL", "cpu is CRITICAL");
        assertThat(hipChat.times().get(1)).isBetween(START.plusSeconds(10), START.plusMillis(10_600));
        AlertState state = state("a", "cpu");
        assertThat(state.lastSent()).isEqualTo(LastSent.CRITICAL);
        assertThat(state.lease()).isEmpty();
        assertThat(state.pending()).isEmpty();
        assertThat(instance.deliver("cpu", CRITICAL, 1).reason()).isEqualTo(Reason.UNCHANGED);
    }

    @Test
    void aPendingChangeIsSentAsItIsConfiguredThen() {
        leavePendingChange();

        started("color.critical", "purple", "from", "new", "notify", "false", "message-format", "html", "token", "new");
        timer.pass(A_WHILE);

        assertThat(hipChat.requests()).hasSize(2);
        assertThat(hipChat.requests().get(1).authorization()).isEqualTo("Bearer new");
        assertThat(hipChat.requests().get(1).notification())
                .isEqualTo(new Notification("new", "purple", "cpu is CRITICAL", false, "html"));
    }

    @Test
    void inAnOutageARoomGetsNoMoreThanOneTryEachBackoffStep() {
        // A look at the pending changes is no reason for a try.
        Instance instance = started("pending.poll", "1s");
        hipChat.alwaysAnswers(status(503, "Retry-After", 1));
        for (int i = 0; i < 100; i++) {
            instance.deliver("alert" + i, CRITICAL, i);
        }

        timer.pass(Duration.ofMinutes(10));

        // With jitter, 30 s on average in the end.
        assertThat(hipChat.requests()).hasSizeBetween(10, 60);
        hipChat.alwaysAnswers(status(204));
        timer.pass(Duration.ofMinutes(1));
        assertThat(memory.pendingCount()).isZero();
        assertThat(ended()).containsExactly("sent=100");
        assertThat(messages()).last().asString().startsWith("100 alerts changed: 100 CRITICAL\n");
    }

    @Test
    void whatAnotherProcessLeftIsSentByThePoll() {
        leavePendingChange();

        started("pending.poll", "30s");
        timer.pass(Duration.ofSeconds(31));

        assertThat(messages()).hasSize(2);
        assertThat(hipChat.times().get(1)).isBetween(START.plusSeconds(30), START.plusSeconds(31));
    }

    @Test
    void anEventWhoseProcessDiedIsSentOnceItsLeaseHasEndedAndNotBefore() {
        granted("cpu", CRITICAL, 0);
        Instance instance = started();

        timer.pass(Duration.ofSeconds(34));
        assertThat(instance.flush()).isEqualTo(flushed(0, 1));
        assertThat(hipChat.requests()).isEmpty();
        timer.pass(Duration.ofSeconds(86));

        // Deadline, request timeout and margin.
        assertThat(messages()).containsExactly("cpu is CRITICAL");
        assertThat(hipChat.times().get(0)).isBetween(START.plusSeconds(35), START.plusSeconds(66));
    }

    @Test
    void aChangeThatTwoInstancesFindIsSentOnceAndCountedOnce() {
        leavePendingChange();
        started();
        started();
        started();

        timer.pass(A_WHILE);

        assertThat(hipChat.requests()).hasSize(2);
        assertThat(ended()).containsExactly("sent=1");
        assertThat(log.lines()).hasSize(1);
    }

    @Test
    void aChangeThatSomebodyElseSendsBetweenTheLookAndTheClaimCountsOnce() {
        Instance first = instance();
        Instance second = instance();
        hipChat.answers(FULL);
        first.deliver("cpu", CRITICAL, 0);
        time.pass(Duration.ofSeconds(20));
        shared.beforeLoads(() -> {
            if (shared.loads() > 0 && hipChat.requests().size() == 1) {
                int seen = shared.loads();
                shared.beforeLoads(() -> {
                    if (shared.loads() > seen) {
                        shared.beforeLoads(() -> {});
                        assertThat(second.flush().flushed().sent()).isOne();
                    }
                });
            }
        });

        FlushOutcome outcome = first.flush();

        assertThat(outcome).isEqualTo(flushed(0, 0));
        assertThat(ended()).containsExactly("sent=1");
    }

    @Test
    void aRoomThatIsFullDelaysNoOtherRoom() {
        Instance instance = started();
        hipChat.alwaysAnswers(FULL);
        instance.deliver("full", "cpu", CRITICAL);
        instance.deliver("open", "cpu", CRITICAL);
        hipChat.alwaysAnswers(byRoom(Map.of("full", status(429, "Retry-After", 3600))));

        timer.pass(Duration.ofSeconds(15));

        assertThat(rooms()).containsExactlyInAnyOrder("full", "open", "full", "open");
        assertThat(state("open", "cpu").lastSent()).isEqualTo(LastSent.CRITICAL);
        assertThat(pending("full", "cpu").due()).isAfter(START.plusSeconds(3_600));
    }

    @Test
    void manyPendingChangesOfAFullRoomHideNoOtherRoom() {
        hipChat.alwaysAnswers(status(429, "Retry-After", 1));
        Instance first = instance();
        for (int i = 0; i < 1_500; i++) {
            first.deliver("full", "alert" + i, CRITICAL);
        }
        first.deliver("open", "cpu", CRITICAL);
        hipChat.alwaysAnswers(byRoom(Map.of("full", status(429, "Retry-After", 3600))));

        started();
        timer.pass(Duration.ofSeconds(65));

        assertThat(state("open", "cpu").lastSent()).isEqualTo(LastSent.CRITICAL);
    }

    @Test
    void withinARoomTheWorstLevelComesFirstThenTheOldestEventThenTheId() {
        Instance instance = started("digest.from", "0");
        hipChat.alwaysAnswers(FULL);
        instance.deliver("warn", WARNING, 0);
        instance.deliver("late", CRITICAL, 9);
        instance.deliver("b", CRITICAL, 5);
        instance.deliver("a", CRITICAL, 5);
        hipChat.alwaysAnswers(status(204));

        timer.pass(A_WHILE);

        assertThat(messages())
                .containsExactly(
                        "warn is WARNING", "a is CRITICAL", "b is CRITICAL", "late is CRITICAL", "warn is WARNING");
    }

    @Test
    void aStoreThatIsAwayIsAskedAgainSoonHoweverSeldomThePollIs() {
        withPendingChange("pending.poll", "1d");
        shared.isAvailable(false);

        timer.pass(Duration.ofSeconds(35));
        int count = timer.count();
        assertThat(count).as("no hot loop").isLessThan(20);
        shared.isAvailable(true);
        timer.pass(Duration.ofSeconds(6));

        assertThat(messages()).hasSize(2);
    }

    @Test
    void aStoreThatFailsToCountDelaysNoChange() {
        withPendingChange();
        shared.failsToCount();

        timer.pass(A_WHILE);

        assertThat(messages()).hasSize(2);
    }

    @Test
    void aChangeThatIsNotDueCostsALookNothing() {
        Instance instance = instance();
        hipChat.alwaysAnswers(status(429, "Retry-After", 3600));
        instance.deliver("cpu", CRITICAL, 0);
        int before = shared.loads();

        instance.flush();

        assertThat(shared.loads()).isEqualTo(before);
    }

    // Tokens

    @Test
    void theHandlersTokenComesBeforeTheConfiguredOne() {
        handlers = List.of(handler("h1", "of-h1"), handler("h2", "of-h2"), handler("h3", null));
        Instance instance = started();
        hipChat.alwaysAnswers(FULL);
        for (String id : List.of("h1", "h2", "h3", "removed")) {
            instance.deliver(event("cpu", CRITICAL, 0), delivery("room-" + id, id));
        }
        hipChat.alwaysAnswers(status(204));

        timer.pass(A_WHILE);

        assertThat(hipChat.requests().stream().skip(4).map(request -> request.room() + " " + request.authorization()))
                .containsExactlyInAnyOrder(
                        "room-h1 Bearer of-h1",
                        "room-h2 Bearer of-h2",
                        "room-h3 Bearer s3cret",
                        "room-removed Bearer s3cret");
    }

    @Test
    void anInstanceWithoutATokenLeavesTheChangeToOthers() {
        leavePendingChange();
        Instance without = started("token", "");

        timer.pass(A_WHILE);
        assertThat(without.flush()).isEqualTo(flushed(0, 1));
        assertThat(hipChat.requests()).hasSize(1);

        started();
        timer.pass(A_WHILE);
        assertThat(hipChat.requests()).hasSize(2);
    }

    // Refusals

    @ParameterizedTest
    @ValueSource(ints = {401, 403, 404})
    void aRefusedRoomOrTokenKeepsTheChangesPendingAndWarnsOnce(int status) {
        Instance instance = started("digest.from", "0");
        hipChat.alwaysAnswers(FULL);
        instance.deliver("cpu", CRITICAL, 0);
        instance.deliver("disk", CRITICAL, 0);
        hipChat.alwaysAnswers(body(status, "{\"error\":{\"message\":\"no s3cret\"}}"));

        timer.pass(Duration.ofMinutes(5));

        assertThat(hipChat.requests()).hasSizeBetween(5, 40);
        assertThat(memory.pendingCount()).isEqualTo(2);
        assertThat(ended()).isEmpty();
        assertThat(log.lines())
                .containsExactly("WARN HipChat does not accept the pending changes of room \"a\"; they stay pending: \""
                        + status + " no ***\"");
        hipChat.alwaysAnswers(status(204));
        timer.pass(Duration.ofMinutes(2));
        assertThat(ended()).containsExactly("sent=2");
    }

    @Test
    void newEventsOfARefusedRoomAreTriedAndDoNotShortenTheBackoffOfThePendingOnes() {
        Instance instance = withPendingChange();
        hipChat.alwaysAnswers(status(404));
        timer.pass(Duration.ofMinutes(5));
        int before = hipChat.requests().size();

        for (int i = 0; i < 20; i++) {
            assertThat(instance.deliver("new" + i, CRITICAL, i).status()).isEqualTo(Status.REFUSED);
            timer.pass(Duration.ofMillis(100));
        }

        assertThat(hipChat.requests()).hasSizeBetween(before + 20, before + 22);
    }

    @Test
    void aRefusedMessageIsGivenUpWithOneError() {
        Instance instance = started();
        hipChat.alwaysAnswers(FULL);
        instance.deliver("cpu", CRITICAL, 0);
        instance.deliver("disk", WARNING, 0);
        hipChat.alwaysAnswers(status(204));
        hipChat.answers(body(400, "{\"error\":{\"message\":\"bad s3cret\"}}"));

        timer.pass(A_WHILE);

        assertThat(ended()).containsExactlyInAnyOrder("refused=1", "sent=1");
        assertThat(log.lines()).hasSize(2);
        assertThat(log.lines().get(0))
                .matches("ERROR id=\"cpu\" level=CRITICAL topic=- room=\"a\" status=refused reason=none attempts=1 ms=0"
                        + " pending-ms=1\\d{4} detail=\"400 bad \\*\\*\\*\"");
        assertThat(state("a", "cpu").pending()).isEmpty();
        assertThat(state("a", "cpu").lastSent()).isEqualTo(LastSent.NOTHING);
    }

    @ParameterizedTest(name = "HipChat names a moment {0} s from now each time")
    @CsvSource({"60, true", "172800, false"})
    void aChangeExpiresAtItsMaximumAgeWithAWarning(int named, boolean isTriedMeanwhile) {
        Instance instance = started("pending.max-age", "1h");
        hipChat.alwaysAnswers(status(503, "Retry-After", named));
        instance.deliver("cpu", CRITICAL, 0);

        timer.pass(Duration.ofMinutes(59));
        assertThat(ended()).isEmpty();
        assertThat(memory.pendingCount()).isOne();
        timer.pass(Duration.ofMinutes(3));

        assertThat(memory.pendingCount()).isZero();
        assertThat(ended()).containsExactly("expired=1");
        assertThat(hipChat.requests().size() > 1).isEqualTo(isTriedMeanwhile);
        assertThat(log.lines()).hasSize(isTriedMeanwhile ? 2 : 1);
        assertThat(log.lines().get(0).endsWith("; they stay pending: \"503\"")).isEqualTo(isTriedMeanwhile);
        assertThat(log.lines())
                .last()
                .asString()
                .startsWith("WARN id=\"cpu\" level=CRITICAL topic=- room=\"a\" status=expired reason=none attempts=0");
        hipChat.alwaysAnswers(status(204));
        assertThat(instance.flush()).isEqualTo(flushed(0, 0));
    }

    @Test
    void aPendingChangeOutlivesTheTimeToLiveOfItsAlert() {
        Instance instance = started("state.ttl", "1m");
        hipChat.alwaysAnswers(status(503, "Retry-After", 3600));
        instance.deliver("cpu", CRITICAL, 0);
        hipChat.alwaysAnswers(status(204));

        timer.pass(Duration.ofMinutes(70));

        assertThat(messages()).hasSize(2);
    }

    // Digests

    @ParameterizedTest
    @CsvSource({"5, 5, true", "5, 4, false", "2, 2, true", "2, 1, false", "0, 50, false"})
    void fromSoManyAlertsOnADigestIsSent(int from, int alerts, boolean isDigest) {
        Instance instance = pendingAlerts(alerts, "digest.from", String.valueOf(from));
        hipChat.alwaysAnswers(status(204));

        assertThat(instance.flush()).isEqualTo(flushed(alerts, 0));

        assertThat(newMessages()).hasSize(isDigest ? 1 : alerts);
        assertThat(newMessages().get(0)).startsWith(isDigest ? alerts + " alerts changed: " : "alert0 is ");
        assertThat(log.lines().stream().filter(line -> line.contains("status=sent")))
                .hasSize(alerts);
        for (int i = 0; i < alerts; i++) {
            assertThat(state("a", "alert" + i).lastSent()).isEqualTo(LastSent.CRITICAL);
        }
    }

    @Test
    void aDigestOfMoreThanFitsIsFollowedByAnother() {
        Instance instance = pendingAlerts(1_300, "digest.from", "5");
        hipChat.alwaysAnswers(status(204));

        assertThat(instance.flush().flushed().sent()).isEqualTo(1_300);

        List<String> sent = newMessages();
        assertThat(sent).hasSizeBetween(3, 6);
        assertThat(sent).allMatch(text -> text.codePointCount(0, text.length()) <= 10_000);
        assertThat(sent.stream().mapToLong(text -> text.lines().count() - 1).sum())
                .isEqualTo(1_300);
    }

    @Test
    void digestsAreMadeOfOneRoomAndOneToken() {
        handlers = List.of(handler("h", "other"));
        Instance instance = instance("digest.from", "2");
        hipChat.alwaysAnswers(FULL);
        instance.deliver("a", "one", CRITICAL);
        instance.deliver(event("two", CRITICAL, 0), delivery("a", "h"));
        instance.deliver("b", "three", CRITICAL);
        hipChat.alwaysAnswers(status(204));
        time.pass(Duration.ofSeconds(20));

        instance.flush();

        assertThat(messages().stream().skip(2))
                .containsExactlyInAnyOrder("one is CRITICAL", "two is CRITICAL", "three is CRITICAL");
    }

    @Test
    void anAlertThatCannotBeClaimedAtOnceIsLeftOutOfTheDigestAndStaysPending() {
        Instance instance = pendingAlerts(3, "digest.from", "3");
        hipChat.alwaysAnswers(status(204));
        inDoubtOfAnotherLevel("alert1");

        FlushOutcome outcome = instance.flush();

        assertThat(outcome).isEqualTo(flushed(2, 1));
        assertThat(newMessages())
                .containsExactly(
                        "2 alerts changed: 2 CRITICAL\nCRITICAL alert0 is CRITICAL\nCRITICAL alert2 is CRITICAL");
    }

    @Test
    void ifOneAlertIsLeftOfADigestItIsSentAlone() {
        Instance instance = pendingAlerts(2, "digest.from", "2", "message-format", "html");
        hipChat.alwaysAnswers(status(204));
        inDoubtOfAnotherLevel("alert0");

        instance.flush();

        assertThat(newMessages()).containsExactly("alert1 is CRITICAL");
        assertThat(last().notification().messageFormat()).isEqualTo("html");
    }

    @Test
    void aRefusedDigestRefusesEachAlertInIt() {
        Instance instance = pendingAlerts(6, "digest.from", "5");
        hipChat.alwaysAnswers(status(413));

        assertThat(instance.flush()).isEqualTo(new FlushOutcome(new Flushed(0, 6, 0, 0), 0));

        assertThat(log.lines().stream().filter(line -> line.startsWith("ERROR ")))
                .hasSize(6);
        assertThat(ended()).containsExactly("refused=6");
    }

    @Test
    void anUnclearDigestLeavesAllItsAlertsInDoubtAndPending() {
        Instance instance = pendingAlerts(6, "digest.from", "5");
        hipChat.alwaysAnswers(status(500));

        assertThat(instance.flush()).isEqualTo(flushed(0, 6));

        assertThat(newMessages()).hasSize(1);
        for (int i = 0; i < 6; i++) {
            AlertState state = state("a", "alert" + i);
            assertThat(state.lastSent()).isEqualTo(LastSent.UNKNOWN);
            assertThat(state.inDoubt())
                    .contains(new InDoubt(
                            Optional.of(CRITICAL),
                            time.instant().plus(REQUEST_TIMEOUT).plusSeconds(2)));
            assertThat(state.lease()).isEmpty();
            assertThat(state.pending()).isPresent();
        }
    }

    // Flush

    @Test
    void aFlushTriesEverythingDueWhateverTheBackoffSays() {
        Instance instance = instance();
        hipChat.alwaysAnswers(status(503));
        instance.deliver("cpu", CRITICAL, 0);
        for (int i = 0; i < 10; i++) {
            assertThat(instance.flush()).isEqualTo(flushed(0, 1));
        }
        assertThat(instance.throttle().unavailable("a", TOKEN)).isPresent();
        hipChat.alwaysAnswers(status(204));

        assertThat(instance.flush()).isEqualTo(flushed(1, 0));

        assertThat(log.lines()).last().isEqualTo("INFO flush sent=1 refused=0 expired=0 stale=0 pending=0");
        assertThat(metrics.get("hipchat.pending.alerts").gauge().value()).isZero();
    }

    @Test
    void aFlushCountsWhatIsNotDueAndDeliveriesUnderWay() {
        Instance instance = instance();
        hipChat.answers(status(429, "Retry-After", 3600));
        instance.deliver("later", CRITICAL, 0);
        granted("under-way", CRITICAL, 0);

        assertThat(instance.flush()).isEqualTo(flushed(0, 2));

        assertThat(metrics.get("hipchat.pending.alerts").gauge().value()).isEqualTo(2);
    }

    @Test
    void aFlushLeavesARoomAtItsFirstTryThatFails() {
        Instance instance = pendingAlerts(4, "digest.from", "0");
        instance.deliver("b", "cpu", CRITICAL);
        time.pass(Duration.ofSeconds(20));
        int before = hipChat.requests().size();
        hipChat.alwaysAnswers(byRoom(Map.of("a", status(503))));

        assertThat(instance.flush()).isEqualTo(flushed(1, 4));

        assertThat(rooms().subList(before, rooms().size())).containsExactlyInAnyOrder("a", "b");
    }

    @ParameterizedTest(name = "slow {0}, digests from {1}: sends {2} to {3}")
    @CsvSource({"HipChat, 0, 10, 13", "store, 0, 3, 30", "store, 2, 3, 30"})
    void aFlushEndsAtItsDeadline(String slow, String digestFrom, int least, int most) {
        Instance instance = pendingAlerts(100, "digest.from", digestFrom);
        hipChat.alwaysAnswers(status(204));
        if (slow.equals("HipChat")) {
            hipChat.alwaysAnswers(status(204).after(() -> time.pass(Duration.ofSeconds(2))));
        } else {
            shared.beforeLoads(() -> time.pass(Duration.ofMillis(200)));
            shared.beforeWrites(() -> time.pass(Duration.ofMillis(500)));
        }
        Instant start = time.instant();

        FlushOutcome outcome = instance.flush();

        assertThat(time.instant()).isBeforeOrEqualTo(start.plus(DEADLINE));
        assertThat(outcome.flushed().sent()).isBetween(least, most);
        assertThat(outcome.pending()).isEqualTo(100 - outcome.flushed().sent());
    }

    @Test
    void aFlushThatBeginsWithinAnotherSendsNothingTwice() {
        Instance first = pendingAlerts(20, "digest.from", "0");
        Instance second = instance("digest.from", "0");
        List<FlushOutcome> inner = new ArrayList<>();
        hipChat.alwaysAnswers(status(204));
        hipChat.answers(status(204).after(() -> inner.add(second.flush())));

        FlushOutcome outer = first.flush();

        assertThat(outer.flushed().sent() + inner.get(0).flushed().sent()).isEqualTo(20);
        assertThat(newMessages()).doesNotHaveDuplicates().hasSize(20);
        assertThat(ended()).containsExactly("sent=20");
    }

    @ParameterizedTest
    @ValueSource(strings = {"pending.enabled", "enabled"})
    void switchedOffNothingPendingIsSentAndWhatIsStoredStays(String key) {
        leavePendingChange();
        Instance off = started(key, "false");

        timer.pass(A_WHILE);

        assertThat(off.flush()).isEqualTo(FlushOutcome.NOTHING);
        assertThat(log.lines()).containsExactly("INFO flush sent=0 refused=0 expired=0 stale=0 pending=0");
        assertThat(hipChat.requests()).hasSize(1);
        assertThat(memory.pendingCount()).isOne();
    }

    @Test
    void aFlushWithoutTheStoreFails() {
        Instance instance = instance();
        shared.isAvailable(false);

        assertThatThrownBy(instance::flush).isInstanceOf(StoreUnavailable.class);
    }

    // What must not happen

    @Test
    void anErrorWhileSendingStillSettles() {
        Instance instance = pendingAlerts(3, "digest.from", "2");
        hipChat.answers(() -> {
            throw new StackOverflowError();
        });

        assertThatThrownBy(instance::flush).hasRootCauseInstanceOf(StackOverflowError.class);

        for (int i = 0; i < 3; i++) {
            assertThat(state("a", "alert" + i).lease()).isEmpty();
            assertThat(state("a", "alert" + i).inDoubt()).isPresent();
            assertThat(state("a", "alert" + i).pending()).isPresent();
        }
    }

    @Test
    void aStoreThatFailsAfterHipChatAcceptedLosesAndRepeatsNothing() {
        Instance instance = withPendingChange();
        hipChat.answers(status(204).after(() -> shared.isAvailable(false)));
        timer.pass(Duration.ofSeconds(15));
        shared.isAvailable(true);

        assertThat(instance.deliver("cpu", CRITICAL, 1).reason()).isEqualTo(Reason.UNCHANGED);

        timer.pass(A_WHILE);
        assertThat(hipChat.requests()).hasSize(2);
        assertThat(ended()).containsExactly("sent=1");
    }

    // The end of the process

    @Test
    void withTheMemoryStoreWhatIsPendingAtShutdownExpires() {
        store = memory;
        Instance instance = pendingAlerts(2, "digest.from", "0");

        instance.pending().stop();

        assertThat(ended()).containsExactly("expired=2");
        assertThat(log.lines())
                .hasSize(2)
                .allMatch(line -> line.startsWith("WARN ") && line.contains("status=expired"));
        timer.pass(A_WHILE);
        assertThat(newMessages()).isEmpty();
    }

    @Test
    void withASharedStoreWhatIsPendingAtShutdownStays() {
        Instance instance = withPendingChange();

        instance.pending().stop();
        timer.pass(A_WHILE);

        assertThat(hipChat.requests()).hasSize(1);
        assertThat(ended()).isEmpty();
        assertThat(memory.pendingCount()).isOne();
    }

    @Test
    void atShutdownTheSendUnderWayFinishesAndNoOtherBegins() {
        Instance instance = started("digest.from", "0");
        hipChat.alwaysAnswers(FULL);
        instance.deliver("a", CRITICAL, 0);
        instance.deliver("b", CRITICAL, 0);
        instance.deliver("c", CRITICAL, 0);
        Thread stop = new Thread(() -> instance.pending().stop());
        hipChat.alwaysAnswers(status(204).after(() -> {
            stop.start();
            await().atMost(Duration.ofMinutes(1))
                    .until(stop::getState, state -> state != Thread.State.NEW && state != Thread.State.RUNNABLE);
        }));

        timer.pass(A_WHILE);

        assertThat(hipChat.requests()).hasSize(2);
        assertThat(ended()).containsExactly("sent=1");
    }

    @Test
    void withTheMemoryStoreAChangeOfAnEvictedAlertExpires() {
        store = SmallMemory.of(1, time);
        Instance instance = instance();
        hipChat.alwaysAnswers(status(503, "Retry-After", 60));
        instance.deliver("cpu", CRITICAL, 0);

        instance.deliver("disk", CRITICAL, 0);

        assertThat(ended()).containsExactly("expired=1");
        assertThat(log.lines())
                .singleElement()
                .asString()
                .startsWith("WARN id=\"cpu\"")
                .contains("no room");
    }

    // Metrics

    @Test
    void allSeriesExistFromTheStart() {
        instance();

        assertThat(metrics.get("hipchat.pending").counters())
                .extracting(counter -> counter.getId().getTag("result"))
                .containsExactlyInAnyOrder("sent", "refused", "expired", "stale");
        assertThat(metrics.get("hipchat.pending").timer().count()).isZero();
        assertThat(metrics.get("hipchat.pending.alerts").gauge().value()).isZero();
    }

    @Test
    void aSentChangeIsLoggedAndMeasuredFromStoringToSending() {
        Instance instance = started();
        hipChat.answers(FULL, status(204).after(() -> time.pass(Duration.ofMillis(300))));
        instance.deliver(event("cpu\n1", CRITICAL, 0), delivery("a", "h"));

        timer.pass(A_WHILE);

        assertThat(log.lines())
                .singleElement()
                .asString()
                .matches(
                        "INFO id=\"cpu\\\\u000a1\" level=CRITICAL topic=\"t\" room=\"a\" status=sent reason=none attempts=1"
                                + " ms=300 pending-ms=1\\d{4}");
        assertThat(metrics.get("hipchat.pending").timer().count()).isOne();
        assertThat(metrics.get("hipchat.pending").timer().totalTime(TimeUnit.SECONDS))
                .isBetween(10.3, 11.0);
    }

    @Test
    void theGaugeShowsWhatTheLastLookFound() {
        Instance instance = started();
        hipChat.alwaysAnswers(status(429, "Retry-After", 3600));
        instance.deliver("cpu", CRITICAL, 0);
        instance.deliver("disk", CRITICAL, 0);

        timer.pass(Duration.ofSeconds(31));

        assertThat(metrics.get("hipchat.pending.alerts").gauge().value()).isEqualTo(2);
    }

    // The world of these tests

    private record Instance(
            RoomThrottle throttle, PendingDeliveries pending, Function<Pause, Deliverer> deliverers, VirtualTime time) {

        Deliverer deliverer(Pause pause) {
            return deliverers.apply(pause);
        }

        DeliveryOutcome deliver(String id, Level level, int second) {
            return deliver(event(id, level, second), TO_A);
        }

        DeliveryOutcome deliver(String room, String id, Level level) {
            return deliver(event(id, level, 0), delivery(room, null));
        }

        DeliveryOutcome deliver(AlertEvent event, Delivery delivery) {
            return deliverer(time).deliver(event, delivery, Deadline.in(DEADLINE, time));
        }

        FlushOutcome flush() {
            return pending.flush(Deadline.in(DEADLINE, time));
        }
    }

    /** Returns an instance whose timers run, with one pending change, {@code cpu} of room {@code a}, for 10 s. */
    private Instance withPendingChange(String... settings) {
        Instance instance = started(settings);
        keepChange(instance);
        return instance;
    }

    /** Leaves the same change to others, as an instance does that ends. */
    private void leavePendingChange() {
        keepChange(instance());
    }

    private void keepChange(Instance instance) {
        hipChat.answers(FULL);
        instance.deliver("cpu", CRITICAL, 0);
    }

    /** Returns another instance, whose timers run. */
    private Instance started(String... settings) {
        Instance instance = instance(settings);
        instance.pending().start();
        return instance;
    }

    /** Returns another instance without timers. */
    private Instance instance(String... settings) {
        HipChatConfig config =
                TestConfig.with(Stream.concat(Stream.of("enabled", "true", "token", "s3cret"), Stream.of(settings))
                        .toArray(String[]::new));
        AlertStates states = TestAlertStates.over(store, config, time, chance);
        RoomThrottle throttle = ScriptedHipChat.throttle(time);
        HipChatClient client = hipChat.client(config, throttle, metrics);
        PendingDeliveries pending = new PendingDeliveries(
                config,
                states,
                client,
                throttle,
                new TopicHandlers(handlers),
                time,
                Runnable::run,
                timer,
                new PendingLog(metrics, time));
        return new Instance(
                throttle,
                pending,
                pause -> new Deliverer(config, states, client, throttle, pending, time, pause, new Random(7), metrics),
                time);
    }

    /** Returns an instance without timers and with so many pending changes of room {@code a}, which are due. */
    private Instance pendingAlerts(int count, String... settings) {
        Instance instance = instance(settings);
        hipChat.alwaysAnswers(FULL);
        IntStream.range(0, count).forEach(i -> instance.deliver("alert" + i, CRITICAL, 0));
        assertThat(memory.pendingCount()).isEqualTo(count);
        time.pass(Duration.ofSeconds(20));
        requestsBefore = hipChat.requests().size();
        log.lines().clear();
        return instance;
    }

    private int requestsBefore;

    private List<String> newMessages() {
        return messages().subList(requestsBefore, messages().size());
    }

    private AlertStates states() {
        return TestAlertStates.over(store, TestConfig.with("token", "s3cret"), time, chance);
    }

    /** Takes the lease as a process does that dies then. */
    private Claim.Granted granted(String id, Level level, int second) {
        return (Claim.Granted) states().claim(event(id, level, second), TO_A, false, Deadline.in(DEADLINE, time));
    }

    private void inDoubtOfAnotherLevel(String id) {
        Instant end = time.instant().plusSeconds(5);
        rewrite(id, state -> withDoubt(state, Optional.of(new InDoubt(Optional.of(OK), end))));
    }

    private void rewrite(String id, UnaryOperator<AlertState> change) {
        Versioned before = memory.load(key("a", id)).orElseThrow();
        Versioned after = new Versioned(change.apply(before.state()), 99);
        assertThat(memory.compareAndSet(key("a", id), Optional.of(before), after, Duration.ofDays(1)))
                .isTrue();
    }

    private ScriptedHipChat.Answer byRoom(Map<String, ScriptedHipChat.Answer> answers) {
        return () -> answers.getOrDefault(last().room(), status(204)).get();
    }

    private ScriptedHipChat.Request last() {
        return hipChat.requests().get(hipChat.requests().size() - 1);
    }

    private List<String> messages() {
        return hipChat.requests().stream()
                .map(request -> request.notification().message())
                .toList();
    }

    private List<String> rooms() {
        return hipChat.requests().stream().map(ScriptedHipChat.Request::room).toList();
    }

    /** Returns the counts of pending changes that ended, without zeros. */
    private List<String> ended() {
        return metrics.get("hipchat.pending").counters().stream()
                .filter(counter -> counter.count() > 0)
                .map(counter -> counter.getId().getTag("result") + "=" + (long) counter.count())
                .toList();
    }

    private Pending pending(String id) {
        return pending("a", id);
    }

    private Pending pending(String room, String id) {
        return state(room, id).pending().orElseThrow();
    }

    private AlertState state(String room, String id) {
        return memory.load(key(room, id)).orElseThrow().state();
    }

    private static String key(String room, String id) {
        return new AlertKey("", "", id, room).under("hipchat-alerts");
    }

    private static TopicHandler handler(String id, String token) {
        return new TopicHandler(
                "t", id, Optional.empty(), Optional.ofNullable(token).map(Token::new), Optional.empty());
    }

    private static AlertEvent event(String id, Level level, int second) {
        return event(id, level, second, null);
    }

    private static AlertEvent event(String id, Level level, int second, Level previous) {
        return TestEvents.event(
                id, id + " is " + level, level, Optional.ofNullable(previous), START.plusSeconds(second));
    }

    private static Delivery delivery(String room, String handler) {
        Optional<String> name = Optional.ofNullable(handler);
        return new Delivery(name.map(id -> "t"), name, room, TOKEN, true, StateChangesOnly.ON);
    }

    private static DeliveryOutcome kept(Reason reason, int attempts) {
        return DeliveryOutcome.pending(null, "a", reason, attempts, false);
    }

    private static DeliveryOutcome suppressed(Reason reason, int attempts) {
        return DeliveryOutcome.suppressed(null, "a", reason, attempts, false);
    }

    private static FlushOutcome flushed(int sent, long pending) {
        return new FlushOutcome(new Flushed(sent, 0, 0, 0), pending);
    }
}
