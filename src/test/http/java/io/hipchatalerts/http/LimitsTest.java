package io.hipchatalerts.http;

import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;

import io.hipchatalerts.fake.FakeHipChat;
import io.hipchatalerts.fake.HipChatResource;
import io.hipchatalerts.fake.Reaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The limits on the size and the duration of a request. */
@QuarkusTest
@QuarkusTestResource(
        value = HipChatResource.class,
        restrictToAnnotatedClass = true,
        initArgs = @ResourceArg(name = "hipchat.deadline", value = "1s"))
class LimitsTest {

    private static final String ALERT = "{\"id\":\"a\",\"level\":\"OK\"}";

    private final FakeHipChat hipChat = HipChatResource.hipChat();

    @AfterEach
    void resetHipChat() {
        hipChat.reset();
    }

    /** The part that has arrived may be complete JSON; no message is sent in any case. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {              | Content-Length: 1000
            {              | Transfer-Encoding: chunked
            """)
    @Timeout(30)
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
                .isBetween(Duration.ofMillis(900), Duration.ofSeconds(15));
        assertThat(hipChat.requests()).isEmpty();
        assertThat(Scrape.events("invalid")).isEqualTo(invalid + 1);
    }

    /** Sends one piece after the other until the answer and the end of the connection. */
    private static String dribbled(Socket caller, OutputStream out, byte[] bite) throws IOException {
        InputStream in = caller.getInputStream();
        caller.setSoTimeout(50);
        while (true) {
            out.write(bite);
            try {
                int first = in.read();
                caller.setSoTimeout(10_000);
                return (char) first + new String(in.readAllBytes(), UTF_8);
            } catch (SocketTimeoutException noAnswerYet) {
                // Another piece.
            }
        }
    }

    @Test
    void aSlowDeliveryIsNoSlowBody() {
        hipChat.reacts(Reaction.hangs());

        given().contentType("application/json")
                .body(ALERT)
                .post("/hipchat")
                .then()
                .statusCode(503)
                .body("deliveries[0].attempts", is(1));
    }

    /** A connection that is closed with bytes unread is reset, and the caller may never see the answer. */
    @Test
    @Timeout(30)
    void theRestOfABodyIsReadBeforeTheConnectionOfARefusalIsClosed() throws IOException {
        try (Socket caller = new Socket("localhost", RestAssured.port)) {
            caller.setSoTimeout(10_000);
            OutputStream out = caller.getOutputStream();
            out.write(
                    "POST /hipchat HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 3000000\r\n\r\n"
                            .getBytes(UTF_8));
            assertThat(new String(caller.getInputStream().readNBytes(12), UTF_8))
                    .isEqualTo("HTTP/1.1 415");

            out.write("x".repeat(3_000_000).getBytes(UTF_8));

            assertThat(new String(caller.getInputStream().readAllBytes(), UTF_8))
                    .contains("connection: close")
                    .endsWith("}");
        }
    }

    @Test
    @Timeout(30)
    void aRefusalDoesNotWaitLongForTheRestOfABody() throws IOException {
        long start = System.nanoTime();
        try (Socket caller = new Socket("localhost", RestAssured.port)) {
            caller.setSoTimeout(20_000);
            caller.getOutputStream()
                    .write("POST /nope HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{".getBytes(UTF_8));

            assertThat(new String(caller.getInputStream().readAllBytes(), UTF_8))
                    .startsWith("HTTP/1.1 404")
                    .endsWith("}");
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
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
            caller.setSoTimeout(10_000);
            caller.getOutputStream()
                    .write(("POST " + address + " HTTP/1.1\r\nHost: localhost\r\nX-Header: " + header
                                    + "\r\nContent-Length: 0\r\n\r\n")
                            .getBytes(UTF_8));
            return Integer.parseInt(new String(caller.getInputStream().readNBytes(12), UTF_8).substring(9));
        }
    }
}
