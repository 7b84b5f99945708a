package io.hipchatalerts.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
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
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every store must do, and all that the protocol asks of one. */
@Timeout(60)
abstract class StateStoreContract {

    private static final Duration LONG = Duration.ofDays(30);
    private static final Instant TIME = Instant.parse("2026-01-01T00:00:00.123456789Z");
    private static final Optional<Entry> NOTHING = Optional.empty();

    /** A key of its own for each case, so that all can share a server. */
    private String key;

    private StateStore store;

    /** The store under test. */
    abstract StateStore store();

    /** A time to live that a test can wait for. */
    abstract Duration shortTtl();

    /** The same, but longer than it takes to write something else in the meantime. */
    abstract Duration fairlyShortTtl();

    /** Lets {@code ttl}, counted from now, pass for what stands under {@code key}. */
    abstract void outlive(String key, Duration ttl);

    @BeforeEach
    void aKeyOfItsOwn() {
        key = "contract:" + UUID.randomUUID();
        store = store();
    }

    // What is written is there.

    @Test
    void knowsNothingOfAKeyThatWasNeverWritten() {
        assertThat(store.load(key)).isEmpty();
    }

    @Test
    void lookingForAKeyDoesNotMakeItThere() {
        store.load(key);

        assertThat(store.swap(key, NOTHING, entry(1), LONG)).isTrue();
    }

    @Test
    void givesBackWhatWasWritten() {
        assertThat(store.swap(key, NOTHING, entry(1), LONG)).isTrue();

        assertThat(store.load(key)).contains(entry(1));
    }

    @Test
    void givesBackTheSameHoweverOftenItIsAsked() {
        store.swap(key, NOTHING, entry(1), LONG);

        assertThat(List.of(store.load(key), store.load(key), store.load(key))).containsOnly(Optional.of(entry(1)));
    }

    @ParameterizedTest
    @EnumSource(Told.class)
    void givesBackEveryToldLevel(Told told) {
        Entry entry = new Entry(new AlertRecord(told, TIME, 1, Optional.empty(), Optional.empty()), 7);

        store.swap(key, NOTHING, entry, LONG);

        assertThat(store.load(key)).contains(entry);
    }

    @ParameterizedTest
    @EnumSource(Told.class)
    void givesBackAHoldAndTheTimeOfTheLastMessage(Told before) {
        Entry entry = new Entry(
                new AlertRecord(
                        Told.UNKNOWN,
                        TIME,
                        1,
                        Optional.of(TIME.minusNanos(1)),
                        Optional.of(new AlertRecord.Hold(before, TIME.plusNanos(33_000_000_001L)))),
                8);

        store.swap(key, NOTHING, entry, LONG);

        assertThat(store.load(key)).contains(entry);
    }

    static Stream<Instant> times() {
        return Stream.of(
                Instant.EPOCH,
                Instant.EPOCH.minusNanos(1),
                Instant.parse("1677-09-21T00:12:43.145224193Z"),
                Instant.parse("2262-04-11T23:47:16.854775807Z"),
                Instant.parse("+12345-01-01T00:00:00.000000001Z"),
                Instant.MIN,
                Instant.MAX);
    }

    @ParameterizedTest
    @MethodSource("times")
    void givesBackTheFarthestTimesToTheNanosecond(Instant time) {
        Entry entry = new Entry(
                new AlertRecord(
                        Told.OK, time, 1, Optional.of(time), Optional.of(new AlertRecord.Hold(Told.NOTHING, time))),
                9);

        store.swap(key, NOTHING, entry, LONG);

        assertThat(store.load(key)).contains(entry);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, 1, Long.MIN_VALUE, Long.MAX_VALUE})
    void tellsVersionsApartDownToTheLastBit(long version) {
        Entry mine = entry(version);
        store.swap(key, NOTHING, mine, LONG);

        assertThat(store.swap(key, Optional.of(entry(version ^ 1)), entry(42), LONG))
                .isFalse();
        assertThat(store.swap(key, Optional.of(mine), entry(42), LONG)).isTrue();
    }

    // Compare and set.

    @Test
    void replacesWhatIsExpected() {
        store.swap(key, NOTHING, entry(1), LONG);

        assertThat(store.swap(key, Optional.of(entry(1)), entry(2), LONG)).isTrue();
        assertThat(store.load(key)).contains(entry(2));
    }

    @Test
    void replacesWhatWasLoaded() {
        store.swap(key, NOTHING, entry(1), LONG);

        assertThat(store.swap(key, store.load(key), entry(2), LONG)).isTrue();
        assertThat(store.swap(key, store.load(key), entry(3), LONG)).isTrue();
        assertThat(store.load(key)).contains(entry(3));
    }

    @Test
    void leavesWhatStandsWhereNothingIsExpected() {
        store.swap(key, NOTHING, entry(1), LONG);

        assertThat(store.swap(key, NOTHING, entry(2), LONG)).isFalse();
        assertThat(store.load(key)).contains(entry(1));
    }

    @Test
    void leavesWhatStandsWhereSomethingElseIsExpected() {
        store.swap(key, NOTHING, entry(1), LONG);

        assertThat(store.swap(key, Optional.of(entry(2)), entry(3), LONG)).isFalse();
        assertThat(store.load(key)).contains(entry(1));
    }

    @Test
    void leavesNothingWhereSomethingIsExpected() {
        assertThat(store.swap(key, Optional.of(entry(1)), entry(2), LONG)).isFalse();
        assertThat(store.load(key)).isEmpty();
    }

    @Test
    void refusesWhoeverComesWithAnEntryFromTheDayBefore() {
        store.swap(key, NOTHING, entry(1), LONG);
        store.swap(key, Optional.of(entry(1)), entry(2), LONG);

        assertThat(store.swap(key, Optional.of(entry(1)), entry(3), LONG)).isFalse();
        assertThat(store.load(key)).contains(entry(2));
    }

    @Test
    void isNotTakenInByTheSameRecordWithAnotherVersion() {
        store.swap(key, NOTHING, entry(1), LONG);
        store.swap(key, Optional.of(entry(1)), new Entry(entry(1).record(), 2), LONG);

        assertThat(store.swap(key, Optional.of(entry(1)), entry(3), LONG)).isFalse();
    }

    @Test
    void mayWriteTheSameRecordAgainUnderAnotherVersion() {
        store.swap(key, NOTHING, entry(1), LONG);
        Entry again = new Entry(entry(1).record(), 2);

        assertThat(store.swap(key, Optional.of(entry(1)), again, LONG)).isTrue();
        assertThat(store.load(key)).contains(again);
    }

    // Our own write, whose answer was lost, is sent again.

    @Test
    void aFirstWriteThatIsRepeatedCountsAsDone() {
        store.swap(key, NOTHING, entry(1), LONG);

        assertThat(store.swap(key, NOTHING, entry(1), LONG)).isTrue();
        assertThat(store.load(key)).contains(entry(1));
    }

    @Test
    void aLaterWriteThatIsRepeatedCountsAsDone() {
        store.swap(key, NOTHING, entry(1), LONG);
        store.swap(key, Optional.of(entry(1)), entry(2), LONG);

        assertThat(store.swap(key, Optional.of(entry(1)), entry(2), LONG)).isTrue();
        assertThat(store.load(key)).contains(entry(2));
    }

    @Test
    void aWriteThatIsRepeatedAfterAnothersIsRefused() {
        store.swap(key, NOTHING, entry(1), LONG);
        store.swap(key, Optional.of(entry(1)), entry(2), LONG);
        store.swap(key, Optional.of(entry(2)), entry(3), LONG);

        assertThat(store.swap(key, Optional.of(entry(1)), entry(2), LONG)).isFalse();
        assertThat(store.load(key)).contains(entry(3));
    }

    @Test
    void whoIsRepeatingDoesNotGetInTheWayOfWhoIsNot() {
        store.swap(key, NOTHING, entry(1), LONG);
        store.swap(key, NOTHING, entry(1), LONG);

        assertThat(store.swap(key, NOTHING, entry(2), LONG)).isFalse();
        assertThat(store.swap(key, Optional.of(entry(1)), entry(2), LONG)).isTrue();
    }

    // Time to live.

    @Test
    void forgetsWhatNobodyWroteAgain() {
        store.swap(key, NOTHING, entry(1), shortTtl());

        outlive(key, shortTtl());

        assertThat(store.load(key)).isEmpty();
    }

    @Test
    void whatIsForgottenMayBeWrittenAnew() {
        store.swap(key, NOTHING, entry(1), shortTtl());

        outlive(key, shortTtl());

        assertThat(store.swap(key, NOTHING, entry(2), LONG)).isTrue();
        assertThat(store.load(key)).contains(entry(2));
    }

    @Test
    void whatIsForgottenCanNoLongerBeExpected() {
        store.swap(key, NOTHING, entry(1), shortTtl());

        outlive(key, shortTtl());

        assertThat(store.swap(key, Optional.of(entry(1)), entry(2), LONG)).isFalse();
        assertThat(store.load(key)).isEmpty();
    }

    @Test
    void whoStillExpectsWhatWasForgottenIsRefusedAfterAnotherWrote() {
        store.swap(key, NOTHING, entry(1), shortTtl());
        outlive(key, shortTtl());
        store.swap(key, NOTHING, entry(2), LONG);

        assertThat(store.swap(key, Optional.of(entry(1)), entry(3), LONG)).isFalse();
        assertThat(store.load(key)).contains(entry(2));
    }

    @Test
    void aVersionMayComeBackAfterItWasForgotten() {
        store.swap(key, NOTHING, entry(1), shortTtl());
        outlive(key, shortTtl());

        assertThat(store.swap(key, NOTHING, entry(1), LONG)).isTrue();
        assertThat(store.swap(key, Optional.of(entry(1)), entry(2), LONG)).isTrue();
    }

    @Test
    void everyWriteCountsTheTimeAnew() {
        store.swap(key, NOTHING, entry(1), fairlyShortTtl());
        store.swap(key + ":other", NOTHING, entry(1), fairlyShortTtl());
        store.swap(key, Optional.of(entry(1)), entry(2), LONG);

        outlive(key + ":other", fairlyShortTtl());

        assertThat(store.load(key)).contains(entry(2));
    }

    @Test
    void aWriteMayShortenTheTimeToo() {
        store.swap(key, NOTHING, entry(1), LONG);
        store.swap(key, Optional.of(entry(1)), entry(2), shortTtl());

        outlive(key, shortTtl());

        assertThat(store.load(key)).isEmpty();
    }

    @Test
    void aRefusedWriteDoesNotProlongTheTime() {
        store.swap(key, NOTHING, entry(1), fairlyShortTtl());
        store.swap(key, NOTHING, entry(2), LONG);
        store.swap(key, Optional.of(entry(3)), entry(2), LONG);

        outlive(key, fairlyShortTtl());

        assertThat(store.load(key)).isEmpty();
    }

    @Test
    void forgettingOneKeyLeavesTheOthers() {
        store.swap(key, NOTHING, entry(1), shortTtl());
        store.swap(key + ":other", NOTHING, entry(2), LONG);

        outlive(key, shortTtl());

        assertThat(store.load(key + ":other")).contains(entry(2));
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
    void takesTheShortestAndTheLongestTimeToLive(Duration ttl) {
        assertThat(store.swap(key, NOTHING, entry(1), ttl)).isTrue();
        assertThatCode(() -> store.load(key)).doesNotThrowAnyException();
    }

    @Test
    void theLongestTimeToLiveIsLong() {
        store.swap(key, NOTHING, entry(1), Duration.ofSeconds(Long.MAX_VALUE));

        assertThat(store.load(key)).contains(entry(1));
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
    void takesAnyTextForAKey(String strange) {
        String strangeKey = key + strange;

        assertThat(store.load(strangeKey)).isEmpty();
        assertThat(store.swap(strangeKey, NOTHING, entry(1), LONG)).isTrue();
        assertThat(store.swap(strangeKey, NOTHING, entry(2), LONG)).isFalse();
        assertThat(store.swap(strangeKey, Optional.of(entry(1)), entry(2), LONG))
                .isTrue();
        assertThat(store.load(strangeKey)).contains(entry(2));
        assertThat(store.load(key)).isEmpty();
    }

    @Test
    void keysThatLookAlikeAreTwo() {
        List<String> alike =
                List.of(key, key + " ", key.toUpperCase(Locale.ROOT), key + "é", key + "e\u0301", key + "\u200b");

        for (int i = 0; i < alike.size(); i++) {
            assertThat(store.swap(alike.get(i), NOTHING, entry(i), LONG)).isTrue();
        }

        for (int i = 0; i < alike.size(); i++) {
            assertThat(store.load(alike.get(i))).contains(entry(i));
        }
    }

    @Test
    void oneKeyKnowsNothingOfAnother() {
        store.swap(key + ":a", NOTHING, entry(1), LONG);
        store.swap(key + ":b", NOTHING, entry(2), LONG);
        store.swap(key + ":a", Optional.of(entry(1)), entry(3), LONG);

        assertThat(store.load(key + ":a")).contains(entry(3));
        assertThat(store.load(key + ":b")).contains(entry(2));
        assertThat(store.load(key)).isEmpty();
    }

    @Test
    void hasANameForMetrics() {
        assertThat(store.name()).isIn("memory", "redis", "dynamodb");
    }

    // Races.

    @Test
    void ofManyFirstWritersOneWins() throws Exception {
        List<Boolean> won = together(8, worker -> () -> store.swap(key, NOTHING, entry(worker), LONG));

        assertThat(won).containsOnlyOnce(true);
        assertThat(store.load(key)).contains(entry(won.indexOf(true)));
    }

    @Test
    void ofManyWhoExpectTheSameOneWins() throws Exception {
        for (int round = 0; round < 20; round++) {
            String roundKey = key + round;
            store.swap(roundKey, NOTHING, entry(-1), LONG);

            List<Boolean> won =
                    together(8, worker -> () -> store.swap(roundKey, Optional.of(entry(-1)), entry(worker), LONG));

            assertThat(won).containsOnlyOnce(true);
            assertThat(store.load(roundKey)).contains(entry(won.indexOf(true)));
        }
    }

    @Test
    void ofManyWhoFindItForgottenOneWins() throws Exception {
        store.swap(key, NOTHING, entry(-1), shortTtl());
        outlive(key, shortTtl());

        List<Boolean> won = together(8, worker -> () -> store.swap(key, NOTHING, entry(worker), LONG));

        assertThat(won).containsOnlyOnce(true);
    }

    @Test
    void manyWhoRepeatTheSameWriteAreAllTold() throws Exception {
        List<Boolean> done = together(8, worker -> () -> store.swap(key, NOTHING, entry(1), LONG));

        assertThat(done).containsOnly(true);
    }

    @Test
    void losesNothingWhileManyCount() throws Exception {
        int each = 20;
        store.swap(key, NOTHING, count(0, 0), LONG);

        together(8, worker -> () -> {
            for (int step = 0; step < each; step++) {
                boolean counted = false;
                while (!counted) {
                    Entry current = store.load(key).orElseThrow();
                    counted = store.swap(key, Optional.of(current), count(counted(current) + 1, worker), LONG);
                }
            }
            return null;
        });

        assertThat(counted(store.load(key).orElseThrow())).isEqualTo(8L * each);
    }

    @Test
    void nobodyReadsHalfAWrite() throws Exception {
        store.swap(key, NOTHING, count(0, 0), LONG);
        AtomicBoolean done = new AtomicBoolean();

        List<Boolean> whole = together(4, worker -> () -> {
            if (worker == 0) {
                Entry current = count(0, 0);
                for (long n = 1; n <= 200; n++) {
                    Entry next = count(n, 0);
                    assertThat(store.swap(key, Optional.of(current), next, LONG))
                            .isTrue();
                    current = next;
                }
                done.set(true);
                return true;
            }
            long last = 0;
            while (!done.get()) {
                Entry seen = store.load(key).orElseThrow();
                assertThat(seen).isEqualTo(count(counted(seen), 0));
                assertThat(counted(seen)).isGreaterThanOrEqualTo(last);
                last = counted(seen);
            }
            return true;
        });

        assertThat(whole).containsOnly(true);
    }

    @Test
    void manyWithKeysOfTheirOwnDoNotDisturbEachOther() throws Exception {
        List<Boolean> undisturbed = together(8, worker -> () -> {
            String own = key + ":" + worker;
            Optional<Entry> current = NOTHING;
            for (int n = 0; n < 20; n++) {
                Entry next = count(n, worker);
                if (!store.swap(own, current, next, LONG)) {
                    return false;
                }
                current = Optional.of(next);
            }
            return store.load(own).equals(current);
        });

        assertThat(undisturbed).containsOnly(true);
    }

    /** Some entry; those of different versions differ in their records, too. */
    static Entry entry(long version) {
        return new Entry(
                new AlertRecord(Told.WARNING, TIME.plusNanos(version >>> 8), 1, Optional.of(TIME), Optional.empty()),
                version);
    }

    /** An entry that says the same in every part, so that a torn one can be told; a version for each who counts. */
    private static Entry count(long n, int worker) {
        Instant time = Instant.ofEpochSecond(n, n);
        Told told = n % 2 == 0 ? Told.OK : Told.CRITICAL;
        return new Entry(
                new AlertRecord(told, time, 1, Optional.of(time), Optional.of(new AlertRecord.Hold(told, time))),
                n * 100 + worker);
    }

    private static long counted(Entry entry) {
        return entry.record().newest().getEpochSecond();
    }

    /** What each of {@code workers} came to, begun at the same moment. */
    private static <T> List<T> together(int workers, IntFunction<Callable<T>> work) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(workers);
        try {
            CyclicBarrier start = new CyclicBarrier(workers);
            List<Future<T>> running = IntStream.range(0, workers)
                    .mapToObj(worker -> threads.submit(() -> {
                        start.await(10, TimeUnit.SECONDS);
                        return work.apply(worker).call();
                    }))
                    .toList();
            List<T> results = new ArrayList<>();
            for (Future<T> one : running) {
                results.add(one.get(50, TimeUnit.SECONDS));
            }
            return results;
        } finally {
            threads.shutdownNow();
        }
    }
}
