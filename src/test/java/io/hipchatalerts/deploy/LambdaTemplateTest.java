package io.hipchatalerts.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.hipchatalerts.AlertPipeline;
import io.hipchatalerts.alert.DurationText;
import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.config.HipChatConfig.Store;
import io.hipchatalerts.config.StoreTimeouts;
import io.hipchatalerts.config.TestConfig;
import io.hipchatalerts.state.AlertStates;
import io.hipchatalerts.state.store.DynamoDbStore;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Rules of {@code deploy/lambda/template.yaml}: breaking one of them would lose alerts unnoticed. The reader drops
 * CloudFormation's tags: {@code !Ref Deadline} reads as the text {@code Deadline}, and {@code !FindInMap [a, b, c]} as
 * a list of three.
 */
class LambdaTemplateTest {

    private static final int ENVIRONMENT_ORDINAL = 300;

    private static final JsonNode TEMPLATE = Manifests.tree(Path.of("deploy/lambda/template.yaml"));
    private static final JsonNode FUNCTION = properties("HipChatAlerts");
    private static final JsonNode SETTINGS = FUNCTION.at("/Environment/Variables");

    @Test
    void everyParameterIsDescribed() {
        assertThat(TEMPLATE.get("Parameters").properties()).isNotEmpty().allSatisfy(parameter -> assertThat(
                        parameter.getValue().path("Description").asText())
                .as(parameter.getKey())
                .isNotBlank());
    }

    /** The rule, the resource, the property, and its value: a list is the arguments of CloudFormation's function. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            the program logs JSON           | HipChatAlerts | LogFormat               | JSON
            the program uses this table     | HipChatAlerts | HIPCHAT_STATE_DYNAMODB_TABLE | AlertState
            no parameter is the token       | HipChatAlerts | HIPCHAT_TOKEN           | ["HasToken","SECRET",""]
            a parameter keeps changes       | HipChatAlerts | HIPCHAT_PENDING_ENABLED | Pending
            the deadline is the program's   | HipChatAlerts | HIPCHAT_DEADLINE        | Deadline
            the deadline ends a call        | HipChatAlerts | Timeout                 | ["Times","Deadline","Timeout"]
            the deadline ends a queue's try | Alerts        | VisibilityTimeout       | ["Times","Deadline","Visibility"]
            only failed alerts come back    | HipChatAlerts | FunctionResponseTypes   | ["ReportBatchItemFailures"]
            a parameter limits the batches  | HipChatAlerts | MaximumConcurrency      | MaximumConcurrency
            a parameter limits the tries    | Alerts        | maxReceiveCount         | MaximumReceives
            a given-up alert is kept        | Alerts        | deadLetterTargetArn     | DeadLetters.Arn
            a given-up invocation is kept   | HipChatAlerts | Destination             | LostInvocations.Arn
            SNS knows it as a queue         | TopicToQueue  | Protocol                | sqs
            the topic feeds the queue       | TopicToQueue  | Endpoint                | Alerts.Arn
            old records expire              | AlertState    | Enabled                 | true
            YAML reads OFF as text          | FlushSchedule | Mode                    | OFF
            SAM adds no policy to a role    | HipChatAlerts | Role                    | FunctionRole.Arn
            callers of the URL sign         | HipChatAlerts | AuthType                | AWS_IAM
            """)
    void aPropertyKeepsItsRule(String rule, String resource, String property, String value) {
        JsonNode found = properties(resource).findPath(property);

        assertThat(found.isContainerNode() ? found.toString() : found.asText())
                .isEqualTo(value.replace("SECRET", "{{resolve:secretsmanager:${HipChatTokenSecret}}}"));
    }

    @Test
    void aNewReleasePublishesANewVersion() {
        assertThat(TEMPLATE.at("/Parameters/Release").has("Default")).isFalse();
        // SAM derives the version's name from the first ten characters, which must be letters and digits.
        assertThat(Stream.of("12345678901", "1.0.0", ""))
                .noneMatch(release -> release.matches(
                        TEMPLATE.at("/Parameters/Release/AllowedPattern").asText()));
    }

    @Test
    void aBatchFitsIntoOneDeadlineAndAnAlertIsTriedForLong() {
        assertThat(FUNCTION.at("/Events/Queue/Properties/Queue").asText()).isEqualTo("Alerts.Arn");
        assertThat(FUNCTION.findPath("BatchSize").asInt()).isBetween(1, 10);
        assertThat(TEMPLATE.at("/Parameters/MaximumReceives/MinValue").asInt()).isGreaterThanOrEqualTo(5);
    }

    @ParameterizedTest
    @MethodSource("deadlines")
    void theTimesFitIntoEachOther(String deadline) {
        JsonNode times = TEMPLATE.at("/Mappings/Times").required(deadline);
        Duration whole = DurationText.parse(deadline).orElseThrow();
        Duration requestTimeout = TestConfig.with().requestTimeout();
        Duration lease = whole.plus(requestTimeout).plus(AlertStates.LEASE_MARGIN);
        Duration timeout = Duration.ofSeconds(times.path("Timeout").asInt());
        Duration visibility = Duration.ofSeconds(times.path("Visibility").asInt());

        // The last settlement may begin at the deadline, and each of its two tries may take the time of a call.
        assertThat(whole.plus(StoreTimeouts.callTimeout(whole).multipliedBy(2))).isLessThanOrEqualTo(timeout);
        // A killed delivery blocks neither the queue's next try nor the first flush after it.
        assertThat(lease).isLessThanOrEqualTo(timeout);
        assertThat(visibility).isGreaterThan(lease);
        assertThat(visibility).isGreaterThanOrEqualTo(timeout.multipliedBy(6));
    }

    @Test
    void theTableIsTheOneThatTheStoreExpects() {
        JsonNode table = properties("AlertState");

        assertThat(keys(table)).containsExactly(DynamoDbStore.ALERT + " HASH");
        assertThat(table.at("/AttributeDefinitions").valueStream())
                .extracting(attribute -> attribute.path("AttributeName").asText() + " "
                        + attribute.path("AttributeType").asText())
                .containsExactlyInAnyOrder(
                        DynamoDbStore.ALERT + " S", DynamoDbStore.PENDING + " S", DynamoDbStore.DUE + " N");
        assertThat(table.at("/TimeToLiveSpecification/AttributeName").asText()).isEqualTo(DynamoDbStore.EXPIRES);
    }

    @Test
    void theIndexOfPendingChangesIsTheOneThatTheStoreAsks() {
        JsonNode indexes = properties("AlertState").at("/GlobalSecondaryIndexes");

        assertThat(indexes).hasSize(1);
        assertThat(indexes.at("/0/IndexName").asText()).isEqualTo(DynamoDbStore.PENDING);
        assertThat(keys(indexes.get(0))).containsExactly(DynamoDbStore.PENDING + " HASH", DynamoDbStore.DUE + " RANGE");
        // It names the alerts; the record is loaded from the table.
        assertThat(indexes.at("/0/Projection/ProjectionType").asText()).isEqualTo("KEYS_ONLY");
        assertThat(statements("FunctionRole"))
                .filteredOn(statement -> texts(statement.get("Action")).contains("dynamodb:Query"))
                .singleElement()
                .satisfies(statement -> assertThat(statement.path("Resource").asText())
                        .isEqualTo("${AlertState.Arn}/index/" + DynamoDbStore.PENDING));
    }

    @Test
    void theScheduleFlushesTheFunctionAsTheProgramExpects() {
        JsonNode schedule = properties("FlushSchedule");

        assertThat(AlertPipeline.isFlush(
                        Manifests.json(schedule.at("/Target/Input").asText())))
                .isTrue();
        // Without the alias, it would call another version than the queue does.
        assertThat(statements("FlushRole")).singleElement().satisfies(statement -> assertThat(
                        statement.path("Resource").asText())
                .isEqualTo(schedule.at("/Target/Arn").asText())
                .endsWith(".Alias"));
    }

    @Test
    void oneParameterSwitchesThePendingChangesAndTheirFlush() {
        assertThat(texts(TEMPLATE.at("/Conditions/KeepsPending"))).containsExactly("Pending", "true");
        assertThat(TEMPLATE.at("/Resources").properties())
                .filteredOn(resource ->
                        resource.getValue().path("Condition").asText().equals("KeepsPending"))
                .extracting(Map.Entry::getKey)
                .containsExactlyInAnyOrder("FlushSchedule", "FlushRole", "PendingFilter", "PendingAlarm");
    }

    @Test
    void everySettingIsOneOfThePrograms() {
        assertThat(SETTINGS.fieldNames())
                .toIterable()
                // Each configures the runtime of one variant.
                .filteredOn(name ->
                        !Set.of("DISABLE_SIGNAL_HANDLERS", "JAVA_TOOL_OPTIONS").contains(name))
                .isNotEmpty()
                .isSubsetOf(DeployedProgram.keys().keySet())
                // The log's format is Lambda's.
                .doesNotContain("HIPCHAT_LOG_FORMAT");
    }

    @ParameterizedTest
    @MethodSource("settingsWithAChoice")
    void theProgramAcceptsEveryAllowedValue(String setting, String value) {
        Map<String, String> environment = environment();
        environment.put(setting, value);

        assertThat(config(environment)).isNotNull();
    }

    @Test
    void withoutFurtherChoiceChangesFromTheQueueAreSentAndKeptInDynamodb() {
        HipChatConfig config = config(environment());

        assertThat(config.enabled()).isTrue();
        assertThat(config.room()).isEmpty();
        assertThat(config.token()).isEmpty();
        assertThat(config.global()).isTrue();
        assertThat(config.stateChangesOnly()).isTrue();
        assertThat(config.stateChangesOnlyInterval()).isEmpty();
        assertThat(config.state().store()).isEqualTo(Store.DYNAMODB);
        assertThat(config.state().onOutage()).isEqualTo(HipChatConfig.OnOutage.FAIL);
    }

    @Test
    void everyRoleHasTheLeastPrivilege() {
        for (String key : List.of("Action", "Resource")) {
            assertThat(TEMPLATE.findValues(key)).isNotEmpty().noneMatch(value -> value.toString()
                    .contains("*"));
        }
        assertThat(FUNCTION.has("Policies")).isFalse();
        assertThat(TEMPLATE.findValues("ManagedPolicyArns")).isEmpty();
    }

    @Test
    void onlyCallersWithAKeyReachTheQueue() {
        assertThat(properties("Api").at("/DefinitionBody/paths").findParents("x-amazon-apigateway-integration"))
                .isNotEmpty()
                .allSatisfy(operation ->
                        assertThat(operation.at("/security/0").has("key")).isTrue());
    }

    @Test
    void kapacitorsAlertIsAcceptedOnlyOnceItIsInTheQueue() {
        JsonNode route = properties("Api").at("/DefinitionBody/paths/~1alerts/post/x-amazon-apigateway-integration");

        // A line break would become part of the message.
        assertThat(route.at("/requestTemplates/application~1json").asText())
                .contains("$util.urlEncode($input.body)")
                .doesNotContain("\n");
        assertThat(route.path("responses").findValuesAsText("statusCode")).containsExactly("202", "400", "503");
        assertThat(route.path("responses").fieldNames()).toIterable().containsExactly("2\\d{2}", "400", "default");
    }

    @Test
    void everyFailureRaisesAnAlarm() {
        List<JsonNode> alarms = ofType("AWS::CloudWatch::Alarm");

        assertThat(alarms).isNotEmpty().allSatisfy(alarm -> {
            assertThat(alarm.get("ComparisonOperator").asText()).isEqualTo("GreaterThanThreshold");
            assertThat(texts(alarm.get("AlarmActions").path(1))).containsExactly("AlarmTopicArn");
        });
        assertThat(alarms)
                .extracting(alarm -> alarm.get("MetricName").asText())
                .contains("Errors", "Throttles")
                .containsAll(ofType("AWS::Logs::MetricFilter").stream()
                        .map(filter ->
                                filter.at("/MetricTransformations/0/MetricName").asText())
                        .toList());
        assertThat(alarms)
                .extracting(alarm -> alarm.at("/Dimensions/0/Value").asText())
                .containsAll(resources("AWS::SQS::Queue").stream()
                        .map(queue -> queue + ".QueueName")
                        .toList());
    }

    private static List<String> resources(String type) {
        return TEMPLATE.get("Resources").properties().stream()
                .filter(resource -> resource.getValue().get("Type").asText().equals(type))
                .map(Map.Entry::getKey)
                .toList();
    }

    private static List<JsonNode> ofType(String type) {
        return resources(type).stream().map(LambdaTemplateTest::properties).toList();
    }

    /** The keys of a table or an index, with their roles. */
    private static List<String> keys(JsonNode tableOrIndex) {
        return tableOrIndex
                .get("KeySchema")
                .valueStream()
                .map(key -> key.path("AttributeName").asText() + " "
                        + key.path("KeyType").asText())
                .toList();
    }

    private static List<JsonNode> statements(String role) {
        return properties(role)
                .get("Policies")
                .valueStream()
                .flatMap(policy -> policy.at("/PolicyDocument/Statement").valueStream())
                .toList();
    }

    static List<String> deadlines() {
        return texts(TEMPLATE.at("/Parameters/Deadline/AllowedValues"));
    }

    static Stream<Arguments> settingsWithAChoice() {
        return SETTINGS.properties().stream()
                .flatMap(setting ->
                        texts(TEMPLATE.at("/Parameters")
                                        .path(setting.getValue().asText())
                                        .path("AllowedValues"))
                                .stream()
                                .map(value -> Arguments.of(setting.getKey(), value)));
    }

    /** Returns the function's environment if only the required parameters are set. */
    private static Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>();
        SETTINGS.properties().forEach(setting -> {
            String value = setting.getValue().asText();
            JsonNode parameter = TEMPLATE.get("Parameters").path(value);
            environment.put(
                    setting.getKey(),
                    parameter.isMissingNode()
                            ? value
                            : parameter.path("Default").asText());
        });
        environment.put("HIPCHAT_URL", "https://chat.example.com/v2/room");
        return environment;
    }

    private static HipChatConfig config(Map<String, String> environment) {
        return new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .withSources(new EnvConfigSource(environment, ENVIRONMENT_ORDINAL))
                .withMapping(HipChatConfig.class)
                .build()
                .getConfigMapping(HipChatConfig.class);
    }

    private static JsonNode properties(String resource) {
        return TEMPLATE.get("Resources").path(resource).path("Properties");
    }

    /** Returns the texts of a list, or a single text as a list of one. */
    private static List<String> texts(JsonNode node) {
        return node.isTextual()
                ? List.of(node.asText())
                : node.valueStream().map(JsonNode::asText).toList();
    }
}
