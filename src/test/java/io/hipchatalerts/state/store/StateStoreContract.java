package io.hipchatalerts.state.store;

import static io.hipchatalerts.state.TestRecords.free;
import static io.hipchatalerts.state.TestRecords.withLastSentAt;
import static io.hipchatalerts.state.TestRecords.withLease;
import static io.hipchatalerts.state.TestRecords.withPending;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import io.hipchatalerts.alert.AlertEvent;
import io.hipchatalerts.alert.Level;
import io.hipchatalerts.alert.TestEvents;
import io.hipchatalerts.config.TestConfig;
import io.hipchatalerts.routing.Delivery;
import io.hipchatalerts.routing.TestDeliveries;
import io.hipchatalerts.state.AlertState;
import io.hipchatalerts.state.AlertStates;
import io.hipchatalerts.state.Change;
import io.hipchatalerts.state.InDoubt;
import io.hipchatalerts.state.LastSent;
import io.hipchatalerts.state.Lease;
import io.hipchatalerts.state.Pending;
import io.hipchatalerts.state.PendingAlert;
import io.hipchatalerts.state.StoredAlert;
import io.hipchatalerts.state.TestAlertStates;
import io.hipchatalerts.time.Deadline;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The behaviour of every store, which is all that the protocol asks of one. */
@Timeout(240)
abstract class StateStoreContract {

    static final Duration LONG = Duration.ofDays(30);

    /** Seconds that many writers may take. DynamoDB Local on a busy machine needs most of a minute. */
    private static final int LONGEST = 200;

    private static final Instant TIME = Instant.parse("2026-01-01T00:00:00.123456789Z");
    private static final Optional<Versioned> NOTHING = Optional.empty();
    private static final Delivery ALERTS = TestDeliveries.to("alerts");

    /** A key for each case, so that all can share a server. */
    private String key;

    private StateStore store;

    /** The same, with a prefix of its own. */
    private StateStore index;

    /** The beginning of all keys of one deployment, for each case, so that its index is its own. */
    private String prefix;

    /** Returns the store under test. */
    abstract StateStore store();

    /** Returns the store of a deployment whose keys begin with {@code prefix}, beside those of other deployments. */
    abstract StateStore store(String prefix);

    /** Returns a time to live that a test can wait for. */
    abstract Duration shortTtl();

    /** Returns a time to live that {@link #age} lets pass, and that does not pass while the test writes. */
    static Duration agingTtl() {
        return Duration.ofMinutes(10);
    }

    /** Lets {@link #shortTtl()}, counted from now, pass for the record under {@code key}. */
    abstract void outlive(String key);

    /** Makes the record under {@code key} as much older as {@link #agingTtl()} lasts. */
    abstract void age(String key);

    @BeforeEach
    void aKeyOfItsOwn() {
        prefix = "contract-" + UUID.randomUUID();
        key = prefix + ":" + UUID.randomUUID();
        store = store();
        index = store(prefix);
    }

    // A record that is written is there.

    static Stream<AlertState> states() {
        AlertState free = record(1).state();
        Instant later = TIME.plusNanos(33_000_000_001L);
        Change critical = new Change(Level.CRITICAL, Optional.of(Level.OK), TIME, Optional.of(Duration.ofMillis(1)));
        StoredAlert odd = new StoredAlert(
                "\"\\\u0000\n\u2028",
                Optional.of(""),
                Optional.of("ä 日本語 👩‍🚒"),
                "{a}/<b> 'c'",
                "\u0001🔥".repeat(5_000));
        Stream<AlertState> levels = Stream.of(LastSent.values())
                .flatMap(level ->
                        Stream.of(free(level, TIME), withLease(free, Optional.of(new Lease(-1, later, level, true)))));
        Stream<AlertState> pending = Stream.of(Optional.of(odd), Optional.<StoredAlert>empty())
                .map(alert ->
                        withPending(free, Optional.of(new Pending(Long.MIN_VALUE, critical, TIME, later, alert))));
        Stream<AlertState> farthestTimes = Stream.of(
                        Instant.EPOCH,
                        Instant.EPOCH.minusNanos(1),
                        Instant.parse("1677-09-21T00:12:43.145224193Z"),
                        Instant.parse("2262-04-11T23:47:16.854775807Z"),
                        Instant.parse("+12345-01-01T00:00:00.000000001Z"),
                        Instant.MIN,
                        Instant.MAX)
                .map(time -> new AlertState(
                        LastSent.OK,
                        Optional.of(time),
                        time,
                        Optional.of(new Lease(Long.MAX_VALUE, time, LastSent.NOTHING, false)),
                        Optional.of(new InDoubt(Optional.empty(), time)),
                        Optional.empty()));
        return Stream.of(Stream.of(AlertState.INITIAL), levels, pending, farthestTimes)
                .flatMap(all -> all);
    }

    @ParameterizedTest
    @MethodSource("states")
    void aRecordComesBackAsItWasWritten(AlertState state) {
        assertThat(store.compareAndSet(key, NOTHING, new Versioned(state, 7), LONG))
                .isTrue();

        assertThat(List.of(store.load(key), store.load(key))).containsOnly(Optional.of(new Versioned(state, 7)));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, 1, Long.MIN_VALUE, Long.MAX_VALUE})
    void versionsDifferDownToTheLastBit(long version) {
        write(version);

        assertThat(replace(version ^ 1, 42)).isFalse();
        assertThat(replace(version, 42)).isTrue();
    }

    // Compare and set.

    @Test
    void anyOtherRecordAndNoRecordStay() {
        assertThat(replace(1, 2)).isFalse();
        assertThat(store.load(key)).isEmpty();

        write(1);

        assertThat(write(2)).isFalse();
        assertThat(replace(2, 3)).isFalse();
        assertThat(store.load(key)).contains(record(1));
    }

    // A write whose answer was lost is repeated.

    @Test
    void aRepeatedFirstWriteSucceeds() {
        write(1);

        assertThat(write(1)).isTrue();
        assertThat(store.load(key)).contains(record(1));
        assertThat(write(2)).isFalse();
        assertThat(replace(1, 2)).isTrue();
    }

    @Test
    void aRepeatedLaterWriteSucceedsUntilAnotherCameAfterIt() {
        write(1);
        replace(1, 2);
        assertThat(replace(1, 2)).isTrue();

        replace(2, 3);

        assertThat(replace(1, 2)).isFalse();
        assertThat(store.load(key)).contains(record(3));
    }

    // Time to live.

    @Test
    void aRecordIsForgottenAndCanNoLongerBeExpected() {
        write(1, shortTtl());

        outlive(key);

        assertThat(store.load(key)).isEmpty();
        assertThat(replace(1, 2)).isFalse();
        assertThat(store.load(key)).isEmpty();
    }

    @ParameterizedTest(name = "with version {0}, after version 1")
    @ValueSource(longs = {1, 2})
    void aForgottenRecordIsWrittenAnew(long version) {
        write(1, shortTtl());
        outlive(key);

        assertThat(write(version)).isTrue();
        assertThat(replace(3 - version, 3)).isFalse();
        assertThat(store.load(key)).contains(record(version));
        assertThat(replace(version, 4)).isTrue();
    }

    @Test
    void everyWriteCountsTheTimeAnew() {
        write(1, agingTtl());
        replace(1, 2);

        age(key);

        assertThat(store.load(key)).contains(record(2));
    }

    @Test
    void aWriteMayShortenTheTimeToo() {
        write(1);
        replace(1, 2, shortTtl());

        outlive(key);

        assertThat(store.load(key)).isEmpty();
    }

    @Test
    void aRefusedWriteDoesNotProlongTheTime() {
        write(1, agingTtl());
        write(2);
        replace(3, 2);

        age(key);

        assertThat(store.load(key)).isEmpty();
    }

    static Stream<Duration> oddTimesToLive() {
        return Stream.of(
                Duration.ofNanos(1),
                Duration.ofNanos(1_500_000),
                Duration.ofDays(400_000),
                Duration.ofSeconds(Long.MAX_VALUE, 999_999_999));
    }

    @ParameterizedTest
    @MethodSource("oddTimesToLive")
    void theShortestAndTheLongestTimeToLiveWork(Duration ttl) {
        assertThat(write(1, ttl)).isTrue();

        if (ttl.compareTo(LONG) > 0) {
            assertThat(store.load(key)).contains(record(1));
        } else {
            assertThatCode(() -> store.load(key)).doesNotThrowAnyException();
        }
    }

    // Keys.

    static Stream<String> strangeKeys() {
        return Stream.of(
                " ",
                "a b",
                " a",
                "a ",
                "a:b::c:",
                "%",
                "%25%20",
                "a+b&c=d?e#f/g\\h",
                "{a}b{c}",
                "*?[a-z]",
                "'\"`$(a);--",
                "a\tb\nc\r\nd",
                "\u0000",
                "Ärger ünd Größe",
                "日本語",
                "👩‍🚒🔥",
                "e\u0301",
                "-",
                "x".repeat(512),
                "é".repeat(512));
    }

    @ParameterizedTest
    @MethodSource("strangeKeys")
    void anyTextIsAKey(String strange) {
        String strangeKey = key + strange;

        assertThat(store.load(strangeKey)).isEmpty();
        assertThat(store.compareAndSet(strangeKey, NOTHING, record(1), LONG)).isTrue();
        assertThat(store.compareAndSet(strangeKey, NOTHING, record(2), LONG)).isFalse();
        assertThat(store.compareAndSet(strangeKey, Optional.of(record(1)), record(2), LONG))
                .isTrue();
        assertThat(store.load(strangeKey)).contains(record(2));
        assertThat(store.load(key)).isEmpty();
    }

    @Test
    void keysThatLookAlikeAreTwo() {
        List<String> alike = List.of(
                key, key + " ", key.toUpperCase(Locale.ROOT), key + "é", key + "e\u0301", key + "\u200b", key + ":a");

        for (int i = 0; i < alike.size(); i++) {
            assertThat(store.compareAndSet(alike.get(i), NOTHING, record(i), LONG))
                    .isTrue();
        }

        for (int i = 0; i < alike.size(); i++) {
            assertThat(store.load(alike.get(i))).contains(record(i));
        }
    }

    @Test
    void theStoreHasANameForMetrics() {
        assertThat(store.name()).isIn("memory", "redis", "dynamodb");
    }

    // Races.

    @Test
    void ofManyFirstWritersOneWins() throws Exception {
        List<Boolean> won = together(8, worker -> () -> write(worker));

        assertThat(won).containsOnlyOnce(true);
        assertThat(store.load(key)).contains(record(won.indexOf(true)));
    }

    @Test
    void ofManyWritersWhoExpectTheSameRecordOneWins() throws Exception {
        for (int round = 0; round < 20; round++) {
            String roundKey = key + round;
            store.compareAndSet(roundKey, NOTHING, record(-1), LONG);

            List<Boolean> won = together(
                    8, worker -> () -> store.compareAndSet(roundKey, Optional.of(record(-1)), record(worker), LONG));

            assertThat(won).containsOnlyOnce(true);
            assertThat(store.load(roundKey)).contains(record(won.indexOf(true)));
        }
    }

    @Test
    void ofManyWritersWhoFindTheRecordForgottenOneWins() throws Exception {
        write(-1, shortTtl());
        outlive(key);

        List<Boolean> won = together(8, worker -> () -> write(worker));

        assertThat(won).containsOnlyOnce(true);
    }

    @Test
    void ofManyWritersOfTheSameRecordAllSucceed() throws Exception {
        List<Boolean> done = together(8, worker -> () -> write(1));

        assertThat(done).containsOnly(true);
    }

    @Test
    void noWriteIsLostWhileManyCount() throws Exception {
        int each = 20;
        store.compareAndSet(key, NOTHING, count(0, 0), LONG);

        together(8, worker -> () -> {
            for (int step = 0; step < each; step++) {
                boolean counted = false;
                while (!counted) {
                    Versioned current = store.load(key).orElseThrow();
                    counted = store.compareAndSet(key, Optional.of(current), count(counted(current) + 1, worker), LONG);
                }
            }
            return null;
        });

        assertThat(counted(store.load(key).orElseThrow())).isEqualTo(8L * each);
    }

    @Test
    void noHalfWriteIsRead() throws Exception {
        store.compareAndSet(key, NOTHING, count(0, 0), LONG);
        AtomicBoolean done = new AtomicBoolean();

        List<Boolean> whole = together(4, worker -> () -> {
            if (worker == 0) {
                Versioned current = count(0, 0);
                for (long n = 1; n <= 200; n++) {
                    Versioned next = count(n, 0);
                    assertThat(store.compareAndSet(key, Optional.of(current), next, LONG))
                            .isTrue();
                    current = next;
                }
                done.set(true);
                return true;
            }
            long last = 0;
            while (!done.get()) {
                Versioned seen = store.load(key).orElseThrow();
                assertThat(seen).isEqualTo(count(counted(seen), 0));
                assertThat(counted(seen)).isGreaterThanOrEqualTo(last);
                last = counted(seen);
            }
            return true;
        });

        assertThat(whole).containsOnly(true);
    }

    @Test
    void writersOfDifferentKeysDoNotDisturbEachOther() throws Exception {
        List<Boolean> undisturbed = together(8, worker -> () -> {
            String own = key + ":" + worker;
            Optional<Versioned> current = NOTHING;
            for (int n = 0; n < 20; n++) {
                Versioned next = count(n, worker);
                if (!store.compareAndSet(own, current, next, LONG)) {
                    return false;
                }
                current = Optional.of(next);
            }
            return store.load(own).equals(current);
        });

        assertThat(undisturbed).containsOnly(true);
    }

    // The index of pending changes.

    @ParameterizedTest
    @CsvSource({"1, b", "2, b c", "3, b c a", "10, b c a"})
    void whatIsDueComesInOrderUpToALimit(int limit, String expected) {
        keep(key + "a", 1, TIME.minusSeconds(1));
        keep(key + "b", 2, TIME.minusSeconds(3));
        keep(key + "c", 3, TIME.minusSeconds(2));

        awaitDue(limit, Stream.of(expected.split(" ", -1)).map(name -> key + name));
    }

    @ParameterizedTest(name = "due {0} ms from now: {1}")
    @CsvSource({"0, true", "-1, true", "-100000000000, true", "1, false", "1000, false", "100000000000, false"})
    void whatIsDueLaterIsNotReturnedButCounted(long milliseconds, boolean isDue) {
        keep(key, 1, TIME.plusMillis(milliseconds));

        awaitDue(10, Stream.of(key).filter(any -> isDue));
        assertThat(index.pendingCount()).isOne();
    }

    @Test
    void aSettledChangeLeaves() {
        Versioned pending = keep(key, 1, TIME);

        replace(key, Optional.of(pending), new Versioned(record(1).state(), 2));

        awaitDue(10, Stream.empty());
        assertThat(index.pendingCount()).isZero();
    }

    @Test
    void aReplacedChangeLeavesAndTheNewOneIsThereOnce() {
        Versioned first = keep(key, 1, TIME.minusSeconds(1));

        replace(key, Optional.of(first), pending(2, 2, TIME, true));

        awaitDue(10, Stream.of(key));
        assertThat(index.pendingCount()).isOne();
    }

    @ParameterizedTest(name = "due {0} s from now, then {1}: {2}")
    @CsvSource({"-1, 1, false", "1, -1, true", "-1, -2, true"})
    void theSameChangeMovesWithItsDueMoment(long before, long after, boolean isDue) {
        Versioned first = keep(key, 1, TIME.plusSeconds(before));

        replace(key, Optional.of(first), pending(1, 2, TIME.plusSeconds(after), true));

        awaitDue(10, Stream.of(key).filter(any -> isDue));
        assertThat(index.pendingCount()).isOne();
    }

    @Test
    void aChangeThatOnlyItsProcessCanSendIsNotInTheIndex() {
        assertThat(index.compareAndSet(key, NOTHING, pending(1, 1, TIME, false), LONG))
                .isTrue();

        awaitDue(10, Stream.empty());
        assertThat(index.pendingCount()).isZero();
    }

    @Test
    void deploymentsDoNotSeeEachOthersChanges() {
        StateStore other = store(prefix + "-b");
        keep(key, 1, TIME);
        Versioned theirs = pending(1, 1, TIME, true);
        String theirKey = prefix + "-b:theirs";
        other.announce(theirKey, theirs.state().pending().orElseThrow());
        other.compareAndSet(theirKey, NOTHING, theirs, LONG);

        awaitDue(10, Stream.of(key));
        assertThat(keys(other.due(TIME, 10))).containsExactly(theirKey);
        assertThat(index.pendingCount()).isOne();
        assertThat(other.pendingCount()).isOne();
    }

    static Stream<String> indexedKeys() {
        return Stream.concat(
                strangeKeys(), Stream.of("#" + "0123456789abcdef".repeat(4), " 1 2", "1", "x".repeat(900)));
    }

    @ParameterizedTest
    @MethodSource("indexedKeys")
    void anyTextIsAKeyInTheIndex(String strange) {
        String strangeKey = prefix + ":" + strange;
        Versioned pending = keep(strangeKey, 1, TIME);
        awaitDue(10, Stream.of(strangeKey));

        replace(strangeKey, Optional.of(pending), record(2));

        awaitDue(10, Stream.empty());
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE})
    void anyNumberIsAnId(long id) {
        Versioned pending = keep(key, id, TIME);

        awaitDue(10, Stream.of(key));
        assertThat(index.due(TIME, 10).get(0).id().orElse(id)).isEqualTo(id);
        replace(key, Optional.of(pending), record(2));
        awaitDue(10, Stream.empty());
    }

    @Test
    void allChangesAreCountedDueOrNot() {
        for (int n = 0; n < 30; n++) {
            keep(key + n, n, TIME.plusSeconds(n % 2 == 0 ? -1 : 1));
        }

        assertThat(index.pendingCount()).isEqualTo(30);
        assertThat(index.due(TIME, 100)).hasSize(15);
    }

    @Test
    void anEntryMayBeAnnouncedAndWithdrawnAgain() {
        Versioned pending = keep(key, 1, TIME);
        announce(key, pending);
        awaitDue(10, Stream.of(key));
        assertThat(index.pendingCount()).isOne();

        replace(key, Optional.of(pending), record(2));
        index.withdraw(key, 1);

        awaitDue(10, Stream.empty());
    }

    @Test
    void aLookFindsWhatIsDueAndNobodyWorksOn() {
        AlertStates states = states(index);
        states.keep(event("kept", 0), ALERTS, false, TIME, deadline());
        states.keep(event("later", 0), ALERTS, false, TIME.plusSeconds(1), deadline());
        states.claim(event("under way", 0), ALERTS, false, deadline());

        assertThat(dueIds(states)).containsExactly("kept");
        assertThat(states.pending().count()).isEqualTo(3);
    }

    @Test
    void aLookRemovesAnEntryWhoseRecordHasExpired() {
        AlertStates states = states(index);
        Versioned pending = pending(1, 1, TIME, true);
        announce(key, pending);
        index.compareAndSet(key, NOTHING, pending, shortTtl());
        outlive(key);

        assertThat(TestAlertStates.due(states)).isEmpty();

        // Where the record is the entry, it leaves when the store deletes the record.
        if (!index.due(TIME, 10).stream().allMatch(entry -> entry.id().isEmpty())) {
            awaitDue(10, Stream.empty());
        }
    }

    @ParameterizedTest(name = "an entry without a record, due {0} s before the change")
    @ValueSource(longs = {1, -1})
    void anEntryWithoutARecordHidesNoChangeOfItsAlert(long before) {
        String alertKey = prefix + ":::id:alerts";
        announce(alertKey, pending(1, 1, TIME.minusSeconds(5 + before), true));
        states(index).keep(event("id", 0), ALERTS, false, TIME.minusSeconds(5), deadline());

        assertThat(TestAlertStates.due(states(index)))
                .extracting(PendingAlert::key)
                .containsExactly(alertKey);

        awaitDue(10, Stream.of(alertKey));
    }

    /** The naive order loses the change: entry, look, record, removal of the entry. */
    @Test
    void aWriterWhoseEntryWasRemovedStartsOverWithANewOne() {
        FaultyStore slow = new FaultyStore(index);
        AlertStates others = states(index);
        slow.beforeWrites(() -> {
            slow.beforeWrites(() -> {});
            assertThat(TestAlertStates.due(others)).isEmpty();
        });

        assertThat(states(slow).keep(event("id", 0), ALERTS, false, TIME, deadline()))
                .isPresent();

        assertThat(dueIds(others)).containsExactly("id");
        awaitDue(10, Stream.of(prefix + ":::id:alerts"));
    }

    @Test
    void anEntryWhoseRecordIsWrittenDuringTheLookStays() {
        String alertKey = prefix + ":::id:alerts";
        Versioned pending = pending(1, 1, TIME, true);
        announce(alertKey, pending);
        FaultyStore slow = new FaultyStore(index);
        slow.beforeWrites(() -> index.compareAndSet(alertKey, NOTHING, pending, LONG));

        TestAlertStates.due(states(slow));
        index.compareAndSet(alertKey, NOTHING, pending, LONG);

        assertThat(TestAlertStates.due(states(index)))
                .extracting(PendingAlert::key)
                .containsExactly(alertKey);
        awaitDue(10, Stream.of(alertKey));
    }

    @Test
    void anEntryWithoutARecordIsRemovedOnceAWriteUnderWayCanNoLongerLand() {
        Versioned pending = pending(1, 1, TIME, true);
        announce(key, pending);
        boolean isSeparate = !index.due(TIME, 10).isEmpty();

        assertThat(TestAlertStates.due(states(index))).isEmpty();

        awaitDue(10, Stream.empty());
        assertThat(index.compareAndSet(key, NOTHING, pending, LONG)).isEqualTo(!isSeparate);
    }

    @Test
    void theEntryOfARecordOfAnotherVersionIsLeftAlone() {
        String foreign = prefix + ":::foreign:alerts";
        keep(foreign, 1, TIME);
        Optional<Versioned> before = index.load(foreign);
        states(index).keep(event("id", 0), ALERTS, false, TIME, deadline());
        FaultyStore unreadable = new FaultyStore(index);
        unreadable.isUnreadable(foreign::equals);

        assertThat(dueIds(states(unreadable))).containsExactly("id");

        assertThat(index.load(foreign)).isEqualTo(before);
        assertThat(index.pendingCount()).isEqualTo(2);
    }

    /** Stores a change as {@link AlertStates} does: the entry first. */
    private Versioned keep(String alertKey, long id, Instant due) {
        Versioned pending = pending(id, 1, due, true);
        replace(alertKey, NOTHING, pending);
        return pending;
    }

    private void announce(String alertKey, Versioned record) {
        index.announce(alertKey, record.state().pending().orElseThrow());
    }

    private void replace(String alertKey, Optional<Versioned> before, Versioned after) {
        Optional<Pending> next = after.state().pending();
        next.ifPresent(pending -> index.announce(alertKey, pending));
        assertThat(index.compareAndSet(alertKey, before, after, LONG)).isTrue();
        before.flatMap(record -> record.state().pending())
                .filter(old -> next.filter(pending -> pending.id() == old.id()).isEmpty())
                .ifPresent(old -> index.withdraw(alertKey, old.id()));
    }

    static Versioned pending(long id, long version, Instant due, boolean canBeKept) {
        StoredAlert alert = new StoredAlert("id", Optional.empty(), Optional.empty(), "alerts", "m");
        Change change = new Change(Level.CRITICAL, Optional.empty(), TIME, Optional.empty());
        Pending pending = new Pending(id, change, TIME, due, Optional.of(alert).filter(any -> canBeKept));
        return new Versioned(withPending(record(1).state(), Optional.of(pending)), version);
    }

    /** An entry leaves a little later: nobody waits for the answer. */
    private void awaitDue(int limit, Stream<String> expected) {
        List<String> keys = expected.toList();
        await().atMost(Duration.ofSeconds(LONGEST))
                .untilAsserted(() -> assertThat(keys(index.due(TIME, limit))).isEqualTo(keys));
    }

    private static List<String> dueIds(AlertStates states) {
        return TestAlertStates.due(states).stream()
                .map(alert -> alert.alert().id())
                .toList();
    }

    private static List<String> keys(List<StateStore.PendingEntry> entries) {
        return entries.stream().map(StateStore.PendingEntry::key).toList();
    }

    private AlertStates states(StateStore over) {
        return TestAlertStates.over(
                over,
                TestConfig.with("state.key-prefix", prefix),
                InstantSource.fixed(TIME),
                new SplittableRandom(UUID.randomUUID().getMostSignificantBits()));
    }

    private static Deadline deadline() {
        return Deadline.in(Duration.ofSeconds(25), InstantSource.fixed(TIME));
    }

    private static AlertEvent event(String id, long second) {
        return TestEvents.event(id, "m", Level.CRITICAL, Optional.empty(), TIME.plusSeconds(second));
    }

    /** Writes the first record under the key. */
    private boolean write(long version) {
        return write(version, LONG);
    }

    private boolean write(long version, Duration ttl) {
        return store.compareAndSet(key, NOTHING, record(version), ttl);
    }

    private boolean replace(long expected, long version) {
        return replace(expected, version, LONG);
    }

    private boolean replace(long expected, long version, Duration ttl) {
        return store.compareAndSet(key, Optional.of(record(expected)), record(version), ttl);
    }

    /** Returns a record; those of different versions differ in their states, too. */
    static Versioned record(long version) {
        return new Versioned(
                withLastSentAt(free(LastSent.WARNING, TIME.plusNanos(version >>> 8)), Optional.of(TIME)), version);
    }

    /** Returns a record whose parts all show {@code n}, so that a torn one is noticed; each worker has its versions. */
    private static Versioned count(long n, int worker) {
        Instant time = Instant.ofEpochSecond(n, n);
        LastSent level = n % 2 == 0 ? LastSent.OK : LastSent.CRITICAL;
        AlertState state = withLastSentAt(free(level, time), Optional.of(time));
        return new Versioned(withLease(state, Optional.of(new Lease(n, time, level, false))), n * 100 + worker);
    }

    private static long counted(Versioned versioned) {
        return versioned.state().newest().getEpochSecond();
    }

    /** Returns the result of each of {@code workers}, begun at the same moment. */
    private static <T> List<T> together(int workers, IntFunction<Callable<T>> work) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(workers);
        try {
            CyclicBarrier start = new CyclicBarrier(workers);
            List<Future<T>> running = IntStream.range(0, workers)
                    .mapToObj(worker -> threads.submit(() -> {
                        start.await(LONGEST, TimeUnit.SECONDS);
                        return work.apply(worker).call();
                    }))
                    .toList();
            List<T> results = new ArrayList<>();
            for (Future<T> one : running) {
                results.add(one.get(LONGEST, TimeUnit.SECONDS));
            }
            return results;
        } finally {
            threads.shutdownNow();
        }
    }
}
