package io.hipchatalerts.state.store;

import static io.hipchatalerts.time.Durations.shorter;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jboss.logging.Logger;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.GetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;
import software.amazon.awssdk.services.dynamodb.model.QueryResponse;
import software.amazon.awssdk.services.dynamodb.model.ReturnValuesOnConditionCheckFailure;
import software.amazon.awssdk.services.dynamodb.model.Select;

/**
 * State in a DynamoDB table: one item for each alert. {@code expires} is the table's TTL attribute. DynamoDB deletes
 * late, so an expired item counts as absent.
 */
public final class DynamoDbStore implements StateStore {

    /** The table's key; {@code deploy/lambda/template.yaml} creates the table. */
    public static final String ALERT = "alert";

    /** The table's TTL attribute. */
    public static final String EXPIRES = "expires";

    /** The index of pending changes, and its partition key; only items with a pending change have it. */
    public static final String PENDING = "pending";

    /** The sort key of the index: the moment at which the change is due, in milliseconds since 1970. */
    public static final String DUE = "due";

    private static final Logger LOG = Logger.getLogger(DynamoDbStore.class);

    static final String RECORD = "record";
    static final String VERSION = "version";

    /** An index that is added to the table, or still being built, is found after this. */
    private static final Duration NEXT_LOOK_FOR_INDEX = Duration.ofMinutes(5);

    private static final String IS_ABSENT = "attribute_not_exists(alert) OR expires <= :now";
    private static final String IS_EXPECTED = "version = :expected AND expires > :now";

    private final DynamoDbClient dynamoDb;
    private final String table;
    private final String prefix;
    private final InstantSource clock;
    private final AwsRequestOverrideConfiguration inTime;

    /** The end of the time for which the table counts as one without the index. */
    private volatile Instant indexedFrom = Instant.MIN;

    /**
     * Makes a store in {@code table}, where items expire by {@code clock}.
     *
     * @param prefix the beginning of all keys; it separates the pending changes of deployments that share a table
     * @param callTimeout the longest time of a call; a try that hangs ends earlier, so that another can follow
     */
    public DynamoDbStore(
            DynamoDbClient dynamoDb, String table, String prefix, InstantSource clock, Duration callTimeout) {
        this.dynamoDb = dynamoDb;
        this.table = table;
        this.prefix = prefix;
        this.clock = clock;
        this.inTime = AwsRequestOverrideConfiguration.builder()
                .apiCallTimeout(callTimeout)
                .apiCallAttemptTimeout(callTimeout.multipliedBy(3).dividedBy(5))
                .build();
    }

    @Override
    public Optional<Versioned> load(String key) {
        GetItemRequest.Builder get = GetItemRequest.builder()
                .tableName(table)
                .key(Map.of(ALERT, text(key)))
                .consistentRead(true);
        Map<String, AttributeValue> item = ask(inTime ->
                dynamoDb.getItem(get.overrideConfiguration(inTime).build()).item());
        return item.isEmpty() || isExpired(key, item) ? Optional.empty() : Optional.of(versioned(key, item));
    }

    @Override
    public boolean compareAndSet(String key, Optional<Versioned> expected, Versioned next, Duration ttl) {
        Map<String, AttributeValue> values = new HashMap<>();
        values.put(":now", number(clock.instant().getEpochSecond()));
        expected.ifPresent(record -> values.put(":expected", number(record.version())));
        Map<String, AttributeValue> item = new HashMap<>(Map.of(
                ALERT, text(key),
                RECORD, text(RecordFormat.write(next)),
                VERSION, number(next.version()),
                EXPIRES, number(end(ttl))));
        next.state().pending().filter(pending -> pending.alert().isPresent()).ifPresent(pending -> {
            item.put(PENDING, text(prefix));
            item.put(DUE, number(pending.due().toEpochMilli()));
        });
        PutItemRequest.Builder put = PutItemRequest.builder()
                .tableName(table)
                .item(item)
                .conditionExpression(expected.isPresent() ? IS_EXPECTED : IS_ABSENT)
                .expressionAttributeValues(values)
                .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD);
        return ask(inTime -> {
            try {
                dynamoDb.putItem(put.overrideConfiguration(inTime).build());
                return true;
            } catch (ConditionalCheckFailedException anotherRecord) {
                // The item is our own if the answer to an earlier try was lost.
                return number(next.version()).equals(anotherRecord.item().get(VERSION));
            }
        });
    }

    @Override
    public List<PendingEntry> due(Instant now, int limit) {
        QueryRequest.Builder query = query().keyConditionExpression("#pending = :prefix AND #due <= :now")
                .expressionAttributeNames(Map.of("#pending", PENDING, "#due", DUE))
                .expressionAttributeValues(Map.of(":prefix", text(prefix), ":now", number(now.toEpochMilli())))
                .limit(limit);
        return indexed(
                List.of(),
                inTime -> dynamoDb.query(query.overrideConfiguration(inTime).build()).items().stream()
                        .map(item -> new PendingEntry(item.get(ALERT).s(), Optional.empty()))
                        .toList());
    }

    @Override
    public long pendingCount() {
        QueryRequest.Builder query = query().keyConditionExpression("#pending = :prefix")
                .expressionAttributeNames(Map.of("#pending", PENDING))
                .expressionAttributeValues(Map.of(":prefix", text(prefix)))
                .select(Select.COUNT);
        return indexed(0L, inTime -> dynamoDb
                .queryPaginator(query.overrideConfiguration(inTime).build())
                .stream()
                .mapToLong(QueryResponse::count)
                .sum());
    }

    /** Queries the index. A table without one works too: then only the process that stored a change sends it later. */
    private <T> T indexed(T without, Function<AwsRequestOverrideConfiguration, T> call) {
        if (clock.instant().isBefore(indexedFrom)) {
            return without;
        }
        try {
            T result = ask(call);
            indexedFrom = Instant.MIN;
            return result;
        } catch (StoreUnavailable failure) {
            if (failure.getCause() instanceof DynamoDbException refused
                    && refused.awsErrorDetails() != null
                    && "ValidationException".equals(refused.awsErrorDetails().errorCode())) {
                if (indexedFrom.equals(Instant.MIN)) {
                    LOG.warnf(
                            "The table %s has no index %s: a pending change is sent only by the instance that stored it",
                            table, PENDING);
                }
                indexedFrom = clock.instant().plus(NEXT_LOOK_FOR_INDEX);
                return without;
            }
            throw failure;
        }
    }

    private QueryRequest.Builder query() {
        return QueryRequest.builder().tableName(table).indexName(PENDING);
    }

    @Override
    public String name() {
        return "dynamodb";
    }

    private <T> T ask(Function<AwsRequestOverrideConfiguration, T> call) {
        LastError lastError = new LastError();
        try {
            return call.apply(inTime.toBuilder().addPlugin(lastError).build());
        } catch (ApiCallTimeoutException late) {
            throw new StoreUnavailable(lastError.failure().orElse(late));
        } catch (RuntimeException outage) {
            throw new StoreUnavailable(outage);
        }
    }

    private boolean isExpired(String key, Map<String, AttributeValue> item) {
        AttributeValue expires = item.get(EXPIRES);
        if (expires == null || expires.n() == null) {
            throw RecordFormat.unreadable(key, null);
        }
        return new BigDecimal(expires.n())
                        .compareTo(BigDecimal.valueOf(clock.instant().getEpochSecond()))
                <= 0;
    }

    private static Versioned versioned(String key, Map<String, AttributeValue> item) {
        AttributeValue text = item.get(RECORD);
        if (text == null || text.s() == null) {
            throw RecordFormat.unreadable(key, null);
        }
        Versioned versioned = RecordFormat.read(key, text.s());
        if (!number(versioned.version()).equals(item.get(VERSION))) {
            throw RecordFormat.unreadable(key, null);
        }
        return versioned;
    }

    /** Returns the first whole second after {@code ttl}, in seconds since 1970. */
    private long end(Duration ttl) {
        Instant end = clock.instant().plus(shorter(ttl, MAX_TTL));
        return end.getNano() == 0 ? end.getEpochSecond() : end.getEpochSecond() + 1;
    }

    private static AttributeValue text(String text) {
        return AttributeValue.fromS(text);
    }

    private static AttributeValue number(long number) {
        return AttributeValue.fromN(Long.toString(number));
    }
}
