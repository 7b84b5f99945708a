package io.hipchatalerts.state.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hipchatalerts.CapturedLog;
import io.hipchatalerts.state.Pending;
import io.hipchatalerts.state.RedisClients;
import io.hipchatalerts.state.RedisProcess;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class RedisStoreTest extends StateStoreContract {

    private static final RedisClients CLIENTS = new RedisClients();
    private static Redis redis;

    @BeforeAll
    static void connect() {
        redis = CLIENTS.to(RedisProcess.shared().address());
    }

    @AfterAll
    static void disconnect() {
        CLIENTS.close();
    }

    @Override
    StateStore store() {
        return store("hipchat-alerts");
    }

    @Override
    StateStore store(String prefix) {
        return new RedisStore(redis, prefix, RedisClients.CALL_TIMEOUT, List.of());
    }

    @Override
    Duration shortTtl() {
        return Duration.ofMillis(100);
    }

    @Override
    void outlive(String key) {
        await().atMost(Duration.ofSeconds(60))
                .until(() -> ask(Request.cmd(Command.EXISTS).arg(key)).toInteger() == 0);
    }

    /** The server's clock cannot be set. A time to live that is over deletes the record at once. */
    @Override
    void age(String key) {
        long left = ask(Request.cmd(Command.PTTL).arg(key)).toLong();
        assertThat(left).as("the record is there").isPositive();
        ask(Request.cmd(Command.PEXPIRE).arg(key).arg(left - agingTtl().toMillis()));
    }

    @Test
    void theValueIsReadableAndHasAnEnd() {
        String key = "test:" + UUID.randomUUID();

        store().compareAndSet(key, Optional.empty(), record(1), Duration.ofDays(30));

        assertThat(ask(Request.cmd(Command.GET).arg(key)).toString())
                .isEqualTo("v2 1 {\"lastSent\":\"WARNING\",\"lastSentAt\":\"2026-01-01T00:00:00.123456789Z\","
                        + "\"newest\":\"2026-01-01T00:00:00.123456789Z\"}");
        assertThat(ask(Request.cmd(Command.PTTL).arg(key)).toLong())
                .isBetween(
                        Duration.ofDays(30).minusHours(1).toMillis(),
                        Duration.ofDays(30).toMillis());
    }

    @Test
    void everyKeyHasAnEnd() {
        for (Duration ttl : List.of(Duration.ofNanos(1), Duration.ofMillis(50), Duration.ofSeconds(Long.MAX_VALUE))) {
            String key = "test:" + UUID.randomUUID();

            store().compareAndSet(key, Optional.empty(), record(1), ttl);

            assertThat(ask(Request.cmd(Command.PTTL).arg(key)).toLong()).isNotEqualTo(-1);
        }
    }

    @Test
    void aWriteThatIsRepeatedDoesNotCountTheTimeAnew() {
        String key = "test:" + UUID.randomUUID();
        store().compareAndSet(key, Optional.empty(), record(1), Duration.ofHours(1));

        store().compareAndSet(key, Optional.empty(), record(1), Duration.ofDays(1));

        assertThat(ask(Request.cmd(Command.PTTL).arg(key)).toLong())
                .isLessThanOrEqualTo(Duration.ofHours(1).toMillis());
    }

    @Test
    void membersOfTheIndexThatAreNotOursHideNoOther() {
        String prefix = "test:" + UUID.randomUUID();
        Pending pending = pending(7, 1, Instant.EPOCH, true).state().pending().orElseThrow();
        for (String foreign : List.of("", "key", "x key", "99999999999999999999 key")) {
            ask(Request.cmd(Command.ZADD).arg(prefix + ":#pending").arg(0).arg(foreign));
        }
        store(prefix).announce("key", pending);

        try (CapturedLog log = new CapturedLog(RedisStore.class.getName(), "%p %m")) {
            StateStore store = store(prefix);
            for (int i = 0; i < 2; i++) {
                assertThat(store.due(Instant.EPOCH, 10))
                        .containsExactly(new StateStore.PendingEntry("key", Optional.of(pending.id())));
            }
            assertThat(log.lines())
                    .containsExactly("WARN " + prefix
                            + ":#pending has members that this program did not write; it ignores them");
        }
    }

    @Test
    void aServerThatForgotItsScriptsIsUsed() {
        String key = "test:" + UUID.randomUUID();
        store().compareAndSet(key, Optional.empty(), record(1), Duration.ofDays(1));

        ask(Request.cmd(Command.SCRIPT).arg("FLUSH"));

        assertThat(store().compareAndSet(key, Optional.of(record(1)), record(2), Duration.ofDays(1)))
                .isTrue();
    }

    @Test
    void aForeignValueIsAnOutageOfItsAlertThatNamesTheKeyAndIsNotOverwritten() {
        String key = "test:" + UUID.randomUUID();
        ask(Request.cmd(Command.SET).arg(key).arg("{\"level\":\"OK\"}"));

        assertThatThrownBy(() -> store().load(key))
                .isInstanceOf(StoreUnavailable.class)
                .cause()
                .hasMessageContaining(key);
        assertThat(store().compareAndSet(key, Optional.empty(), record(1), Duration.ofDays(1)))
                .isFalse();
        assertThat(ask(Request.cmd(Command.GET).arg(key)).toString()).isEqualTo("{\"level\":\"OK\"}");
    }

    @Test
    void aValueOfAnotherTypeIsAnOutageOfItsAlertAlone() {
        String key = "test:" + UUID.randomUUID();
        ask(Request.cmd(Command.RPUSH).arg(key).arg("a"));

        assertThatThrownBy(() -> store().load(key))
                .isInstanceOfSatisfying(StoreUnavailable.class, it -> assertThat(it.isOfOneAlert())
                        .isTrue())
                .cause()
                .hasMessageContaining(key)
                .hasRootCauseMessage("WRONGTYPE Operation against a key holding the wrong kind of value");
        assertThatThrownBy(() -> store().compareAndSet(key, Optional.empty(), record(1), Duration.ofDays(1)))
                .isInstanceOf(StoreUnavailable.class);
    }

    private static Response ask(Request request) {
        return redis.send(request).toCompletionStage().toCompletableFuture().join();
    }
}
