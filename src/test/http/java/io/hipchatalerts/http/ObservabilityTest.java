package io.hipchatalerts.http;

import static io.restassured.RestAssured.given;
import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every metric, label and value in the dashboard and the alert rules exists as soon as the program runs, before the
 * first alert.
 */
@QuarkusTest
class ObservabilityTest {

    private static final Path FOLDER = Path.of("deploy/observability");

    private static final Pattern SELECTOR = Pattern.compile("\\b(hipchat_\\w+)(?:\\{([^}]*)})?");
    private static final Pattern MATCHER = Pattern.compile("(\\w+)\\s*(?:=~|!~|!=|=)\\s*\"([^\"]*)\"");
    private static final Pattern BY = Pattern.compile("\\bby \\(([^)]*)\\)");
    private static final Pattern LEGEND = Pattern.compile("\\{\\{\\s*(?:\\$labels\\.)?(\\w+)\\s*}}");

    /** An expression and the text beside its result. */
    record Query(String expression, String text) {}

    static List<Query> queries() throws IOException {
        JsonNode dashboard =
                new ObjectMapper().readTree(FOLDER.resolve("dashboard.json").toFile());
        JsonNode rules = new YAMLMapper().readTree(FOLDER.resolve("rules.yaml").toFile());
        Stream<Query> panels = elements(dashboard.required("panels"))
                .flatMap(panel -> elements(panel.required("targets")))
                .map(target -> new Query(
                        target.required("expr").asText(),
                        target.required("legendFormat").asText()));
        Stream<Query> alerts = elements(rules.required("groups"))
                .flatMap(group -> elements(group.required("rules")))
                .map(rule -> new Query(
                        rule.required("expr").asText(),
                        rule.required("annotations").toString()));
        return Stream.concat(panels, alerts).toList();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("queries")
    void everyQueryUsesExistingMetrics(Query query) {
        assertThat(metrics(query)).isNotEmpty();
        selectors(query).forEach(selector -> {
            List<Map<String, String>> samples = samples(selector.group(1));
            assertThat(samples).as(selector.group(1)).isNotEmpty();
            matchers(selector).forEach(matcher -> assertThat(samples)
                    .as(selector.group())
                    .extracting(labels -> labels.get(matcher.group(1)))
                    .contains(matcher.group(2).split("\\|")));
            assertThat(samples).as(query.expression()).allSatisfy(labels -> assertThat(labels.keySet())
                    .containsAll(by(query)));
        });
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("queries")
    void everyTextNamesLabelsOfTheResult(Query query) {
        assertThat(LEGEND.matcher(query.text()).results().map(label -> label.group(1)))
                .isSubsetOf(by(query));
    }

    @Test
    void theDashboardAndTheRulesUseEveryMetric() throws IOException {
        Set<String> asked = new TreeSet<>();
        queries().forEach(query -> asked.addAll(metrics(query)));

        assertThat(asked)
                .containsExactlyInAnyOrderElementsOf(scrape().map(SELECTOR::matcher)
                        .flatMap(line -> line.results().map(sample -> sample.group(1)))
                        .collect(toCollection(TreeSet::new)));
    }

    private static Set<String> metrics(Query query) {
        Set<String> metrics = new TreeSet<>();
        selectors(query).forEach(selector -> metrics.add(selector.group(1)));
        return metrics;
    }

    private static Stream<MatchResult> selectors(Query query) {
        return SELECTOR.matcher(query.expression()).results();
    }

    private static Stream<MatchResult> matchers(MatchResult selector) {
        return selector.group(2) == null
                ? Stream.of()
                : MATCHER.matcher(selector.group(2)).results();
    }

    private static Set<String> by(Query query) {
        Set<String> labels = new TreeSet<>();
        BY.matcher(query.expression())
                .results()
                .forEach(by -> labels.addAll(List.of(by.group(1).split(",\\s*"))));
        return labels;
    }

    /** Returns the labels of each sample of a metric. */
    private static List<Map<String, String>> samples(String metric) {
        return scrape().flatMap(line -> SELECTOR.matcher(line).results())
                .filter(sample -> sample.group(1).equals(metric))
                .map(sample -> {
                    Map<String, String> labels = new TreeMap<>();
                    matchers(sample).forEach(label -> labels.put(label.group(1), label.group(2)));
                    return labels;
                })
                .toList();
    }

    private static Stream<String> scrape() {
        return given().get("/q/metrics")
                .then()
                .statusCode(200)
                .extract()
                .asString()
                .lines()
                .filter(line -> line.startsWith("hipchat_"));
    }

    private static Stream<JsonNode> elements(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }
}
