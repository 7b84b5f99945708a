package io.hipchatalerts.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.hipchatalerts.ProjectFiles;
import io.hipchatalerts.alert.EventTime;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Kapacitor accepts the examples, and they agree with each other. */
class KapacitorExamplesTest {

    private static final Set<String> ENDPOINT_KEYS =
            Set.of("endpoint", "url", "headers", "basic-auth", "alert-template");
    private static final Set<String> POST_OPTIONS =
            Set.of("url", "endpoint", "headers", "capture-response", "timeout", "skip-ssl-verification");

    /** Kapacitor's names for the parts of an alert in templates, and where its JSON has them (K §5.1, §5.2). */
    private static final Map<String, String> FIELDS = Map.of(
            ".", "",
            ".ID", "/id",
            ".Message", "/message",
            ".Time", "/time",
            ".Level", "/level",
            ".PreviousLevel", "/previousLevel");

    static final List<String> EVENTS = List.of("stream-critical", "awkward-characters", "batch-recovery");

    /** K §5.2: only these keys are valid, and the endpoint's name and url are required. */
    @ParameterizedTest
    @MethodSource("io.hipchatalerts.deploy.KapacitorExamples#endpoints")
    void anEndpointHasTheKeysThatKapacitorKnows(JsonNode endpoint) {
        assertThat(names(endpoint)).isSubsetOf(ENDPOINT_KEYS).contains("endpoint", "url");
        assertThat(names(endpoint.path("basic-auth"))).isSubsetOf("username", "password");
    }

    /** K §3.1, §5.2: Kapacitor's strict rules for ids, topics and options; {@code timeout} is a number. */
    @ParameterizedTest
    @MethodSource("handlers")
    void kapacitorAcceptsEveryHandlerFile(String file) {
        JsonNode handler = KapacitorExamples.handler(file);

        assertThat(names(handler)).isSubsetOf("topic", "id", "kind", "options", "match");
        assertThat(handler.path("topic").asText()).matches("[-:._\\p{L}0-9]+");
        assertThat(handler.path("id").asText()).matches("[-._\\p{L}0-9]+");
        assertThat(handler.path("options").path("timeout").isTextual()).isFalse();
        switch (handler.path("kind").asText()) {
            case "post" -> assertThat(names(handler.path("options"))).isSubsetOf(POST_OPTIONS);
            case "hipchat" -> assertThat(names(handler.path("options"))).isSubsetOf("room", "token");
            default -> throw new AssertionError(file + " is of another kind");
        }
    }

    /** K §5.2: a missing endpoint is no error if there is a url, but the endpoint's headers are then missing. */
    @ParameterizedTest
    @MethodSource("postHandlers")
    void aPostHandlerSendsItsTopicToAnExistingEndpointOrToAUrl(String file) {
        JsonNode handler = KapacitorExamples.handler(file);
        JsonNode options = handler.path("options");

        assertThat(options.has("url")).isNotEqualTo(options.has("endpoint"));
        JsonNode to = options.has("url")
                ? options
                : KapacitorExamples.endpoint(options.path("endpoint").asText());
        String topic = handler.path("topic").asText();
        if (to.has("alert-template")) {
            assertThat(to.path("alert-template").asText()).contains("\"topic\": \"" + topic + "\"");
        } else {
            assertThat(URI.create(to.path("url").asText()).getQuery().split("&"))
                    .contains("topic=" + topic);
        }
    }

    @ParameterizedTest
    @MethodSource("handlers")
    void aScriptPublishesToEveryHandlersTopic(String file) {
        assertThat(scripts().flatMap(script -> KapacitorExamples.in(script, "\\.topic\\('(.*?)'\\)")))
                .contains(KapacitorExamples.handler(file).path("topic").asText());
    }

    /** A script's only way out: a topic, an existing endpoint, or a url that names its room. */
    @ParameterizedTest
    @MethodSource("scripts")
    void aScriptSendsItsAlertsInOneWay(String script) {
        List<String> topics =
                KapacitorExamples.in(script, "\\.topic\\('(.*?)'\\)").toList();
        List<String> endpoints =
                KapacitorExamples.in(script, "\\.endpoint\\('(.*?)'\\)").toList();
        List<String> urls = KapacitorExamples.in(script, "\\.post\\('(.*?)'\\)").toList();

        assertThat(topics.size() + endpoints.size() + urls.size()).isEqualTo(1);
        assertThat(endpoints).allSatisfy(KapacitorExamples::endpoint);
        assertThat(urls)
                .allSatisfy(url -> assertThat(URI.create(url).getQuery()).isEqualTo("room=alerts"));
        assertThat(KapacitorExamples.in(script, "(?i)(\\.hipchat\\()")).isEmpty();
    }

    /** In Kapacitor the new file replaces the old one, because it has the same topic and id (K §3.3). */
    @Test
    void theHandlerOfKapacitorsHipChatPageIsReplacedUnderItsOwnName() {
        JsonNode here = KapacitorExamples.handler("hipchat-page/function/handlers/hipchat_cpu_handler.yaml");
        JsonNode there = KapacitorExamples.handler("hipchat-page/kapacitor/hipchat_cpu_handler.yaml");

        assertThat(here.path("kind").asText()).isEqualTo("hipchat");
        assertThat(there.path("kind").asText()).isEqualTo("post");
        assertThat(there.path("topic")).isEqualTo(here.path("topic"));
        assertThat(there.path("id")).isEqualTo(here.path("id"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"hipchat-alerts-options", "hipchat-broker"})
    void aTemplateGivesTheSameBodyAsInKapacitor(String endpoint) {
        String template =
                KapacitorExamples.endpoint(endpoint).path("alert-template").asText();

        assertThat(EVENTS).allSatisfy(event -> {
            JsonNode alert = rendered(event);
            String body = Pattern.compile("\\{\\{ json (.*?) }}")
                    .matcher(template)
                    .replaceAll(action -> Matcher.quoteReplacement(json(action.group(1), alert)));

            assertThat(Manifests.json(body)).isEqualTo(rendered(event + "." + endpoint));
        });
    }

    /** Returns what {@code json} of Kapacitor's Go templates makes of the expressions that the examples use. */
    private static String json(String expression, JsonNode alert) {
        if (expression.equals("(print .ID \"@\" .Time.UnixNano)")) {
            Instant time = EventTime.parse(alert.path("time").textValue()).orElseThrow();
            return new TextNode(
                            "%s@%d%09d".formatted(alert.path("id").textValue(), time.getEpochSecond(), time.getNano()))
                    .toString();
        }
        assertThat(FIELDS).containsKey(expression);
        return alert.at(FIELDS.get(expression)).toString();
    }

    /** K §5.2: a url is a template, and Kapacitor escapes nothing in it. */
    @Test
    void everyValueInAUrlIsEscaped() {
        List<String> values = KapacitorExamples.files("")
                .flatMap(file -> KapacitorExamples.in(file, "[?&=/]\\{\\{(.*?)}}"))
                .toList();

        assertThat(values).isNotEmpty().allSatisfy(value -> assertThat(value).endsWith("| urlquery "));
    }

    /** A second event of the same alert at another time is another CloudEvent; a repeated event is the same one. */
    @ParameterizedTest
    @FieldSource("EVENTS")
    void aCloudEventsIdConsistsOfTheAlertsIdAndTime(String event) {
        JsonNode alert = rendered(event);
        JsonNode cloudEvent = rendered(event + ".hipchat-broker");

        assertThat(cloudEvent.path("id").asText())
                .matches(Pattern.quote(alert.path("id").asText()) + "@[0-9]{19}");
        assertThat(cloudEvent.path("data")).isEqualTo(alert);
    }

    @Test
    void theReadmeNamesEveryFile() {
        String readme = KapacitorExamples.text("README.md");

        assertThat(KapacitorExamples.files("").filter(file -> !file.equals("README.md")))
                .allSatisfy(file -> assertThat(readme).contains("`" + file + "`"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"handlers/cpu-post.yaml", "scripts/cpu-topic.tick"})
    void theProjectsReadmeShowsTheExample(String file) {
        String withoutItsComment = KapacitorExamples.text(file).replaceFirst(".*\n", "");

        assertThat(ProjectFiles.text(Path.of("README.md"))).contains("\n" + withoutItsComment + "```\n");
    }

    static Stream<String> handlers() {
        return KapacitorExamples.files(".yaml");
    }

    static Stream<String> postHandlers() {
        return handlers()
                .filter(file ->
                        KapacitorExamples.handler(file).path("kind").asText().equals("post"));
    }

    static Stream<String> scripts() {
        return KapacitorExamples.files(".tick");
    }

    private static JsonNode rendered(String event) {
        return Manifests.json(KapacitorExamples.rendered(event + ".json"));
    }

    private static Iterable<String> names(JsonNode object) {
        return object::fieldNames;
    }
}
