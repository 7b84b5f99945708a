package io.hipchatalerts.state.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.hipchatalerts.CapturedLog;
import io.hipchatalerts.alert.AlertEvent;
import io.hipchatalerts.alert.Level;
import io.hipchatalerts.alert.TestEvents;
import io.hipchatalerts.config.TestConfig;
import io.hipchatalerts.fake.FreePort;
import io.hipchatalerts.routing.TestDeliveries;
import io.hipchatalerts.state.AlertStates;
import io.hipchatalerts.state.DynamoDbProcess;
import io.hipchatalerts.state.TestAlertStates;
import io.hipchatalerts.time.Deadline;
import io.hipchatalerts.time.VirtualTime;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

class DynamoDbStoreTest extends StateStoreContract {

    private static final Duration DAY = Duration.ofDays(1);

    /** For calls that nobody answers. */
    private static final Duration SHORT = Duration.ofSeconds(1);

    /** For calls that get their answer: however busy the machine is. */
    private static final Duration AMPLE = Duration.ofSeconds(60);

    private static DynamoDbClient client;
    private static String table;

    private final VirtualTime time = new VirtualTime(Instant.parse("2026-01-01T00:00:00.5Z"));
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
        return store("hipchat-alerts");
    }

    @Override
    StateStore store(String prefix) {
        return new DynamoDbStore(client, table, prefix, time, AMPLE);
    }

    @Override
    Duration shortTtl() {
        return Duration.ofMinutes(10);
    }

    @Override
    void outlive(String key) {
        // The table has whole seconds, rounded up.
        time.pass(shortTtl().plusSeconds(1));
    }

    @Override
    void age(String key) {
        time.pass(agingTtl().plusSeconds(1));
    }

    @Test
    void theItemIsReadableAndHasAnEnd() {
        store().compareAndSet(key, Optional.empty(), record(1), DAY);

        assertThat(item(key))
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "alert", AttributeValue.fromS(key),
                        "record", AttributeValue.fromS(RecordFormat.write(record(1))),
                        "version", AttributeValue.fromN("1"),
                        "expires",
                                AttributeValue.fromN(Long.toString(
                                        Instant.parse("2026-01-02T00:00:01Z").getEpochSecond()))));
    }

    @Test
    void aRecordIsRememberedForItsTimeAndAtMostASecondLonger() {
        store().compareAndSet(key, Optional.empty(), record(1), DAY);

        time.pass(DAY);
        assertThat(store().load(key)).contains(record(1));

        time.pass(Duration.ofSeconds(1));
        assertThat(store().load(key)).isEmpty();
    }

    @Test
    void aWriteIsRepeatedEvenIfItsRecordHasExpired() {
        store().compareAndSet(key, Optional.empty(), record(1), DAY);
        store().compareAndSet(key, Optional.of(record(1)), record(2), Duration.ofSeconds(1));

        time.pass(DAY);

        assertThat(store().compareAndSet(key, Optional.of(record(1)), record(2), DAY))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"record", "version", "expires"})
    void aForeignItemIsAnOutageOfItsAlertThatNamesTheKeyAndIsNotOverwritten(String damaged) {
        Map<String, AttributeValue> item = new HashMap<>(Map.of(
                "alert", AttributeValue.fromS(key),
                "record", AttributeValue.fromS(RecordFormat.write(record(1))),
                "version", AttributeValue.fromN("1"),
                "expires", AttributeValue.fromN("4000000000")));
        for (AttributeValue damage : new AttributeValue[] {AttributeValue.fromS("?"), AttributeValue.fromBool(true)}) {
            item.put(damaged, damage);
            client.putItem(put -> put.tableName(table).item(item));

            assertThatThrownBy(() -> store().load(key))
                    .isInstanceOf(StoreUnavailable.class)
                    .cause()
                    .hasMessageContaining(key);
            assertThat(store().compareAndSet(key, Optional.empty(), record(2), DAY))
                    .isFalse();
        }
    }

    @Test
    void onlyAnItemWithAChangeThatAnyProcessCanSendIsInTheIndex() {
        AlertStates states = TestAlertStates.over(store(), TestConfig.with(), time, () -> 7);
        AlertEvent event = TestEvents.event(key, "m", Level.CRITICAL, Optional.empty(), time.instant());

        String alert = states.keep(event, TestDeliveries.to("alerts"), false, time.instant(), Deadline.in(DAY, time))
                .orElseThrow()
                .key();

        assertThat(item(alert))
                .containsEntry("pending", AttributeValue.fromS("hipchat-alerts"))
                .containsEntry(
                        "due", AttributeValue.fromN(Long.toString(time.instant().toEpochMilli())));
    }

    @Test
    void aTableWithoutTheIndexWorksWithOneWarningUntilItHasOne() {
        String table = DynamoDbProcess.shared().newTableWithoutIndex(client);
        StateStore old = on(client, table);
        try (CapturedLog log = new CapturedLog(DynamoDbStore.class.getName(), "%p %m")) {
            assertThat(old.compareAndSet(key, Optional.empty(), record(1), DAY)).isTrue();
            for (int i = 0; i < 2; i++) {
                assertThat(old.due(time.instant(), 10)).isEmpty();
                assertThat(old.pendingCount()).isZero();
                time.pass(Duration.ofMinutes(6));
            }
            assertThat(old.compareAndSet(key, Optional.of(record(1)), record(2), DAY))
                    .isTrue();
            assertThat(old.load(key)).contains(record(2));
            assertThat(log.lines())
                    .singleElement()
                    .asString()
                    .startsWith("WARN")
                    .contains("has no index pending");

            DynamoDbProcess.shared().addIndex(client, table);
            old.compareAndSet("due", Optional.empty(), pending(1, 1, time.instant(), true), DAY);
            time.pass(Duration.ofMinutes(6));
            assertThat(old.due(time.instant(), 10))
                    .containsExactly(new StateStore.PendingEntry("due", Optional.empty()));
        }
    }

    @Test
    void aMissingTableIsAnOutageThatSaysSo() {
        StateStore lost = on(client, "no-such-table");

        assertThatThrownBy(() -> lost.load(key))
                .isInstanceOf(StoreUnavailable.class)
                .cause()
                .hasMessageContaining("non-existent table");
        assertThatThrownBy(() -> lost.compareAndSet(key, Optional.empty(), record(1), DAY))
                .isInstanceOf(StoreUnavailable.class);
    }

    @Test
    void aRefusedConnectionIsAnOutageWithinTheCallTimeout() {
        URI nobody = URI.create("http://127.0.0.1:" + FreePort.any());
        try (DynamoDbClient away = patient(nobody)) {
            assertOutage(on(away, table, SHORT));
        }
    }

    @Test
    void aServerThatAcceptsConnectionsButNeverAnswersIsAnOutageWithinTheCallTimeout() throws IOException {
        try (ServerSocket mute = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                DynamoDbClient unheard = patient(URI.create("http://127.0.0.1:" + mute.getLocalPort()))) {
            assertOutage(on(unheard, table, SHORT));
        }
    }

    /** The SDK tries a throttled call again until its time is over, and then says only that. */
    @ParameterizedTest
    @CsvSource({
        "ProvisionedThroughputExceededException, ProvisionedThroughputExceededException",
        "ThrottlingException,                    ThrottlingException",
        "RequestLimitExceeded,                   RequestLimitExceededException"
    })
    void aThrottledCallIsAnOutageThatNamesTheError(String code, String error) throws IOException {
        HttpServer throttling =
                answering("{\"__type\":\"com.amazonaws.dynamodb.v20120810#" + code + "\",\"message\":\"slow down\"}");
        URI address = URI.create("http://127.0.0.1:" + throttling.getAddress().getPort());
        try (DynamoDbClient throttled = DynamoDbProcess.client(address)) {
            StateStore slow = on(throttled, table, Duration.ofSeconds(2));

            // Each takes until its timeout, so they run at once. On a busy machine, a first call may end before its
            // first
            // answer is read.
            List<Runnable> calls = List.of(
                    () -> slow.load(key),
                    () -> slow.compareAndSet(key, Optional.empty(), record(1), DAY),
                    () -> slow.due(time.instant(), 10),
                    slow::pendingCount);
            List<CompletableFuture<Void>> running = calls.stream()
                    .map(call -> CompletableFuture.runAsync(() ->
                            await().atMost(Duration.ofMinutes(3)).untilAsserted(() -> assertNames(error, call::run))))
                    .toList();

            running.forEach(CompletableFuture::join);
        } finally {
            throttling.stop(0);
        }
    }

    @Test
    void aTableThatCannotBeWrittenIsAnOutageThatSaysSo() throws IOException {
        HttpServer forbidding = answering(
                "{\"__type\":\"com.amazon.coral.service#AccessDeniedException\",\"Message\":\"not authorized to perform:"
                        + " dynamodb:PutItem\"}");
        URI address = URI.create("http://127.0.0.1:" + forbidding.getAddress().getPort());
        try (DynamoDbClient forbidden = DynamoDbProcess.client(address)) {
            assertNames("not authorized to perform: dynamodb:PutItem", () -> on(forbidden, table)
                    .compareAndSet(key, Optional.empty(), record(1), DAY));
        } finally {
            forbidding.stop(0);
        }
    }

    private static Map<String, AttributeValue> item(String key) {
        return client.getItem(get -> get.tableName(table).key(Map.of("alert", AttributeValue.fromS(key))))
                .item();
    }

    private static HttpServer answering(String error) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(task -> new Thread(task).start());
        server.createContext("/", call -> {
            call.getRequestBody().readAllBytes();
            call.getResponseHeaders().add("Content-Type", "application/x-amz-json-1.0");
            call.sendResponseHeaders(400, error.length());
            call.getResponseBody().write(error.getBytes(StandardCharsets.UTF_8));
            call.close();
        });
        server.start();
        return server;
    }

    private static void assertNames(String error, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(StoreUnavailable.class, outage -> assertThat(
                        outage.getCause().toString())
                .contains(error));
    }

    private DynamoDbStore on(DynamoDbClient dynamoDb, String name) {
        return on(dynamoDb, name, AMPLE);
    }

    private DynamoDbStore on(DynamoDbClient dynamoDb, String name, Duration callTimeout) {
        return new DynamoDbStore(dynamoDb, name, "hipchat-alerts", time, callTimeout);
    }

    /** A client that waits for an answer much longer than this test may take: only the call timeout ends its calls. */
    private static DynamoDbClient patient(URI address) {
        return DynamoDbProcess.client(
                address, UrlConnectionHttpClient.builder().socketTimeout(DAY).connectionTimeout(DAY));
    }

    private void assertOutage(StateStore away) {
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> away.compareAndSet(key, Optional.empty(), record(1), DAY))
                    .isInstanceOf(StoreUnavailable.class);
        }
    }
}
