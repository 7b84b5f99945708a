package io.hipchatalerts.http;

import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;

import io.hipchatalerts.fake.HipChatTest;
import io.hipchatalerts.fake.Reaction;
import io.hipchatalerts.fake.WithHipChat;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
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

    private static final String ALERT = "{\"id\":\"a\",\"level\":\"OK\"}";

    /** The part that has arrived may be complete JSON; no message is sent in any case. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {              | Content-Length: 1000
            {              | Transfer-Encoding: chunked
            """)
    @Timeout(60)
    void aBodyThatComesByteByByteIsCutAtTheDeadlineWith408(String first, String length) throws IOException {
        double invalid = Scrape.events("invalid");
        long start = System.nanoTime();
        try (Socket caller = new Socket("localhost", RestAssured.port)) {
            OutputStream out = caller.getOutputStream();
            out.write(("POST /hipchat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" + length
                            + "\r\n\r\n")
                    .getBytes(UTF_8));
            byte[] bite = (length.startsWith("Transfer") ? "1\r\n" + first + "\r\n" : first).getBytes(UTF_8);

            String answer = dribbled(caller, out, bite);

            assertThat(answer)
                    .startsWith("HTTP/1.1 408")
                    .contains("application/problem+json", "\"status\":408", "hipchat.deadline");
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isBetween(Duration.ofMillis(900), Duration.ofSeconds(30));
        assertThat(hipChat.requests()).isEmpty();
        assertThat(Scrape.events("invalid")).isEqualTo(invalid + 1);
    }

    /** Sends one piece after the other until the answer and the end of the connection. */
    private static String dribbled(Socket caller, OutputStream out, byte[] bite) throws IOException {
        InputStream in = caller.getInputStream();
        caller.setSoTimeout(50);
        while (true) {
            try {
                out.write(bite);
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
                .body(ALERT)
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
        byte[] rest = "x".repeat(3_000_000).getBytes(UTF_8);
        try (Socket caller = new Socket("localhost", RestAssured.port)) {
            caller.setSoTimeout(30_000);
            OutputStream out = caller.getOutputStream();
            out.write(
                    "POST /hipchat HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 3000000\r\n\r\n"
                            .getBytes(UTF_8));
            assertThat(new String(caller.getInputStream().readNBytes(12), UTF_8))
                    .isEqualTo("HTTP/1.1 415");

            out.write(rest);

            assertThat(new String(caller.getInputStream().readAllBytes(), UTF_8))
                    .contains("connection: close")
                    .endsWith("}");
        }
    }

    @Test
    @Timeout(60)
    void aRefusalDoesNotWaitLongForTheRestOfABody() throws IOException {
        long start = System.nanoTime();
        try (Socket caller = new Socket("localhost", RestAssured.port)) {
            caller.setSoTimeout(30_000);
            caller.getOutputStream()
                    .write("POST /nope HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{".getBytes(UTF_8));

            assertThat(new String(caller.getInputStream().readAllBytes(), UTF_8))
                    .startsWith("HTTP/1.1 404")
                    .endsWith("}");
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
    }

    @Test
    void bodiesNestedTooDeeplyAre400() {
        given().contentType("application/json")
                .body("[".repeat(2_000))
                .post("/hipchat")
                .then()
                .statusCode(400)
                .contentType("application/problem+json")
                .body("detail", containsString("nested too deeply"));
    }

    /** The server itself rejects these before it reads a request: the answer has only the status. */
    @ParameterizedTest
    @CsvSource({"431, 21000, 0", "414, 0, 5000"})
    void headersOver20KiBAre431AndAddressesOver4KiB414(int status, int header, int query) throws IOException {
        assertThat(statusOf("/hipchat?room=" + "a".repeat(query), "a".repeat(header)))
                .isEqualTo(status);
    }

    private static int statusOf(String address, String header) throws IOException {
        try (Socket caller = new Socket("localhost", RestAssured.port)) {
            caller.setSoTimeout(30_000);
            caller.getOutputStream()
                    .write(("POST " + address + " HTTP/1.1\r\nHost: localhost\r\nX-Header: " + header
                                    + "\r\nContent-Length: 0\r\n\r\n")
                            .getBytes(UTF_8));
            return Integer.parseInt(new String(caller.getInputStream().readNBytes(12), UTF_8).substring(9));
        }
    }
}
