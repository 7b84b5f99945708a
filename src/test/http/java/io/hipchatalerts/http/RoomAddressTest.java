package io.hipchatalerts.http;

import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.hipchatalerts.fake.HipChatTest;
import io.hipchatalerts.fake.ReceivedRequest;
import io.hipchatalerts.fake.WithHipChat;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.sessions.JqwikSession;
import org.junit.jupiter.api.Test;

/** A caller chooses the room and never the address: a request goes to exactly the named room, whatever its name. */
@QuarkusTest
@WithHipChat
class RoomAddressTest extends HipChatTest {

    private static final int ROOMS = 300;
    private static final Pattern ADDRESS = Pattern.compile("/v2/room/((?:[A-Za-z0-9._~-]|%[0-9A-F]{2})+)/notification");
    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    @Test
    void noRoomNameLeavesItsPathSegment() throws Exception {
        long seed = new Random().nextLong();
        JqwikSession.start();
        try {
            List<String> rooms = Stream.concat(
                            Stream.of(
                                    ".", "..", "%2e%2e", "..\\", "//evil.example.com", "@evil.example.com", "a\u0000b"),
                            rooms().generator(ROOMS, true).stream(new Random(seed))
                                    .map(room -> room.value())
                                    .limit(ROOMS))
                    .toList();
            for (int i = 0; i < rooms.size(); i++) {
                check(rooms.get(i), i % 2 == 0, "seed " + seed + ", room " + JSON.writeValueAsString(rooms.get(i)));
            }
        } finally {
            JqwikSession.finish();
        }
    }

    /** Returns texts of parts with a meaning in an address, in any order. */
    private static Arbitrary<String> rooms() {
        return Arbitraries.oneOf(
                        Arbitraries.of(
                                "..",
                                ".",
                                "/",
                                "//",
                                "\\",
                                "%2e",
                                "%2E%2e",
                                "%2f",
                                "%5c",
                                "%00",
                                "%",
                                "%25",
                                "\u2215",
                                "\u2044",
                                "\uff0f",
                                "\u29f8",
                                "\uff0e",
                                "\u2024",
                                "@host",
                                ":80",
                                "#",
                                "?",
                                "&",
                                "=",
                                ";",
                                "http://",
                                "[::1]",
                                "\u0000",
                                "\r\n",
                                "\t",
                                "\u0085",
                                " ",
                                "+",
                                "\ufeff",
                                "\u202e",
                                "{room}",
                                "*",
                                "~",
                                "é",
                                "\ud83d\udd25",
                                "\ud83d",
                                "\udd25",
                                "notification"),
                        Arbitraries.strings().ofMaxLength(3))
                .list()
                .ofMinSize(1)
                .ofMaxSize(5)
                .map(pieces -> String.join("", pieces))
                // An empty room stands for the configured one.
                .filter(room -> !room.isEmpty());
    }

    private void check(String room, boolean inBody, String what) throws Exception {
        hipChat.reset();
        // No query can contain half a surrogate pair.
        String wanted = inBody ? room : new String(room.getBytes(UTF_8), UTF_8);

        Response answer = inBody
                ? post("/hipchat", Map.of("id", "a", "level", "OK", "options", Map.of("room", wanted)))
                : post("/hipchat?room=" + URLEncoder.encode(wanted, UTF_8), Map.of("id", "a", "level", "OK"));

        List<ReceivedRequest> asked = hipChat.requests();
        if (answer.statusCode() == 400) {
            assertThat(asked).as(what).isEmpty();
            return;
        }
        assertThat(answer.statusCode()).as(what).isEqualTo(200);
        assertThat(asked).as(what).hasSize(1);
        Matcher address = ADDRESS.matcher(asked.get(0).target());
        assertThat(address.matches())
                .as("%s at %s", what, asked.get(0).target())
                .isTrue();
        assertThat(URLDecoder.decode(address.group(1), UTF_8)).as(what).isEqualTo(wanted);
    }

    private static Response post(String path, Map<String, ?> event) throws Exception {
        return given().urlEncodingEnabled(false)
                .contentType("application/json")
                .body(JSON.writeValueAsString(event))
                .post(path);
    }
}
