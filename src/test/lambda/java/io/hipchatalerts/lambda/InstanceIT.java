package io.hipchatalerts.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.hipchatalerts.Program;
import io.hipchatalerts.fake.FakeHipChat;
import io.hipchatalerts.fake.HipChatResource;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The life of one instance of {@code function.zip}: what is in it, its init and its end. */
@Timeout(300)
class InstanceIT {

    private final FakeHipChat hipChat = FakeHipChat.start();
    private final Map<String, String> settings = HipChatResource.settings(
            hipChat,
            Map.of(
                    "hipchat.deadline", TriggersContract.DEADLINE,
                    "hipchat.request-timeout", TriggersContract.DEADLINE));

    @AfterEach
    void stopHipChat() {
        hipChat.close();
    }

    @Test
    void theZipHoldsNoHttpServerNoRuntimeAndNothingOfTheOtherBuild() throws IOException {
        try (ZipFile zip = new ZipFile(FunctionProcess.ZIP.toFile())) {
            List<String> names = zip.stream().map(ZipEntry::getName).toList();

            assertThat(names)
                    .noneMatch(name -> name.contains("quarkus-vertx-http")
                            || name.contains("funqy-http")
                            || name.contains("funqy-knative")
                            || name.contains("runtime-interface-client")
                            || name.contains("io/hipchatalerts/http")
                            || name.contains("-dev."));
            assertThat(names)
                    .anyMatch(name ->
                            name.equals("bootstrap") || name.equals("io/hipchatalerts/lambda/LambdaFunction.class"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "hipchat.notify,      perhaps, hipchat.notify",
        "hipchat.url,         nowhere, hipchat.url",
        "hipchat.state.store, redis,   quarkus.redis.hosts"
    })
    void aBadSettingFailsTheInitInOneClearLine(String key, String value, String named) throws Exception {
        settings.put(key, value);

        try (RuntimeApi api = new RuntimeApi();
                FunctionProcess process = new FunctionProcess(api, settings)) {
            int exitCode = process.exitCode();

            assertThat(exitCode).isNotZero();
            assertThat(process.lines())
                    .anyMatch(line -> line.startsWith(named) && line.contains("allowed"))
                    // Quarkus' poll loop, which only an executable has, adds its own.
                    .noneMatch(line -> line.contains("\tat ") && !Program.isNative())
                    .noneMatch(line -> line.contains(HipChatResource.TOKEN));
        }
    }

    /** A native executable that ends in its init is an init error to Lambda by its end alone. */
    @Test
    void anInitErrorIsReportedWithThatLine() {
        assumeThat(Program.isNative()).isFalse();
        settings.put("hipchat.notify", "perhaps");

        try (RuntimeApi api = new RuntimeApi();
                FunctionProcess process = new FunctionProcess(api, settings)) {
            assertThat(api.initError()).as("%s", process.lines()).contains("hipchat.notify is \\\"perhaps\\\"");
        }
    }

    @ParameterizedTest
    @CsvSource({"HIPCHAT_LOG_FORMAT, json", "AWS_LAMBDA_LOG_FORMAT, JSON"})
    void theLogIsJsonIfTheSettingsOrLambdaSaySo(String key, String value) throws Exception {
        settings.put(key, value);

        try (RuntimeApi api = new RuntimeApi();
                FunctionProcess process = new FunctionProcess(api, settings)) {
            api.invoke(Events.alert("say \\\"hi\\\"\\n", "alerts"));
            String id = api.lastRequestId();
            process.terminate();
            process.exitCode();

            assertThat(process.lines())
                    .allMatch(line -> Events.parse(line).has("message")
                            || Events.parse(line).has("_aws"))
                    .satisfiesOnlyOnce(line -> {
                        assertThat(Events.parse(line).at("/alert/id").asText()).isEqualTo("say \"hi\"\n");
                        assertThat(Events.parse(line).at("/mdc/AWSRequestId").asText())
                                .isEqualTo(id);
                    })
                    .satisfiesOnlyOnce(
                            line -> assertThat(Events.parse(line).has("_aws")).isTrue())
                    .noneMatch(line -> line.contains(HipChatResource.TOKEN));
        }
    }

    @ParameterizedTest
    @CsvSource({"Text, INFO, 1", "Text, WARN, 0", "Text, DEBUG, 1"})
    void theLogHasLambdasFormatAndLevel(String format, String level, int lines) throws Exception {
        settings.put("AWS_LAMBDA_LOG_FORMAT", format);
        settings.put("AWS_LAMBDA_LOG_LEVEL", level);

        try (RuntimeApi api = new RuntimeApi();
                FunctionProcess process = new FunctionProcess(api, settings)) {
            api.invoke(Events.alert("a", "alerts"));
            process.terminate();
            process.exitCode();

            assertThat(process.lines())
                    .filteredOn(line -> line.contains("status=sent"))
                    .hasSize(lines)
                    .noneMatch(line -> line.startsWith("{"));
            assertThat(process.lines()).noneMatch(line -> line.contains(HipChatResource.TOKEN));
        }
    }

    @Test
    void whatWasNotYetTakenWhenAnInstanceEndsIsForTheNext() throws Exception {
        try (RuntimeApi api = new RuntimeApi()) {
            try (FunctionProcess first = new FunctionProcess(api, settings)) {
                assertThat(api.invoke(Events.alert("first", "alerts")).failed()).isFalse();
                assertThat(api.invoke(Events.alert("second", "alerts")).failed())
                        .isFalse();
                first.terminate();
                assertThat(first.exitCode()).isEqualTo(128 + 15);
            }
        }
        try (RuntimeApi api = new RuntimeApi();
                FunctionProcess second = new FunctionProcess(api, settings)) {
            assertThat(api.invoke(Events.alert("third", "alerts")).failed())
                    .as("%s", second.lines())
                    .isFalse();
            assertThat(hipChat.requests()).hasSize(3);
        }
    }

    @Test
    void anEventFromABusThatDoesNotNameHipChatIsSentOnlyWithGlobal() {
        try (RuntimeApi api = new RuntimeApi();
                FunctionProcess process = new FunctionProcess(api, settings)) {
            assertThat(api.invoke(Events.sample("eventbridge.json")).body())
                    .as("%s", process.lines())
                    .contains("\"reason\":\"not-addressed\"");
            assertThat(api.invoke(Events.sample("sqs.json")).body()).isEqualTo("{\"batchItemFailures\":[]}");
            assertThat(hipChat.requests()).isEmpty();
            assertThat(api.invoke(Events.sample("function-url.json")).body()).contains("\\\"status\\\":\\\"sent\\\"");
            assertThat(hipChat.requests()).hasSize(1);
        }
    }
}
