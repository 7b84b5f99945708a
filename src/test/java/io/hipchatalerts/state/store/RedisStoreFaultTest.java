package io.hipchatalerts.state.store;

import static io.hipchatalerts.state.RedisProxy.Fate.ANSWERED;
import static io.hipchatalerts.state.RedisProxy.Fate.CUT_AFTER;
import static io.hipchatalerts.state.RedisProxy.Fate.CUT_BEFORE;
import static io.hipchatalerts.state.RedisProxy.Fate.SWALLOWED;
import static io.hipchatalerts.state.store.StateStoreContract.record;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.hipchatalerts.alert.Token;
import io.hipchatalerts.state.RedisClients;
import io.hipchatalerts.state.RedisProcess;
import io.hipchatalerts.state.RedisProxy;
import io.hipchatalerts.state.RedisProxy.Fate;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Faults between the store and its server, with a real server and a client that has the settings of the program. A call
 * that gets an answer, or that ends at once, has much time, so that a busy machine changes nothing.
 */
@Timeout(240)
class RedisStoreFaultTest {

    private static final RedisClients CLIENTS = new RedisClients();
    private static final Duration DAY = Duration.ofDays(1);

    /** For calls that nobody answers. */
    private static final Duration SHORT = Duration.ofSeconds(1);

    /** Much longer than {@link #SHORT}, and much shorter than the time after which a client closes a connection. */
    private static final Duration LONGEST = Duration.ofSeconds(30);

    /** The threads of the HTTP program: as many can call at once. */
    private static final int WORKERS = 200;

    private final String key = "fault:" + UUID.randomUUID();
    private final RedisProxy proxy = new RedisProxy(RedisProcess.shared().port());
    private final Redis client = CLIENTS.to(proxy.address());
    private final RedisStore store = on(client);
    private final RedisStore hasty = on(client, SHORT);

    @AfterEach
    void closeTheProxy() throws Exception {
        proxy.close();
    }

    @AfterAll
    static void closeTheClients() {
        CLIENTS.close();
    }

    @Test
    void aRefusedConnectionIsAnOutageThatEndsWhenTheServerStarts() {
        RedisProcess server = RedisProcess.started();
        server.stop();
        RedisStore away = on(CLIENTS.to(server.address()));

        for (int i = 0; i < 100; i++) {
            assertThat(outage(() -> away.load(key))).isLessThan(LONGEST);
        }

        server.start();
        assertThat(away.load(key)).isEmpty();
        server.stop();
    }

    @Test
    void aServerThatRestartedIsUsedAgainAtOnce() throws Exception {
        RedisProcess server = RedisProcess.started();
        RedisStore restarted = on(CLIENTS.to(server.address()));
        together(20, () -> restarted.load(key));

        server.stop();
        assertThat(outage(() -> restarted.load(key))).isLessThan(LONGEST);
        server.start();

        assertThat(restarted.compareAndSet(key, Optional.empty(), record(1), DAY))
                .isTrue();
        assertThat(restarted.load(key)).contains(record(1));
        server.stop();
    }

    @Test
    void aServerThatRestartedBetweenTwoCallsCausesNoOutage() throws Exception {
        RedisProcess server = RedisProcess.started();
        RedisStore restarted = on(CLIENTS.to(server.address()));
        together(20, () -> restarted.load(key));

        server.stop();
        server.start();

        assertThat(restarted.compareAndSet(key, Optional.empty(), record(1), DAY))
                .isTrue();
        server.stop();
    }

    @ParameterizedTest(name = "it answered before: {0}")
    @ValueSource(booleans = {false, true})
    void aSilentServerIsAnOutageWithinTheCallTimeoutUntilItAnswers(boolean isConnected) {
        Optional<Versioned> before = Optional.of(record(1)).filter(record -> isConnected);
        before.ifPresent(record -> store.compareAndSet(key, Optional.empty(), record, DAY));
        proxy.decides(request -> SWALLOWED);

        assertThat(outage(() -> hasty.load(key))).isLessThan(LONGEST);
        assertThat(outage(() -> hasty.compareAndSet(key, before, record(2), DAY)))
                .isLessThan(LONGEST);

        proxy.decides(request -> ANSWERED);
        assertThat(store.load(key)).isEqualTo(before);
    }

    @Test
    void aSilentServerDelaysNoCallBeyondItsTimeoutHoweverManyThereAre() throws Exception {
        proxy.decides(request -> SWALLOWED);

        List<Duration> outages = together(WORKERS, () -> outage(() -> hasty.load(key)));

        assertThat(outages).allMatch(time -> time.compareTo(LONGEST) < 0);
        proxy.decides(request -> ANSWERED);
        assertThat(assertTimeout(LONGEST, () -> store.load(key))).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = Fate.class,
            names = {"CUT_BEFORE", "CUT_AFTER"})
    void aConnectionThatBreaksOnceCausesNoOutage(Fate cut) {
        store.load(key);
        proxy.decides(once(cut, "eval"));

        assertThat(store.compareAndSet(key, Optional.empty(), record(1), DAY)).isTrue();

        proxy.decides(once(cut, "eval"));
        assertThat(store.compareAndSet(key, Optional.of(record(1)), record(2), DAY))
                .isTrue();

        proxy.decides(once(cut, "get"));
        assertThat(store.load(key)).contains(record(2));
    }

    @ParameterizedTest
    @EnumSource(
            value = Fate.class,
            names = {"CUT_BEFORE", "CUT_AFTER"})
    void connectionsThatBreakEachTimeAreAnOutageAfterWhichTheSameWriteSucceeds(Fate cut) {
        proxy.decides(request -> request.contains("eval") ? cut : ANSWERED);

        assertThat(outage(() -> store.compareAndSet(key, Optional.empty(), record(1), DAY)))
                .isLessThan(LONGEST);

        proxy.decides(request -> ANSWERED);
        assertThat(store.load(key)).isEqualTo(cut == CUT_AFTER ? Optional.of(record(1)) : Optional.empty());
        assertThat(store.compareAndSet(key, Optional.empty(), record(1), DAY)).isTrue();
    }

    @Test
    void aConnectionThatBreaksDuringItsHandshakeIsMadeAgain() {
        proxy.decides(once(CUT_BEFORE, "hello"));

        assertThat(store.load(key)).isEmpty();
    }

    @Test
    void anIdleConnectionIsClosed() {
        RedisStore idle = on(CLIENTS.to(proxy.address(), SHORT, Map.of()));
        patiently().until(() -> idle.load(key).isEmpty());
        int made = proxy.connectionsMade();

        patiently().until(proxy::connectionsOpen, open -> open == 0);

        patiently().until(() -> idle.load(key).isEmpty());
        assertThat(proxy.connectionsMade()).isGreaterThan(made);
    }

    @Test
    void aConnectionToASilentServerIsClosed() {
        RedisStore idle = on(CLIENTS.to(proxy.address(), SHORT, Map.of()), SHORT);
        proxy.decides(request -> SWALLOWED);

        outage(() -> idle.load(key));

        patiently().until(proxy::connectionsOpen, open -> open == 0);
    }

    @Test
    void successiveCallsShareAConnection() {
        for (int i = 0; i < 50; i++) {
            store.load(key);
        }

        assertThat(proxy.connectionsMade()).isEqualTo(1);
    }

    @Test
    void aWriteThatNobodyWaitsForAnyMoreIsNotSent() throws Exception {
        Redis single = CLIENTS.to(proxy.address(), Map.of("quarkus.redis.max-pool-size", "1"));
        RedisStore narrow = on(single, SHORT);
        Runnable write = () -> narrow.compareAndSet(key, Optional.empty(), record(1), DAY);
        AtomicInteger writes = new AtomicInteger();
        proxy.decides(counting(writes, SWALLOWED));

        // One holds the only connection, and the next waits for it in vain.
        patiently().until(() -> {
            outage(write);
            return writes.get() == 1;
        });
        outage(write);
        proxy.decides(counting(writes, ANSWERED));
        proxy.cutsAll();

        // It gets a connection after those that waited before it.
        assertThat(on(single).load(key)).isEmpty();
        assertThat(writes).hasValue(1);
    }

    /** Counts the writes, and lets them have this fate. */
    private static Function<String, Fate> counting(AtomicInteger writes, Fate fate) {
        return request -> {
            if (!request.contains("eval")) {
                return ANSWERED;
            }
            writes.incrementAndGet();
            return fate;
        };
    }

    @Test
    void anInterruptedCallDoesNotWait() {
        proxy.decides(request -> SWALLOWED);
        Thread.currentThread().interrupt();

        Duration time = outage(() -> store.load(key));

        assertThat(Thread.interrupted()).isTrue();
        assertThat(time).isLessThan(LONGEST);
    }

    /** A replica whose primary is away, and a server without memory: both answer each load. */
    @ParameterizedTest
    @CsvSource({"REPLICAOF 127.0.0.1 1, READONLY", "CONFIG SET maxmemory 1, OOM"})
    void aServerThatTakesNoWritesIsAnOutageThatNamesItsError(String command, String error) {
        RedisProcess server = RedisProcess.started();
        try {
            Redis redis = CLIENTS.to(server.address());
            RedisStore readOnly = on(redis);
            StoreProbe probe = new StoreProbe(readOnly, "hipchat-alerts", new Random(1));
            probe.write();
            tell(redis, command);

            probe.read();
            for (Runnable write : List.<Runnable>of(
                    probe::write, () -> readOnly.compareAndSet(key, Optional.empty(), record(1), DAY))) {
                assertThatThrownBy(write::run)
                        .isInstanceOf(StoreUnavailable.class)
                        .cause()
                        .hasMessageContaining(error);
            }
        } finally {
            server.stop();
        }
    }

    @Test
    void anErrorBeforeTheCallTimeoutIsNamed() {
        // On a busy machine the error may be too late for a call. Its second request shows that it was not.
        Throwable outage = patiently().until(this::outageAfterAnError, Objects::nonNull);

        assertThat(outage).isInstanceOf(StoreUnavailable.class).cause().isNotInstanceOf(TimeoutException.class);
    }

    /** Breaks the first request of a call and swallows the second. Returns null if its time ended before the second. */
    private Throwable outageAfterAnError() {
        String own = key + ":" + UUID.randomUUID();
        AtomicInteger requests = new AtomicInteger();
        proxy.decides(request -> !request.contains("get")
                ? ANSWERED
                : request.contains(own) && requests.getAndIncrement() == 0 ? CUT_BEFORE : SWALLOWED);

        Throwable outage = catchThrowable(() -> hasty.load(own));

        return requests.get() > 1 ? outage : null;
    }

    /** Redis' error about a command that it does not know repeats the command. */
    @Test
    void aPasswordThatTheServerRepeatsIsRedacted() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            answerAll(server, "-ERR unknown command `AUTH`, with args beginning with: `s3cr3t`, \r\n");
            RedisStore secretive = new RedisStore(
                    CLIENTS.to("redis://:s3cr3t@127.0.0.1:" + server.getLocalPort()),
                    "hipchat-alerts",
                    RedisClients.CALL_TIMEOUT,
                    List.of(new Token("s3cr3t")));

            // The client closes a connection after an error, and may report that instead of the error.
            patiently()
                    .until(
                            () -> catchThrowable(() -> secretive.load(key))
                                    .getCause()
                                    .toString(),
                            error -> {
                                assertThat(error).doesNotContain("s3cr3t");
                                return error.contains("beginning with: `***`");
                            });
        }
    }

    private static void answerAll(ServerSocket server, String answer) {
        RedisProxy.inBackground(() -> {
            while (true) {
                Socket client = server.accept();
                RedisProxy.inBackground(() -> {
                    while (client.getInputStream().read(new byte[1024]) > 0) {
                        client.getOutputStream().write(answer.getBytes(UTF_8));
                    }
                });
            }
        });
    }

    private static void tell(Redis redis, String command) {
        String[] words = command.split(" ");
        Request request = Request.cmd(Command.create(words[0]));
        Stream.of(words).skip(1).forEach(request::arg);
        redis.send(request).toCompletionStage().toCompletableFuture().join();
    }

    private static RedisStore on(Redis redis) {
        return on(redis, RedisClients.CALL_TIMEOUT);
    }

    private static RedisStore on(Redis redis, Duration callTimeout) {
        return new RedisStore(redis, "hipchat-alerts", callTimeout, List.of());
    }

    /** Returns how long {@code call} took to end in an outage that has a cause. */
    private static Duration outage(Runnable call) {
        long start = System.nanoTime();
        Throwable thrown = catchThrowable(call::run);
        Duration time = Duration.ofNanos(System.nanoTime() - start);

        assertThat(thrown).isInstanceOf(StoreUnavailable.class);
        assertThat(thrown.getCause()).isNotNull();
        return time;
    }

    /** A call whose timeout is short may fail on a busy machine; then the next one follows. */
    private static ConditionFactory patiently() {
        return await().atMost(Duration.ofSeconds(60)).ignoreExceptionsInstanceOf(StoreUnavailable.class);
    }

    private static Function<String, Fate> once(Fate fate, String command) {
        AtomicInteger left = new AtomicInteger(1);
        return request -> request.contains(command) && left.getAndDecrement() > 0 ? fate : ANSWERED;
    }

    private static <T> List<T> together(int workers, Callable<T> work) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(workers);
        try {
            List<Future<T>> running = new ArrayList<>();
            for (int i = 0; i < workers; i++) {
                running.add(threads.submit(work));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> one : running) {
                results.add(one.get(200, TimeUnit.SECONDS));
            }
            return results;
        } finally {
            threads.shutdownNow();
        }
    }
}
