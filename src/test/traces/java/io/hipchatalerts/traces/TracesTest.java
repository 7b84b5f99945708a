package io.hipchatalerts.traces;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Named.named;

import io.hipchatalerts.fake.HipChatResource;
import io.hipchatalerts.fake.HipChatTest;
import io.hipchatalerts.fake.Reaction;
import io.hipchatalerts.fake.WithHipChat;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The build with traces: what a collector and HipChat get. */
@QuarkusTest
@WithHipChat("""
        hipchat.handlers-dir=src/test/resources/kapacitor/handlers
        hipchat.auth=query
        quarkus.otel.bsp.schedule.delay=50ms
        # Nothing here is about time, so a busy machine may take its own.
        hipchat.deadline=25s
        hipchat.request-timeout=5s
        """)
class TracesTest extends HipChatTest {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String CALLER = "00f067aa0ba902b7";

    @Inject
    Collector collector;

    /** The topic {@code disk} has two handlers that take a CRITICAL event, and their deliveries run side by side. */
    @ParameterizedTest
    @CsvSource({"none, 1", "disk, 2"})
    void theCallersTraceGoesOnToHipChat(String topic, int deliveries) throws Exception {
        // Long enough for another thread to take the second delivery.
        hipChat.reacts(Reaction.accepts().after(Duration.ofMillis(500)));

        send(given().header("traceparent", "00-" + TRACE + "-" + CALLER + "-01").queryParam("topic", topic));

        List<SpanData> spans = spans();
        SpanData request = request(spans);
        assertThat(request.getTraceId()).isEqualTo(TRACE);
        assertThat(request.getParentSpanId()).isEqualTo(CALLER);
        assertThat(calls(spans)).hasSize(deliveries).allSatisfy(call -> {
            assertThat(call.getTraceId()).isEqualTo(TRACE);
            assertThat(call.getParentSpanId()).isEqualTo(request.getSpanId());
        });
        assertThat(handedOn()).containsExactlyInAnyOrderElementsOf(parents(spans));
    }

    @Test
    void withoutACallersTraceOneBegins() throws Exception {
        send(given());

        List<SpanData> spans = spans();
        assertThat(request(spans).getParentSpanContext().isValid()).isFalse();
        assertThat(handedOn())
                .hasSize(1)
                .containsExactlyElementsOf(parents(spans))
                .allMatch(parent -> parent.startsWith("00-" + request(spans).getTraceId() + "-"));
    }

    static Stream<Named<Reaction>> answers() {
        return Stream.of(
                named("accepted", Reaction.accepts()),
                named("away", Reaction.answers(503)),
                named("silence", Reaction.hangs()),
                named("elsewhere", Reaction.answers(302).header("Location", "/?auth_token=" + HipChatResource.TOKEN)),
                named("refused", Reaction.refuses(401, HipChatResource.TOKEN)),
                named("closed", Reaction.closes()),
                named("reset", Reaction.cuts()),
                named("not HTTP", Reaction.answersGarbage()),
                named("a body that is not one", Reaction.accepts(200).hasGarbageForBody()));
    }

    @ParameterizedTest
    @MethodSource("answers")
    void noSpanHoldsTheTokenThoughTheAddressDoes(Reaction answer) throws Exception {
        hipChat.reactsInTurn(answer);

        send(given());

        List<SpanData> spans = spans();
        assertThat(hipChat.requests()).isNotEmpty().allMatch(call -> call.target()
                .contains(HipChatResource.TOKEN));
        assertThat(calls(spans)).isNotEmpty().allSatisfy(call -> assertThat(
                        call.getAttributes().get(AttributeKey.stringKey("url.full")))
                .endsWith("/v2/room/alerts/notification"));
        assertThat(spans).allSatisfy(span -> {
            assertThat(span.toString()).doesNotContain("s3cret");
            assertThat(span.getEvents())
                    .allSatisfy(event ->
                            assertThat(event.getAttributes().toString()).doesNotContain("s3cret"));
        });
    }

    private static void send(RequestSpecification caller) {
        caller.contentType("application/json")
                .body("{\"id\":\"a\",\"level\":\"CRITICAL\"}")
                .post("/hipchat");
    }

    private List<SpanData> spans() throws InterruptedException {
        return collector.next(handedOn().stream()
                .filter(parent -> !parent.equals("none"))
                .map(parent -> parent.split("-", -1)[2])
                .toList());
    }

    private static SpanData request(List<SpanData> spans) {
        return spans.stream()
                .filter(span -> span.getKind() == SpanKind.SERVER)
                .findFirst()
                .orElseThrow();
    }

    private static List<SpanData> calls(List<SpanData> spans) {
        return spans.stream().filter(span -> span.getKind() == SpanKind.CLIENT).toList();
    }

    /** The {@code traceparent}s that name the calls' spans. */
    private static List<String> parents(List<SpanData> spans) {
        return calls(spans).stream()
                .map(call -> "00-" + call.getTraceId() + "-" + call.getSpanId() + "-01")
                .toList();
    }

    private List<String> handedOn() {
        return hipChat.requests().stream()
                .map(call -> call.header("traceparent").orElse("none"))
                .toList();
    }
}
