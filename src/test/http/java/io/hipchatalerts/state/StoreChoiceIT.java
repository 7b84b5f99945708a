package io.hipchatalerts.state;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.hipchatalerts.alert.Level;
import io.hipchatalerts.fake.FakeHipChat;
import io.hipchatalerts.state.RedisProxy.Fate;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/** The packaged program with each value of {@code hipchat.state.store}, while the other stores are reachable too. */
@Timeout(300)
class StoreChoiceIT {

    private static final String CREDENTIALS = """
            {"AccessKeyId": "any", "SecretAccessKey": "any", "Token": "any", "Expiration": "2099-01-01T00:00:00Z"}
            """;

    private static RedisProcess redis;
    private static DynamoDbProcess dynamoDb;
    private static String table;

    @BeforeAll
    static void startStores() {
        redis = RedisProcess.started();
        dynamoDb = DynamoDbProcess.shared();
        try (DynamoDbClient client = dynamoDb.client()) {
            table = dynamoDb.newTable(client);
        }
    }

    @AfterAll
    static void stopRedis() {
        redis.stop();
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory", "redis", "dynamodb"})
    void onlyTheChosenStoreIsUsed(String store) throws Exception {
        try (RedisProxy toRedis = new RedisProxy(redis.port());
                RedisProxy toDynamoDb = new RedisProxy(dynamoDb.address().getPort());
                FakeHipChat hipChat = FakeHipChat.start();
                Instance instance = starting(store, hipChat, toRedis, toDynamoDb, Map.of())) {
            instance.started();

            is(send(instance, store, 0, Level.CRITICAL, Level.OK), "sent", false);
            is(send(instance, store, 1, Level.CRITICAL, Level.OK), "suppressed", false);
            is(send(instance, store, 2, Level.OK, Level.CRITICAL), "sent", false);

            assertThat(toRedis.connectionsMade() > 0).as("Redis is used").isEqualTo(store.equals("redis"));
            assertThat(toDynamoDb.connectionsMade() > 0).as("DynamoDB is used").isEqualTo(store.equals("dynamodb"));
        }
    }

    @Test
    void theStoresPasswordCanStandInAFile(@TempDir Path folder) throws Exception {
        RedisProcess guarded = RedisProcess.started("requirepass s3cret");
        Path file = Files.writeString(folder.resolve("redis.properties"), "quarkus.redis.password=s3cret\n");
        try (FakeHipChat hipChat = FakeHipChat.start();
                Instance instance = Instance.starting(
                        hipChat.url(), guarded.address(), Map.of("QUARKUS_CONFIG_LOCATIONS", file.toString()))) {
            instance.started();

            is(send(instance, "second", 0, Level.CRITICAL, Level.OK), "sent", false);
            assertThat(instance.linesToItsEnd()).noneMatch(line -> line.contains("s3cret"));
        } finally {
            guarded.stop();
        }
    }

    /** As with EKS Pod Identity: the pod has a token, and the agent on its node gives credentials for it. */
    @Test
    void aPodsIdentityGivesTheCredentialsForDynamoDb(@TempDir Path folder) throws Exception {
        Path token = Files.writeString(folder.resolve("token"), "identity-of-the-pod");
        BlockingQueue<String> tokens = new LinkedBlockingQueue<>();
        HttpServer agent = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        agent.createContext("/v1/credentials", call -> {
            tokens.add(call.getRequestHeaders().getFirst("Authorization"));
            byte[] credentials = CREDENTIALS.getBytes(UTF_8);
            call.sendResponseHeaders(200, credentials.length);
            call.getResponseBody().write(credentials);
            call.close();
        });
        agent.start();
        try (FakeHipChat hipChat = FakeHipChat.start();
                Instance instance = Instance.starting(
                        hipChat.url(),
                        redis.address(),
                        Map.of(
                                "HIPCHAT_STATE_STORE",
                                "dynamodb",
                                "HIPCHAT_STATE_DYNAMODB_TABLE",
                                table,
                                "QUARKUS_DYNAMODB_ENDPOINT_OVERRIDE",
                                dynamoDb.address().toString(),
                                "AWS_REGION",
                                "eu-central-1",
                                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
                                token.toString(),
                                "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                                "http://127.0.0.1:" + agent.getAddress().getPort() + "/v1/credentials"))) {
            instance.started();

            is(send(instance, "pod", 0, Level.CRITICAL, Level.OK), "sent", false);
            is(send(instance, "pod", 1, Level.CRITICAL, Level.OK), "suppressed", false);
            assertThat(tokens.poll(10, TimeUnit.SECONDS)).isEqualTo("identity-of-the-pod");
            assertThat(instance.linesToItsEnd()).noneMatch(line -> line.contains("identity-of-the-pod"));
        } finally {
            agent.stop(0);
        }
    }

    /** Each in an instance of its own: a call of an outage may still fail when the next one has begun. */
    @ParameterizedTest
    @EnumSource(names = {"CUT_BEFORE", "CUT_AFTER", "SWALLOWED"})
    void anUnreachableDynamoDbIsAnOutageAndTheDeadlineIsKept(Fate fate) throws Exception {
        // A call that is swallowed takes its whole timeout, a tenth of the deadline.
        String deadline = fate == Fate.SWALLOWED ? "50s" : "100s";
        try (RedisProxy toRedis = new RedisProxy(redis.port());
                RedisProxy toDynamoDb = new RedisProxy(dynamoDb.address().getPort());
                FakeHipChat hipChat = FakeHipChat.start();
                Instance instance =
                        starting("dynamodb", hipChat, toRedis, toDynamoDb, Map.of("HIPCHAT_DEADLINE", deadline))) {
            instance.started();
            is(send(instance, "before-" + fate, 0, Level.CRITICAL, Level.OK), "sent", false);
            assertThat(instance.metric("hipchat_state_outages_total")).isZero();

            toDynamoDb.decides(request -> fate);
            is(send(instance, "changed-" + fate, 0, Level.CRITICAL, Level.OK), "sent", true);
            is(send(instance, "same-" + fate, 0, Level.CRITICAL, Level.CRITICAL), "suppressed", true);
            assertThat(instance.metric("hipchat_state_outages_total")).isOne();

            toDynamoDb.decides(request -> Fate.ANSWERED);
            is(send(instance, "back-" + fate, 1, Level.WARNING, Level.OK), "sent", false);
            is(send(instance, "back-" + fate, 2, Level.WARNING, Level.OK), "suppressed", false);
        }
    }

    private static Instance starting(
            String store, FakeHipChat hipChat, RedisProxy toRedis, RedisProxy toDynamoDb, Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(Map.of(
                "HIPCHAT_STATE_STORE", store,
                "HIPCHAT_STATE_DYNAMODB_TABLE", table,
                "QUARKUS_DYNAMODB_ENDPOINT_OVERRIDE", toDynamoDb.address().replace("redis:", "http:"),
                "QUARKUS_DYNAMODB_AWS_REGION", "eu-central-1",
                "QUARKUS_DYNAMODB_AWS_CREDENTIALS_TYPE", "static",
                "QUARKUS_DYNAMODB_AWS_CREDENTIALS_STATIC_PROVIDER_ACCESS_KEY_ID", "any",
                "QUARKUS_DYNAMODB_AWS_CREDENTIALS_STATIC_PROVIDER_SECRET_ACCESS_KEY", "any"));
        settings.putAll(more);
        return Instance.starting(hipChat.url(), toRedis.address(), settings);
    }

    private static void is(HttpResponse<String> answer, String status, boolean degraded) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).contains("{\"status\":\"" + status + "\"", "\"degraded\":" + degraded);
    }

    private static HttpResponse<String> send(Instance instance, String id, int event, Level level, Level before)
            throws Exception {
        return instance.send(id, event, level, before).get(Instance.LONGEST_CALL_SECONDS, TimeUnit.SECONDS);
    }
}
