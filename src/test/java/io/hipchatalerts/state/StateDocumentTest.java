package io.hipchatalerts.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.alert.AlertEvent;
import io.hipchatalerts.alert.Level;
import io.hipchatalerts.alert.Series;
import io.hipchatalerts.alert.StateChangesOnly;
import io.hipchatalerts.alert.Token;
import io.hipchatalerts.config.TestConfig;
import io.hipchatalerts.routing.Delivery;
import io.hipchatalerts.time.Deadline;
import io.hipchatalerts.time.VirtualTime;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.PutItemResponse;

/** The alert that src/docs/state.md follows through the store: its key and lines are what the program writes. */
class StateDocumentTest {

    private static final Instant ARRIVAL = Instant.parse("2026-05-02T09:15:31.250Z");
    private static final Delivery DELIVERY =
            new Delivery(Optional.of("cpu"), Optional.empty(), "ops", new Token("t"), StateChangesOnly.ON);

    private final Iterator<Long> versions = List.of(
                    4283610750148725091L, -1750346271099512404L, 7302954158213366809L, -6190222814560287173L)
            .iterator();
    private final VirtualTime time = new VirtualTime(ARRIVAL);
    private final StateStore store = new MemoryStore(time);
    private final StateChanges changes =
            new StateChanges(TestConfig.with(), store, time, time, versions::next, new SimpleMeterRegistry());

    private String document;

    @BeforeEach
    void read() throws IOException {
        document = Files.readString(Path.of("src/docs/state.md"));
    }

    @Test
    void showsTheLinesThatAreWritten() {
        AlertEvent critical = event(Level.CRITICAL, "2026-05-02T09:15:30Z");
        String key = AlertKey.of(critical, DELIVERY).under("hipchat-alerts");

        Claim.Granted first = claim(critical);
        shows(key);
        changes.settle(first, Level.CRITICAL, Ending.ACCEPTED);
        shows(key);
        time.pass(Duration.ofMinutes(10));
        Claim.Granted recovery = claim(event(Level.OK, "2026-05-02T09:25:30Z"));
        shows(key);
        changes.settle(recovery, Level.OK, Ending.UNCLEAR);
        shows(key);
    }

    @Test
    void showsTheItemThatIsWritten() {
        AlertEvent critical = event(Level.CRITICAL, "2026-05-02T09:15:30Z");
        changes.settle(claim(critical), Level.CRITICAL, Ending.ACCEPTED);
        String key = AlertKey.of(critical, DELIVERY).under("hipchat-alerts");
        WriteOnly dynamoDb = new WriteOnly();

        new DynamoDbStore(dynamoDb, "hipchat-alert-state", time)
                .swap(key, Optional.empty(), store.load(key).orElseThrow(), Duration.ofDays(30));

        assertThat(document).contains("""
                {
                  "alert": {"S": "%s"},
                  "entry": {"S": "%s"},
                  "version": {"N": "%s"},
                  "expires": {"N": "%s"}
                }
                """.formatted(
                        dynamoDb.written.get("alert").s(),
                        dynamoDb.written.get("entry").s(),
                        dynamoDb.written.get("version").n(),
                        dynamoDb.written.get("expires").n()));
        assertThat(dynamoDb.written).hasSize(4);
    }

    private void shows(String key) {
        Entry entry = store.load(key).orElseThrow();
        assertThat(document).contains("GET " + key + "\n\"" + EntryText.of(entry) + "\"\n");
    }

    private Claim.Granted claim(AlertEvent event) {
        return (Claim.Granted)
                changes.claim(event, DELIVERY, Optional.empty(), Deadline.in(Duration.ofSeconds(25), time));
    }

    private static AlertEvent event(Level level, String at) {
        return new AlertEvent(
                "cpu:host=web01",
                "m",
                level,
                Optional.empty(),
                Instant.parse(at),
                Duration.ZERO,
                Series.NONE,
                Optional.empty(),
                Optional.empty());
    }

    /** Keeps the last item. */
    private static final class WriteOnly implements DynamoDbClient {

        private Map<String, AttributeValue> written = Map.of();

        @Override
        public PutItemResponse putItem(PutItemRequest request) {
            written = request.item();
            return PutItemResponse.builder().build();
        }

        @Override
        public String serviceName() {
            return SERVICE_NAME;
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }
}
