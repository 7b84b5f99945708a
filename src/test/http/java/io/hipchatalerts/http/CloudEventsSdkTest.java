package io.hipchatalerts.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cloudevents.CloudEvent;
import io.cloudevents.SpecVersion;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.core.message.Encoding;
import io.cloudevents.core.message.MessageReader;
import io.cloudevents.core.message.MessageWriter;
import io.cloudevents.http.HttpMessageFactory;
import io.cloudevents.jackson.JsonFormat;
import io.hipchatalerts.fake.HipChatTest;
import io.hipchatalerts.fake.Reaction;
import io.hipchatalerts.fake.WithHipChat;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.OffsetDateTime;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The function as the official CloudEvents SDK for Java sees it: the SDK writes every request and reads every reply
 * (contract §8).
 */
@QuarkusTest
@WithHipChat
class CloudEventsSdkTest extends HipChatTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    /** How the SDK sends an event. */
    private enum Mode {
        BINARY,
        STRUCTURED,
        STRUCTURED_BASE64;

        Encoding encoding() {
            return this == BINARY ? Encoding.BINARY : Encoding.STRUCTURED;
        }

        void write(CloudEvent event, MessageWriter<?, ?> request) {
            switch (this) {
                case BINARY -> request.writeBinary(event);
                case STRUCTURED -> request.writeStructured(event, new JsonFormat());
                case STRUCTURED_BASE64 -> request.writeStructured(event, new JsonFormat().withForceJsonDataToBase64());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void anAlertIsSentAndTheReplyIsAnOutcomeEventInTheSameMode(Mode mode) throws Exception {
        CloudEvent event = event(
                        "{\"id\":\"a\",\"level\":\"CRITICAL\",\"message\":\"disk full: 97 % – ü\",\"options\":{}}")
                .build();

        HttpResponse<byte[]> answer = send(mode, event);
        assertThat(reader(answer).getEncoding()).isEqualTo(mode.encoding());
        CloudEvent reply = reply(answer);
        assertThat(reply.getSpecVersion()).isEqualTo(SpecVersion.V1);
        assertThat(reply.getType()).isEqualTo("io.hipchatalerts.outcome");
        assertThat(reply.getSource()).isEqualTo(URI.create("hipchat-alerts"));
        assertThat(reply.getDataContentType()).isEqualTo("application/json");
        assertThat(outcome(reply))
                .isEqualTo(json("{\"status\":\"sent\",\"reason\":null,\"degraded\":false,\"deliveries\":[{\"handler\":"
                        + "null,\"room\":\"alerts\",\"status\":\"sent\",\"reason\":null,\"attempts\":1}]}"));
        assertThat(hipChat.onlyRequest().message()).isEqualTo("disk full: 97 % – ü");
    }

    @ParameterizedTest
    @EnumSource
    void eachReplyHasAnIdOfItsOwn(Mode mode) throws Exception {
        CloudEvent event = alert().build();

        String first = reply(send(mode, event)).getId();
        String second = reply(send(mode, event)).getId();

        assertThat(List.of(event.getId(), first, second)).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @EnumSource
    void optionalAndExtensionAttributesAreAccepted(Mode mode) throws Exception {
        CloudEvent event = alert().withSubject("cpu:host=web01,cpu=cpu total")
                .withTime(OffsetDateTime.parse("2026-05-02T09:15:00.123456789+02:00"))
                .withDataSchema(URI.create("https://example.com/alert.json"))
                .withExtension("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
                .withExtension("sequence", 7)
                .withExtension("sampled", true)
                .build();

        assertThat(status(send(mode, event))).isEqualTo("sent");
    }

    @Test
    void aBinaryEventMayLackAMediaType() throws Exception {
        assertThat(status(send(Mode.BINARY, alert().withDataContentType(null).build())))
                .isEqualTo("sent");
    }

    @ParameterizedTest
    @EnumSource
    void anEventThatDoesNotNameHipChatHasAReplyTooAndIsSkipped(Mode mode) throws Exception {
        CloudEvent event = event("{\"id\":\"a\",\"level\":\"OK\"}").build();

        JsonNode outcome = outcome(reply(send(mode, event)));

        assertThat(outcome.path("status").asText()).isEqualTo("skipped");
        assertThat(outcome.path("reason").asText()).isEqualTo("not-addressed");
        assertThat(hipChat.requests()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void aReplyThatComesBackIsRefused(Mode mode) throws Exception {
        CloudEvent reply = reply(send(mode, alert().build()));

        assertProblem(send(mode, reply), 400, "own answer");
        assertThat(hipChat.requests()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource
    void aRefusalByHipChatIsAProblemAndNoEvent(Mode mode) throws Exception {
        hipChat.reacts(Reaction.refuses(404, "Room not found"));

        assertProblem(send(mode, alert().build()), 422, "Room not found");
    }

    @ParameterizedTest
    @EnumSource
    void anEventWithoutDataIsRefused(Mode mode) throws Exception {
        CloudEvent event = alert().withoutData().build();

        assertProblem(send(mode, event), 400, "");
        assertThat(hipChat.requests()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void anEventOfAnotherSpecVersionIsRefused(Mode mode) throws Exception {
        CloudEvent event = CloudEventBuilder.v03(alert().build()).build();

        assertProblem(send(mode, event), 400, "specversion must be 1.0");
        assertThat(hipChat.requests()).isEmpty();
    }

    private static CloudEventBuilder alert() {
        return event("{\"id\":\"a\",\"level\":\"OK\",\"options\":{}}");
    }

    private static CloudEventBuilder event(String data) {
        return CloudEventBuilder.v1()
                .withId("event-1")
                .withSource(URI.create("/kapacitor"))
                .withType("kapacitor.alert")
                .withData("application/json", data.getBytes(UTF_8));
    }

    private static HttpResponse<byte[]> send(Mode mode, CloudEvent event) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://localhost:" + RestAssured.port + "/"));
        mode.write(
                event,
                HttpMessageFactory.createWriter(
                        request::header,
                        body -> request.POST(
                                body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body))));
        return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private static MessageReader reader(HttpResponse<byte[]> answer) {
        return HttpMessageFactory.createReaderFromMultimap(answer.headers().map(), answer.body());
    }

    private static CloudEvent reply(HttpResponse<byte[]> answer) {
        assertThat(answer.statusCode())
                .as(() -> new String(answer.body(), UTF_8))
                .isEqualTo(200);
        return reader(answer).toEvent();
    }

    private static String status(HttpResponse<byte[]> answer) throws Exception {
        return outcome(reply(answer)).path("status").asText();
    }

    private static JsonNode outcome(CloudEvent reply) throws Exception {
        return json(new String(reply.getData().toBytes(), UTF_8));
    }

    private static void assertProblem(HttpResponse<byte[]> answer, int status, String detail) throws Exception {
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(answer.headers().map()).doesNotContainKey("ce-type");
        assertThat(json(new String(answer.body(), UTF_8)).path("detail").asText())
                .isNotBlank()
                .contains(detail);
    }

    private static JsonNode json(String text) throws Exception {
        return JSON.readTree(text);
    }
}
