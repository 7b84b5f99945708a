package io.hipchatalerts.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.hipchatalerts.AlertPipeline;
import io.hipchatalerts.alert.DurationText;
import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.config.HipChatConfig.Store;
import io.hipchatalerts.config.StoreTimeouts;
import io.hipchatalerts.config.TestConfig;
import io.hipchatalerts.state.AlertStates;
import io.hipchatalerts.state.store.DynamoDbStore;
import io.smallrye.config.ConfigMappings;
import io.smallrye.config.ConfigMappings.ConfigClass;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Rules of {@code deploy/lambda/template.yaml}: breaking one of them would lose alerts unnoticed. The reader drops
 * CloudFormation's tags: {@code !Ref Deadline} reads as the text {@code Deadline}, and {@code !FindInMap [a, b, c]} as
 * a list of three.
 */
class LambdaTemplateTest {

    private static final int ENVIRONMENT_ORDINAL = 300;

    private static final JsonNode TEMPLATE = template();
    private static final JsonNode FUNCTION = properties("HipChatAlerts");
    private static final JsonNode SETTINGS = FUNCTION.at("/Environment/Variables");

    @Test
    void everyParameterIsDescribed() {
        assertThat(TEMPLATE.get("Parameters").properties()).isNotEmpty().allSatisfy(parameter -> assertThat(
                        parameter.getValue().path("Description").asText())
                .as(parameter.getKey())
                .isNotBlank());
    }

    /** The program's log takes its format from there (src/lambda/resources/application.properties). */
    @Test
    void theLogIsJson() {
        assertThat(FUNCTION.at("/LoggingConfig/LogFormat").asText()).isEqualTo("JSON");
        assertThat(SETTINGS.has("HIPCHAT_LOG_FORMAT")).isFalse();
    }

    @Test
    void aNewReleasePublishesANewVersion() {
        assertThat(TEMPLATE.at("/Parameters/Release").has("Default")).isFalse();
        // SAM derives the version's name from the first ten characters, which must be letters and digits.
        assertThat(TEMPLATE.at("/Parameters/Release/AllowedPattern").asText()).isEqualTo("[A-Za-z0-9]{1,10}");
    }

    @Test
    void onlyTheAlertsThatFailedComeBack() {
        JsonNode queue = FUNCTION.at("/Events/Queue/Properties");

        assertThat(queue.path("Queue").asText()).isEqualTo("Alerts.Arn");
        assertThat(texts(queue.path("FunctionResponseTypes"))).containsExactly("ReportBatchItemFailures");
        assertThat(queue.path("BatchSize").asInt()).isBetween(1, 10);
        assertThat(queue.at("/ScalingConfig/MaximumConcurrency").asText()).isEqualTo("MaximumConcurrency");
    }

    @ParameterizedTest
    @MethodSource("deadlines")
    void theTimesFitIntoEachOther(String deadline) {
        JsonNode times = TEMPLATE.at("/Mappings/Times").path(deadline);
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
    void theTimesAreThoseOfTheChosenDeadline() {
        assertThat(texts(FUNCTION.get("Timeout"))).containsExactly("Times", "Deadline", "Timeout");
        assertThat(texts(properties("Alerts").get("VisibilityTimeout")))
                .containsExactly("Times", "Deadline", "Visibility");
        assertThat(SETTINGS.path("HIPCHAT_DEADLINE").asText()).isEqualTo("Deadline");
        assertThat(names(TEMPLATE.at("/Mappings/Times"))).containsExactlyInAnyOrderElementsOf(deadlines());
    }

    @Test
    void nothingIsDropped() {
        JsonNode redrive = properties("Alerts").get("RedrivePolicy");

        assertThat(redrive.path("deadLetterTargetArn").asText()).isEqualTo("DeadLetters.Arn");
        assertThat(redrive.path("maxReceiveCount").asText()).isEqualTo("MaximumReceives");
        assertThat(TEMPLATE.at("/Parameters/MaximumReceives/MinValue").asInt()).isGreaterThanOrEqualTo(5);
        assertThat(FUNCTION.at("/EventInvokeConfig/DestinationConfig/OnFailure/Destination")
                        .asText())
                .isEqualTo("LostInvocations.Arn");
        assertThat(properties("TopicToQueue").path("Protocol").asText()).isEqualTo("sqs");
        assertThat(properties("TopicToQueue").path("Endpoint").asText()).isEqualTo("Alerts.Arn");
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
        assertThat(table.at("/TimeToLiveSpecification/Enabled").asBoolean()).isTrue();
        assertThat(table.path("BillingMode").asText()).isEqualTo("PAY_PER_REQUEST");
        assertThat(SETTINGS.path("HIPCHAT_STATE_DYNAMODB_TABLE").asText()).isEqualTo("AlertState");
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
    void theScheduleFlushesTheFunctionAsTheProgramExpects() throws IOException {
        JsonNode schedule = properties("FlushSchedule");

        // YAML would read an OFF without quotation marks as false.
        assertThat(schedule.at("/FlexibleTimeWindow/Mode").isTextual()).isTrue();
        assertThat(schedule.at("/FlexibleTimeWindow/Mode").asText()).isEqualTo("OFF");
        assertThat(AlertPipeline.isFlush(
                        new ObjectMapper().readTree(schedule.at("/Target/Input").asText())))
                .isTrue();
        // Without the alias, it would call another version than the queue does.
        assertThat(statements("FlushRole")).singleElement().satisfies(statement -> assertThat(
                        statement.path("Resource").asText())
                .isEqualTo(schedule.at("/Target/Arn").asText())
                .endsWith(".Alias"));
    }

    @Test
    void oneParameterSwitchesThePendingChangesAndTheirFlush() {
        assertThat(SETTINGS.path("HIPCHAT_PENDING_ENABLED").asText()).isEqualTo("Pending");
        assertThat(texts(TEMPLATE.at("/Conditions/KeepsPending"))).containsExactly("Pending", "true");
        assertThat(TEMPLATE.at("/Resources").properties())
                .filteredOn(resource ->
                        resource.getValue().path("Condition").asText().equals("KeepsPending"))
                .extracting(Map.Entry::getKey)
                .containsExactlyInAnyOrder("FlushSchedule", "FlushRole", "PendingFilter", "PendingAlarm");
        assertThat(config(environment()).pending().enabled()).isTrue();

        Map<String, String> off = environment();
        off.put("HIPCHAT_PENDING_ENABLED", "false");

        assertThat(config(off).pending().enabled()).isFalse();
    }

    @Test
    void everySettingIsOneOfThePrograms() {
        Set<String> known =
                ConfigMappings.getProperties(new ConfigClass(HipChatConfig.class, "hipchat")).keySet().stream()
                        .map(LambdaTemplateTest::environmentName)
                        .collect(Collectors.toSet());

        assertThat(names(SETTINGS))
                // Each configures the runtime of one variant.
                .filteredOn(name ->
                        !Set.of("DISABLE_SIGNAL_HANDLERS", "JAVA_TOOL_OPTIONS").contains(name))
                .isNotEmpty()
                .isSubsetOf(known);
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
    void noParameterContainsTheToken() {
        assertThat(texts(SETTINGS.get("HIPCHAT_TOKEN")))
                .containsExactly("HasToken", "{{resolve:secretsmanager:${HipChatTokenSecret}}}", "");
    }

    @Test
    void everyRoleHasTheLeastPrivilege() {
        assertThat(TEMPLATE.findValues("Action").stream().flatMap(action -> texts(action).stream()))
                .isNotEmpty()
                .noneMatch(action -> action.contains("*"));
        assertThat(TEMPLATE.findValues("Resource").stream().flatMap(resource -> texts(resource).stream()))
                .isNotEmpty()
                .noneMatch(resource -> resource.contains("*"));
        // With an explicit role, SAM adds no policies.
        assertThat(FUNCTION.path("Role").asText()).isEqualTo("FunctionRole.Arn");
        assertThat(FUNCTION.has("Policies")).isFalse();
        assertThat(TEMPLATE.findValues("ManagedPolicyArns")).isEmpty();
    }

    @Test
    void onlyAuthorizedCallersReachTheFunction() {
        assertThat(FUNCTION.at("/FunctionUrlConfig/AuthType").asText()).isEqualTo("AWS_IAM");
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
        assertThat(route.at("/responses/2\\d{2}/statusCode").asText()).isEqualTo("202");
        assertThat(route.at("/responses/400/statusCode").asText()).isEqualTo("400");
        assertThat(route.at("/responses/default/statusCode").asText()).isEqualTo("503");
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

    private static String environmentName(String key) {
        return key.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
    }

    private static JsonNode properties(String resource) {
        return TEMPLATE.get("Resources").path(resource).path("Properties");
    }

    private static Set<String> names(JsonNode object) {
        return object.properties().stream().map(Map.Entry::getKey).collect(Collectors.toSet());
    }

    /** Returns the texts of a list, or a single text as a list of one. */
    private static List<String> texts(JsonNode node) {
        return node.isTextual()
                ? List.of(node.asText())
                : node.valueStream().map(JsonNode::asText).toList();
    }

    private static JsonNode template() {
        try {
            return new YAMLMapper()
                    .readTree(Path.of("deploy/lambda/template.yaml").toFile());
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
