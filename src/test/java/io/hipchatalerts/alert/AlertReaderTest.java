package io.hipchatalerts.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AlertReaderTest {

    private static final Instant ARRIVAL = Instant.parse("2026-05-02T09:15:30Z");
    private static final Path SAMPLES = Path.of("src/test/resources/events/kapacitor");
    private static final ObjectMapper JSON = new ObjectMapper();

    /** The expected content of each file: id, message, level, previous level if the file has one, time. */
    private static final String SAMPLE_TABLE = """
            01-server-test-normal.json                   | id                             | message                                               | CRITICAL | OK       | 1970-01-01T00:00:00Z
            03-stream-httppost-count.json                | kapacitor.cpu.serverA          | kapacitor.cpu.serverA is CRITICAL                     | CRITICAL | OK       | 1971-01-01T00:00:10Z
            05-batch-recovery.json                       | cpu_usage_idle:cpu=cpu-total   | cpu_usage_idle:cpu=cpu-total is OK                    | OK       | CRITICAL | 1971-01-01T00:00:38Z
            06-stream-warning-from-critical.json         | kapacitor/cpu/serverA          | kapacitor/cpu/serverA is WARNING                      | WARNING  | CRITICAL | 1971-01-01T00:00:02Z
            08-service-test-httppost-empty.json          | ''                             | ''                                                    | OK       | OK       | 0001-01-01T00:00:00Z
            11-log-message-with-angle-brackets-2025.json | HTTP_500_Errors                | 'HTTP 500 error detected: Status code <no value> on ' | CRITICAL | OK       | 2025-09-09T13:20:40Z
            12-exec-jira-html-details-2020.json          | JIRA_TEST:system:host=HOST01   | [CRITICAL] JIRA is 0.87 on HOST01.                    | CRITICAL | OK       | 2020-08-25T12:36:25Z
            14-ms-teams-handler-example-2020.json        | Test_Rule:service=test-service | [CRITICAL] No beacons received on test-service        | CRITICAL | CRITICAL | 2020-10-01T14:27:30Z
            15-alert-proxy-simulator.json                | test.host mytest               | This is a generated test message, please ignore       | WARNING  | OK       | 2019-01-01T12:00:00Z
            17-docs-getting-started-v0.10-critical.json  | cpu:nil                        | cpu:nil is CRITICAL                                   | CRITICAL |          | 2016-03-14T23:08:40Z
            18-docs-getting-started-v0.10-ok.json        | cpu:nil                        | cpu:nil is OK                                         | OK       |          | 2016-03-14T23:08:40Z
            21-capital-series-maxint-duration-2017.json  | cpu.idle:nil                   | cpu.idle:nil is CRITICAL                              | CRITICAL |          | 2017-10-27T04:01:55Z
            25-early-post-2015.json                      | cpu_usage_idle:nil             | PEPITO cpu_usage_idle:nil                             | CRITICAL |          | 2015-12-17T07:49:10Z
            26-template-time-in-gos-form-2018.json       | cpu:nil                        | cpu:nil is CRITICAL                                   | CRITICAL |          | 2018-11-07T09:15:30Z
            """;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = SAMPLE_TABLE)
    void realAlertsAreRead(String file, String id, String message, Level level, Level previousLevel, Instant time)
            throws IOException {
        AlertEvent event = AlertReader.read(JSON.readTree(SAMPLES.resolve(file).toFile()), ARRIVAL);

        assertThat(event)
                .isEqualTo(new AlertEvent(
                        id,
                        message,
                        level,
                        Optional.ofNullable(previousLevel),
                        time,
                        event.duration(),
                        event.series(),
                        Optional.empty(),
                        Optional.empty()));
        assertThat(event.isEmpty()).isEqualTo(file.startsWith("08-"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            05-batch-recovery.json                        | 38000000000         | cpu_usage_idle | {cpu=cpu-total}
            08-service-test-httppost-empty.json           | 0                   | ''             | {}
            21-capital-series-maxint-duration-2017.json   | 9223372036854775807 | cpu.idle       | {}
            25-early-post-2015.json                       | 0                   | cpu_usage_idle | {cpu=cpu-total}
            """)
    void realAlertsHaveTheFieldsThatAMatchReads(String file, long nanos, String name, String tags) throws IOException {
        AlertEvent event = AlertReader.read(JSON.readTree(SAMPLES.resolve(file).toFile()), ARRIVAL);

        assertThat(event.duration()).isEqualTo(Duration.ofNanos(nanos));
        assertThat(event.series().name()).isEqualTo(name);
        assertThat(event.series().tags()).hasToString(tags);
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
            60000000000            | 60000000000
            -1                     | -1
            9223372036854775808    | 9223372036854775807
            -1e400                 | 0
            -99999999999999999999  | -9223372036854775807
            1.5                    | 0
            1e3                    | 0
            "60000000000"          | 0
            null                   | 0
            {}                     | 0
            """)
    void aDurationIsNanosecondsOrNothing(String duration, long nanos) {
        AlertEvent event = read("{\"id\":\"a\",\"level\":\"OK\",\"duration\":" + duration + "}");

        assertThat(event.duration()).isEqualTo(Duration.ofNanos(nanos));
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
            {"series":[{"name":"cpu","tags":{"host":"a"}}]}               | cpu | {host=a}
            {"series":[{"name":"cpu"},{"name":"mem","tags":{"a":"b"}}]}   | cpu | {}
            {"Series":[{"name":"cpu","tags":{"host":"a"}}]}               | cpu | {host=a}
            {"series":[{"name":7,"tags":{"host":"a","n":1,"z":null}}]}    | ``  | {host=a}
            {"series":[{"name":"cpu","tags":["host"]}]}                   | cpu | {}
            {"series":[]}                                                 | ``  | {}
            {"series":null}                                               | ``  | {}
            {"series":{"0":{"name":"cpu"}}}                               | ``  | {}
            {"series":["cpu"]}                                            | ``  | {}
            []                                                            | ``  | {}
            "series"                                                      | ``  | {}
            null                                                          | ``  | {}
            """)
    void nameAndTagsComeFromTheFirstSeriesIfTheirTypesAreRight(String data, String name, String tags) {
        AlertEvent event = read("{\"id\":\"a\",\"level\":\"OK\",\"data\":" + data + "}");

        assertThat(event.series().name()).isEqualTo(name);
        assertThat(event.series().tags()).hasToString(tags);
    }

    @Test
    void everySampleHasATest() throws IOException {
        try (Stream<Path> files = Files.list(SAMPLES)) {
            assertThat(files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".json")))
                    .containsExactlyInAnyOrderElementsOf(SAMPLE_TABLE
                            .lines()
                            .map(line -> line.split(" ", 2)[0])
                            .toList());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "[{\"id\":\"a\",\"level\":\"OK\"}]", "\"OK\"", "7", "true", "null"})
    void aBodyThatIsNoObjectIsRefused(String body) {
        assertRefused(body, "The body must be one JSON object, Kapacitor's alert event");
    }

    @Test
    void noBodyAtAllIsRefused() throws IOException {
        assertThatThrownBy(() -> AlertReader.read(null, ARRIVAL)).isInstanceOf(BadAlert.class);
        assertThatThrownBy(() -> AlertReader.read(JSON.readTree(""), ARRIVAL)).isInstanceOf(BadAlert.class);
    }

    @ParameterizedTest
    @CsvSource({"OK, OK", "ok, OK", "Info, INFO", "INFO, INFO", "wARNING, WARNING", "critical, CRITICAL"})
    void aLevelIsReadInAnyCase(String text, Level level) {
        assertThat(read(with("level", text)).level()).isEqualTo(level);
        assertThat(read(with("previousLevel", text)).previousLevel()).contains(level);
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
            {"id":"a"}                    | level must be OK, INFO, WARNING or CRITICAL; it is missing
            {"id":"a","level":null}       | level must be OK, INFO, WARNING or CRITICAL; it is missing
            {"id":"a","level":""}         | level must be OK, INFO, WARNING or CRITICAL; it is missing
            {"id":"a","Level":"OK"}       | level must be OK, INFO, WARNING or CRITICAL; it is missing
            {"id":"a","level":"unknown"}  | level must be OK, INFO, WARNING or CRITICAL, not "unknown"
            {"id":"a","level":" OK"}      | level must be OK, INFO, WARNING or CRITICAL, not " OK"
            {"id":"a","level":"WARN"}     | level must be OK, INFO, WARNING or CRITICAL, not "WARN"
            {"id":"a","level":"\\u0131nfo"} | level must be OK, INFO, WARNING or CRITICAL, not "ınfo"
            {"id":"a","level":"O\\u212a"} | level must be OK, INFO, WARNING or CRITICAL, not "O\u212a"
            {"id":"a","level":3}          | level must be text
            {"id":"a","level":["OK"]}     | level must be text
            """)
    void anotherLevelIsRefused(String body, String refusal) {
        assertRefused(body, refusal);
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "\"\"", "\"unknown\"", "\"OK \"", "3", "false", "[\"OK\"]", "{}", "\"\\ud800\""})
    void aPreviousLevelThatIsNoneCountsAsAbsent(String json) {
        assertThat(read(with("previousLevel", json, true)).previousLevel()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "id, 7",
        "id, true",
        "id, {}",
        "message, 7",
        "message, []",
        "time, 1700000000",
        "time, {}",
        "topic, false"
    })
    void aTextFieldOfAnotherTypeIsRefused(String key, String json) {
        assertRefused(with(key, json, true), key + " must be text");
    }

    @Test
    void nullIsTheSameAsAbsent() {
        AlertEvent event = read("""
                {"id":"a","message":null,"level":"INFO","previousLevel":null,"time":null,"topic":null,"options":null}
                """);

        assertThat(event).isEqualTo(TestEvents.event("a", "a is INFO", Level.INFO, Optional.empty(), ARRIVAL));
        assertThat(event).isEqualTo(read("{\"id\":\"a\",\"level\":\"INFO\"}"));
    }

    @Test
    void unusedFieldsOfAnyTypeAreIgnored() {
        AlertEvent event = read("""
                {"id":"a","level":"OK","details":7,"duration":"long","data":[{"series":null}],"recoverable":"True",
                 "room":"elsewhere","hipchat":{"token":[]}}
                """);

        assertThat(event).isEqualTo(read("{\"id\":\"a\",\"level\":\"OK\"}"));
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
            {"id":"cpu","level":"critical"}               | cpu is CRITICAL
            {"id":"cpu","level":"OK","message":""}        | cpu is OK
            {"id":"cpu","level":"OK","message":null}      | cpu is OK
            {"id":"cpu","level":"OK","message":" "}       | ` `
            {"id":"cpu","level":"OK","message":"fine"}    | fine
            {"id":"","level":"OK","message":"fine"}       | fine
            {"level":"OK","message":"fine"}               | fine
            """)
    void anEmptyMessageIsKapacitorsDefault(String body, String message) {
        AlertEvent event = read(body);

        assertThat(event.message()).isEqualTo(message);
        assertThat(event.isEmpty()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"level\":\"OK\"}",
                "{\"id\":null,\"level\":\"OK\"}",
                "{\"id\":\"\",\"message\":\"\",\"level\":\"CRITICAL\"}"
            })
    void anEventWithoutIdAndMessageIsTheEmptyEvent(String body) {
        assertThat(read(body).isEmpty()).isTrue();
    }

    @Test
    void aTopicIsReadAndAnEmptyOneIsNone() {
        assertThat(read(with("topic", "cpu")).topic()).contains("cpu");
        assertThat(read(with("topic", "")).topic()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"yesterday", "1700000000", "2026-05-02", "2026-05-02T09:15Z", "2026-05-02 09:15:30 UTC", ""})
    void aTimeThatIsNoneIsRefusedWithAnExampleOfEachForm(String time) {
        assertRefused(
                with("time", time, false),
                "time must be RFC 3339 or Go's default form, such as 2026-05-02T09:15:30.123Z or"
                        + " 2026-05-02 09:15:30 +0000 UTC, not \"" + time + "\"");
    }

    /** The words are room, token and state changes only; a dash for no value. */
    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
            {"room":"ops","token":"s3cret","stateChangesOnly":true} | ops s3cret true
            {"stateChangesOnly":false}                              | - - false
            {"stateChangesOnly":"10m"}                              | - - 10m
            {"stateChangesOnly":"1h30m"}                            | - - 90m
            {"room":"","token":"","stateChangesOnly":""}            | - - -
            {"room":null,"token":null,"stateChangesOnly":null}      | - - -
            {}                                                      | - - -
            """)
    void optionsAreReadAndEmptyOnesAreUnset(String options, String words) {
        assertThat(read(withOptions(options)).options()).contains(TestEvents.options(words));
    }

    @Test
    void absentOptionsAreNone() {
        assertThat(read(withOptions("null")).options()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
            []                            | options must be an object with room, token or stateChangesOnly
            "ops"                         | options must be an object with room, token or stateChangesOnly
            false                         | options must be an object with room, token or stateChangesOnly
            {"rooom":"ops"}               | options has an unknown key "rooom"; known are room, token and stateChangesOnly
            {"state_changes_only":true}   | options has an unknown key "state_changes_only"; known are room, token and stateChangesOnly
            {"room":"a","":null}          | options has an unknown key ""; known are room, token and stateChangesOnly
            {"room":7}                    | room must be text
            {"room":["a"]}                | room must be text
            {"token":7}                   | token must be text
            {"token":{}}                  | token must be text
            """)
    void invalidOptionsAreRefused(String options, String refusal) {
        assertRefused(withOptions(options), refusal);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "{}", "\"true\"", "\"10\"", "\"0s\"", "\"-1m\""})
    void anotherStateChangesOnlyIsRefused(String json) {
        assertRefused(
                withOptions("{\"stateChangesOnly\":" + json + "}"),
                "options.stateChangesOnly must be true, false or a duration such as 10m or 1h30m"
                        + " (units ms s m h d w), not \"" + json.replace("\"", "") + "\"");
    }

    @Test
    void aTokenOfTheWrongTypeIsNotShown() {
        assertThatThrownBy(() -> read(withOptions("{\"token\":[\"s3cret\"]}")))
                .isInstanceOf(BadAlert.class)
                .hasMessageNotContaining("s3cret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"id", "topic", "time", "level"})
    void halfASurrogatePairIsRefusedIfItWouldMergeTwoAlerts(String key) {
        assertRefused(with(key, "\"a\\ud83d\"", true), key + " contains half a Unicode surrogate pair");
        assertRefused(with(key, "\"\\udd25a\"", true), key + " contains half a Unicode surrogate pair");
    }

    @Test
    void halfASurrogatePairInAMessageIsReplaced() {
        assertThat(read(with("message", "\"\\udd25 a \\ud83d\"", true)).message())
                .isEqualTo("\ufffd a \ufffd");
        assertThat(read(with("message", "\"\\ud83d\\udd25\"", true)).message()).isEqualTo("🔥");
    }

    @ParameterizedTest
    @ValueSource(strings = {"level", "time"})
    void aHugeValueIsQuotedShort(String key) {
        assertThatThrownBy(() -> read(with(key, "🔥".repeat(100_000), false)))
                .isInstanceOf(BadAlert.class)
                .message()
                .contains("\"🔥", "…\"")
                .hasSizeLessThan(200);
    }

    @Test
    void aHugeUnknownKeyAndAHugeDurationAreQuotedShort() {
        assertThatThrownBy(() -> read(withOptions("{\"" + "k".repeat(40_000) + "\":1}")))
                .message()
                .hasSizeLessThan(200);
        assertThatThrownBy(() -> read(withOptions("{\"stateChangesOnly\":\"" + "9".repeat(100_000) + "\"}")))
                .message()
                .hasSizeLessThan(250);
    }

    private static AlertEvent read(String body) {
        try {
            return AlertReader.read(JSON.readTree(body), ARRIVAL);
        } catch (IOException notJson) {
            throw new IllegalArgumentException(body, notJson);
        }
    }

    private static String withOptions(String options) {
        return with("options", options, true);
    }

    private static String with(String key, String text) {
        return with(key, text, false);
    }

    /** Returns a complete event with {@code value} under {@code key}. */
    private static String with(String key, String value, boolean isJson) {
        ObjectNode event = JsonNodeFactory.instance.objectNode();
        event.put("id", "a").put("level", "OK").put(key, "?");
        String json = isJson ? value : JsonNodeFactory.instance.textNode(value).toString();
        return event.toString().replace("\"" + key + "\":\"?\"", "\"" + key + "\":" + json);
    }

    private static void assertRefused(String body, String refusal) {
        assertThatThrownBy(() -> read(body)).isInstanceOf(BadAlert.class).hasMessage(refusal);
    }
}
