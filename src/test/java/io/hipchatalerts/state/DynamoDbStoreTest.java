package io.hipchatalerts.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

class DynamoDbStoreTest extends StateStoreContract {

    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration LONGEST = Duration.ofMillis(1800);

    private static DynamoDbClient client;
    private static String table;

    private final VirtualClock clock = new VirtualClock();
    private final String key = "test:" + UUID.randomUUID();

    @BeforeAll
    static void makeATable() {
        client = DynamoDbProcess.shared().client();
        table = DynamoDbProcess.shared().newTable(client);
    }

    @AfterAll
    static void disconnect() {
        client.close();
    }

    @Override
    StateStore store() {
        return new DynamoDbStore(client, table, clock);
    }

    @Override
    Duration shortTtl() {
        return Duration.ofMinutes(10);
    }

    @Override
    Duration fairlyShortTtl() {
        return shortTtl();
    }

    @Override
    void outlive(String key, Duration ttl) {
        // Times to live are kept in whole seconds here, begun ones count.
        clock.passes(ttl.plusSeconds(1));
    }

    @Test
    void anOperatorCanReadTheItemAndDynamoDbKnowsWhenItEnds() {
        store().swap(key, Optional.empty(), entry(1), DAY);

        assertThat(client.getItem(get -> get.tableName(table).key(Map.of("alert", AttributeValue.fromS(key))))
                        .item())
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "alert", AttributeValue.fromS(key),
                        "entry",
                                AttributeValue.fromS(
                                        "v1 1 WARNING 2026-01-01T00:00:00.123456789Z 1 2026-01-01T00:00:00.123456789Z -"),
                        "version", AttributeValue.fromN("1"),
                        "expires",
                                AttributeValue.fromN(Long.toString(
                                        Instant.parse("2026-01-02T00:00:01Z").getEpochSecond()))));
    }

    @Test
    void remembersAtLeastAsLongAsAskedAndAtMostASecondLonger() {
        store().swap(key, Optional.empty(), entry(1), DAY);

        clock.passes(DAY);
        assertThat(store().load(key)).contains(entry(1));

        clock.passes(Duration.ofSeconds(1));
        assertThat(store().load(key)).isEmpty();
    }

    @Test
    void aWriteIsRepeatedEvenWhenItExpiredMeanwhile() {
        store().swap(key, Optional.empty(), entry(1), DAY);
        store().swap(key, Optional.of(entry(1)), entry(2), Duration.ofSeconds(1));

        clock.passes(DAY);

        assertThat(store().swap(key, Optional.of(entry(1)), entry(2), DAY)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"entry", "version", "expires"})
    void anItemThatIsNotOursIsAnOutageThatNamesTheKeyAndStays(String damaged) {
        Map<String, AttributeValue> item = new HashMap<>(Map.of(
                "alert", AttributeValue.fromS(key),
                "entry", AttributeValue.fromS(EntryText.of(entry(1))),
                "version", AttributeValue.fromN("1"),
                "expires", AttributeValue.fromN("4000000000")));
        for (AttributeValue damage : new AttributeValue[] {AttributeValue.fromS("?"), AttributeValue.fromBool(true)}) {
            item.put(damaged, damage);
            client.putItem(put -> put.tableName(table).item(item));

            assertThatThrownBy(() -> store().load(key))
                    .isInstanceOf(StoreUnavailable.class)
                    .cause()
                    .hasMessageContaining(key);
            assertThat(store().swap(key, Optional.empty(), entry(2), DAY)).isFalse();
        }
    }

    @Test
    void aTableThatIsNotThereIsAnOutageThatSaysSo() {
        StateStore lost = new DynamoDbStore(client, "no-such-table", clock);

        assertThatThrownBy(() -> lost.load(key))
                .isInstanceOf(StoreUnavailable.class)
                .cause()
                .hasMessageContaining("non-existent table");
        assertThatThrownBy(() -> lost.swap(key, Optional.empty(), entry(1), DAY))
                .isInstanceOf(StoreUnavailable.class);
    }

    @Test
    void aRefusedConnectionIsAnOutageWithinTheSecond() {
        URI nobody = URI.create("http://127.0.0.1:" + RedisProcess.freePort());
        try (DynamoDbClient away = DynamoDbProcess.client(nobody)) {
            assertOutageInTime(new DynamoDbStore(away, table, clock));
        }
    }

    @Test
    void aServerThatTakesConnectionsButNeverAnswersIsAnOutageWithinTheSecond() throws IOException {
        try (ServerSocket mute = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                DynamoDbClient unheard =
                        DynamoDbProcess.client(URI.create("http://127.0.0.1:" + mute.getLocalPort()))) {
            assertOutageInTime(new DynamoDbStore(unheard, table, clock));
        }
    }

    private void assertOutageInTime(StateStore away) {
        // What a first call costs a JVM is no concern of the store.
        store().load(key);
        for (int i = 0; i < 2; i++) {
            long start = System.nanoTime();
            assertThatThrownBy(() -> away.swap(key, Optional.empty(), entry(1), DAY))
                    .isInstanceOf(StoreUnavailable.class);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(LONGEST);
        }
    }
}
