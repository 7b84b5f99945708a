package io.hipchatalerts.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.alert.AlertEvent;
import io.hipchatalerts.alert.Level;
import io.hipchatalerts.alert.StateChangesOnly;
import io.hipchatalerts.alert.TestEvents;
import io.hipchatalerts.alert.Token;
import io.hipchatalerts.config.TestConfig;
import io.hipchatalerts.hipchat.SendResult;
import io.hipchatalerts.routing.Delivery;
import io.hipchatalerts.state.store.DynamoDbStore;
import io.hipchatalerts.state.store.FaultyStore;
import io.hipchatalerts.state.store.MemoryStore;
import io.hipchatalerts.time.Deadline;
import io.hipchatalerts.time.VirtualTime;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.PutItemResponse;

/** The alert that src/docs/state-changes.md follows through the store: the document shows what the program writes. */
class StateDocumentTest {

    private static final String KEY = new AlertKey("cpu", "", "cpu:host=web01", "ops").under("hipchat-alerts");
    private static final Instant ARRIVAL = Instant.parse("2026-05-02T09:15:31.250Z");
    private static final Delivery DELIVERY =
            new Delivery(Optional.of("cpu"), Optional.empty(), "ops", new Token("t"), true, StateChangesOnly.ON);

    /** The owner and the version of each claim, and the version of each settlement. */
    private final Iterator<Long> random = LongStream.of(
                    5577006791947779410L,
                    4283610750148725091L,
                    -1750346271099512404L,
                    -3916589616287113937L,
                    7302954158213366809L,
                    -6190222814560287173L)
            .iterator();

    private final VirtualTime time = new VirtualTime(ARRIVAL);

    /** A store whose clocks may differ, as those of Redis and DynamoDB may. */
    private final FaultyStore store = new FaultyStore(new MemoryStore(time));

    private final AlertStates states = new AlertStates(
            TestConfig.with(), store, time, random::next, new SimpleMeterRegistry(), (delay, task) -> task.run());

    private String document;

    @BeforeEach
    void read() throws IOException {
        document = Files.readString(Path.of("src/docs/state-changes.md"));
    }

    @Test
    void theDocumentShowsTheRecordsThatAreWritten() {
        Claim.Granted first = claim(Level.CRITICAL, Level.OK, "CPU of web01 is at 97 %", "2026-05-02T09:15:30Z");
        assertRecordIsShown();
        states.settle(first, new SendResult.Accepted("204"), Optional.empty());
        assertRecordIsShown();
        time.pass(Duration.ofMinutes(10));
        Claim.Granted recovery = claim(Level.OK, Level.CRITICAL, "CPU of web01 is at 12 %", "2026-05-02T09:25:30Z");
        assertRecordIsShown();
        time.pass(Duration.ofSeconds(5));
        Instant now = time.instant();
        states.settle(
                recovery,
                new SendResult.InDoubt("no answer", Optional.empty(), now.plusSeconds(5)),
                Optional.of(now.plusMillis(150)));
        assertRecordIsShown();
    }

    @Test
    void theDocumentShowsTheItemThatIsWritten() {
        Claim.Granted claim = claim(Level.CRITICAL, Level.OK, "CPU of web01 is at 97 %", "2026-05-02T09:15:30Z");
        states.settle(claim, new SendResult.Accepted("204"), Optional.empty());

        Map<String, AttributeValue> written = written();

        assertThat(document).contains("""
                {
                  "alert": {"S": "%s"},
                  "record": {"S": "%s"},
                  "version": {"N": "%s"},
                  "expires": {"N": "%s"}
                }
                """.formatted(
                        written.get("alert").s(),
                        quoted(written.get("record").s()),
                        written.get("version").n(),
                        written.get("expires").n()));
        assertThat(written).hasSize(4);
    }

    private void assertRecordIsShown() {
        assertThat(document)
                .contains("> GET " + KEY + "\n" + written().get("record").s() + "\n");
    }

    /** Returns the item that DynamoDB gets for the alert's record. */
    private Map<String, AttributeValue> written() {
        WriteOnly dynamoDb = new WriteOnly();
        new DynamoDbStore(dynamoDb, "any", "hipchat-alerts", time, Duration.ofSeconds(1))
                .compareAndSet(KEY, Optional.empty(), store.load(KEY).orElseThrow(), Duration.ofDays(30));
        return dynamoDb.written;
    }

    private static String quoted(String text) {
        return text.replace("\"", "\\\"");
    }

    private Claim.Granted claim(Level level, Level previous, String message, String at) {
        AlertEvent event = TestEvents.event("cpu:host=web01", message, level, Optional.of(previous), Instant.parse(at));
        return (Claim.Granted) states.claim(event, DELIVERY, false, Deadline.in(Duration.ofSeconds(25), time));
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
