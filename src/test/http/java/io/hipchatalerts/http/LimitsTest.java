package io.hipchatalerts.http;

import static io.hipchatalerts.http.RawHttp.answer;
import static io.hipchatalerts.http.RawHttp.sent;
import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;

import io.hipchatalerts.fake.HipChatTest;
import io.hipchatalerts.fake.Reaction;
import io.hipchatalerts.fake.WithHipChat;
import io.quarkus.test.junit.QuarkusTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The limits on the size and the duration of a request. */
@QuarkusTest
@WithHipChat("""
        hipchat.deadline=1s
        hipchat.request-timeout=60s
        """)
class LimitsTest extends HipChatTest {

    /** The part that has arrived may be complete JSON; no message is sent in any case. */
    @ParameterizedTest
    @CsvSource({"Content-Length: 1000, {", "Transfer-Encoding: chunked, '1\r\n{\r\n'"})
    @Timeout(60)
    void aBodyThatComesByteByByteIsCutAtTheDeadlineWith408(String length, String piece) throws IOException {
        double invalid = Scrape.events("invalid");
        long start = System.nanoTime();
        try (Socket caller = sent("POST /hipchat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + length + "\r\n\r\n")) {
            assertThat(dribbled(caller, piece.getBytes(UTF_8)))
                    .startsWith("HTTP/1.1 408")
                    .contains("application/problem+json", "\"status\":408", "hipchat.deadline");
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isBetween(Duration.ofMillis(900), Duration.ofSeconds(30));
        assertThat(hipChat.requests()).isEmpty();
        assertThat(Scrape.events("invalid")).isEqualTo(invalid + 1);
    }

    /** Sends one piece after the other until the answer and the end of the connection. */
    private static String dribbled(Socket caller, byte[] piece) throws IOException {
        InputStream in = caller.getInputStream();
        caller.setSoTimeout(50);
        while (true) {
            try {
                caller.getOutputStream().write(piece);
                int first = in.read();
                caller.setSoTimeout(30_000);
                return (char) first + rest(in);
            } catch (SocketTimeoutException noAnswerYet) {
                // Another piece.
            }
        }
    }

    /** A piece that is sent after the end of the connection resets it, when all of the answer is here. */
    private static String rest(InputStream in) throws IOException {
        ByteArrayOutputStream rest = new ByteArrayOutputStream();
        try {
            in.transferTo(rest);
        } catch (SocketException reset) {
            // It has ended all the same.
        }
        return rest.toString(UTF_8);
    }

    @Test
    void aSlowDeliveryIsNoSlowBodyAndEndsAtTheDeadlineToo() {
        hipChat.reacts(Reaction.hangs());
        long start = System.nanoTime();

        // Without a request, the delivery has waited for a busy machine.
        given().contentType("application/json")
                .body("{\"id\":\"a\",\"level\":\"OK\"}")
                .post("/hipchat")
                .then()
                .statusCode(503)
                .body("deliveries[0].status", is("failed"))
                .body("deliveries[0].attempts", lessThanOrEqualTo(1));

        // The request timeout is much longer.
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
    }

    /** A connection that is closed with bytes unread is reset, and the caller may never see the answer. */
    @Test
    @Timeout(120)
    void theRestOfABodyIsReadBeforeTheConnectionOfARefusalIsClosed() {
        // The rest has to come within two seconds, for which a busy machine may be too slow.
        await().atMost(Duration.ofSeconds(60))
                .ignoreExceptionsInstanceOf(SocketException.class)
                .untilAsserted(LimitsTest::assertTheRestIsRead);
    }

    private static void assertTheRestIsRead() throws IOException {
        try (Socket caller = sent(
                "POST /hipchat HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 3000000\r\n\r\n")) {
            assertThat(new String(caller.getInputStream().readNBytes(12), UTF_8))
                    .isEqualTo("HTTP/1.1 415");

            caller.getOutputStream().write("x".repeat(3_000_000).getBytes(UTF_8));

            assertThat(new String(caller.getInputStream().readAllBytes(), UTF_8))
                    .contains("connection: close")
                    .endsWith("}");
        }
    }

    @Test
    @Timeout(60)
    void aRefusalDoesNotWaitLongForTheRestOfABody() throws IOException {
        long start = System.nanoTime();

        assertThat(answer("POST /nope HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{"))
                .startsWith("HTTP/1.1 404")
                .endsWith("}");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
    }
}
