package io.hipchatalerts.state;

import static io.hipchatalerts.time.Durations.shorter;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.GetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.ReturnValuesOnConditionCheckFailure;

/**
 * State in a DynamoDB table: one item for each alert. {@code expires} is the table's TTL attribute, but DynamoDB deletes
 * late, so an item whose time has passed counts as not there.
 */
public final class DynamoDbStore implements StateStore {

    /** The table's key; {@code deploy/lambda/template.yaml} makes the table. */
    public static final String ALERT = "alert";

    /** The table's TTL attribute. */
    public static final String EXPIRES = "expires";

    static final String ENTRY = "entry";
    static final String VERSION = "version";

    private static final Duration LONGEST_TTL = Duration.ofDays(36_500);
    private static final String NOTHING_STANDS = "attribute_not_exists(alert) OR expires <= :now";
    private static final String EXPECTED_STANDS = "version = :expected AND expires > :now";

    /** All that one call may take; within it a try that hangs gives way to another. */
    private static final AwsRequestOverrideConfiguration IN_TIME = AwsRequestOverrideConfiguration.builder()
            .apiCallTimeout(LONGEST_CALL)
            .apiCallAttemptTimeout(Duration.ofMillis(600))
            .build();

    private final DynamoDbClient dynamoDb;
    private final String table;
    private final InstantSource clock;

    /** A store in {@code table}, where items expire by {@code clock}. */
    public DynamoDbStore(DynamoDbClient dynamoDb, String table, InstantSource clock) {
        this.dynamoDb = dynamoDb;
        this.table = table;
        this.clock = clock;
    }

    @Override
    public Optional<Entry> load(String key) {
        GetItemRequest get = GetItemRequest.builder()
                .tableName(table)
                .key(Map.of(ALERT, text(key)))
                .consistentRead(true)
                .overrideConfiguration(IN_TIME)
                .build();
        Map<String, AttributeValue> item = asked(() -> dynamoDb.getItem(get).item());
        return item.isEmpty() || isExpired(key, item) ? Optional.empty() : Optional.of(entry(key, item));
    }

    @Override
    public boolean swap(String key, Optional<Entry> expected, Entry next, Duration ttl) {
        Map<String, AttributeValue> values = new HashMap<>();
        values.put(":now", number(clock.instant().getEpochSecond()));
        expected.ifPresent(entry -> values.put(":expected", number(entry.version())));
        PutItemRequest put = PutItemRequest.builder()
                .tableName(table)
                .item(Map.of(
                        ALERT, text(key),
                        ENTRY, text(EntryText.of(next)),
                        VERSION, number(next.version()),
                        EXPIRES, number(end(ttl))))
                .conditionExpression(expected.isPresent() ? EXPECTED_STANDS : NOTHING_STANDS)
                .expressionAttributeValues(values)
                .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD)
                .overrideConfiguration(IN_TIME)
                .build();
        return asked(() -> {
            try {
                dynamoDb.putItem(put);
                return true;
            } catch (ConditionalCheckFailedException somethingElseStands) {
                // Unless it is our own, from a try whose answer was lost.
                return number(next.version()).equals(somethingElseStands.item().get(VERSION));
            }
        });
    }

    @Override
    public String name() {
        return "dynamodb";
    }

    private static <T> T asked(Supplier<T> call) {
        try {
            return call.get();
        } catch (RuntimeException outage) {
            throw new StoreUnavailable(outage);
        }
    }

    private boolean isExpired(String key, Map<String, AttributeValue> item) {
        AttributeValue expires = item.get(EXPIRES);
        if (expires == null || expires.n() == null) {
            throw EntryText.unreadable(key, null);
        }
        return new BigDecimal(expires.n())
                        .compareTo(BigDecimal.valueOf(clock.instant().getEpochSecond()))
                <= 0;
    }

    private static Entry entry(String key, Map<String, AttributeValue> item) {
        AttributeValue text = item.get(ENTRY);
        if (text == null || text.s() == null) {
            throw EntryText.unreadable(key, null);
        }
        Entry entry = EntryText.read(key, text.s());
        if (!number(entry.version()).equals(item.get(VERSION))) {
            throw EntryText.unreadable(key, null);
        }
        return entry;
    }

    /** The first whole second at which {@code ttl} is over. */
    private long end(Duration ttl) {
        Instant end = clock.instant().plus(shorter(ttl, LONGEST_TTL));
        return end.getNano() == 0 ? end.getEpochSecond() : end.getEpochSecond() + 1;
    }

    private static AttributeValue text(String text) {
        return AttributeValue.fromS(text);
    }

    private static AttributeValue number(long number) {
        return AttributeValue.fromN(Long.toString(number));
    }
}
