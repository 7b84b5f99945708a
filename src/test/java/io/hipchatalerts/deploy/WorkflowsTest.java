package io.hipchatalerts.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hipchatalerts.ProjectFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The workflows of GitHub Actions run no code that nobody here chose, and no code with rights that it does not need.
 * The release is complete.
 */
class WorkflowsTest {

    private static final String RELEASE = ProjectFiles.text(Path.of(".github/workflows/release.yml"));

    /** A tag or a branch can name other code tomorrow; a commit cannot. The comment is for people who update it. */
    private static final Pattern PINNED =
            Pattern.compile("(?m)\\buses: (([\\w.-]+/[\\w./-]+)@[0-9a-f]{40}) # v\\d+\\.\\d+\\.\\d+$");

    static Stream<String> workflows() {
        return ProjectFiles.files(Path.of(".github/workflows")).map(ProjectFiles::text);
    }

    @ParameterizedTest
    @MethodSource("workflows")
    void everyActionIsPinnedToTheFullDigestOfACommitWithItsVersionAsAComment(String workflow) {
        assertThat(found(PINNED, workflow).map(use -> use.group(1)))
                .isNotEmpty()
                .isEqualTo(Manifests.tree(workflow).findValuesAsText("uses"));
    }

    @Test
    void anActionHasOneVersionEverywhere() {
        assertThat(workflows()
                        .flatMap(workflow -> found(PINNED, workflow))
                        .map(MatchResult::group)
                        .distinct())
                .extracting(use -> use.replaceFirst("@.*", ""))
                .doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @MethodSource("workflows")
    void everyImageIsPinnedToItsDigest(String workflow) {
        assertThat(found(Pattern.compile("\\b(?:container|image): +(?!\\{)(\\S+)"), workflow))
                .allSatisfy(image -> assertThat(image.group(1)).matches("\\S+@sha256:[0-9a-f]{64}"));
    }

    /** GitHub puts an expression's value into the script before a shell reads it, so the value can be more commands. */
    @ParameterizedTest
    @MethodSource("workflows")
    void noScriptContainsAnExpression(String workflow) {
        assertThat(Stream.of("run", "script").flatMap(key -> Manifests.tree(workflow).findValuesAsText(key).stream()))
                .isNotEmpty()
                .noneMatch(script -> script.contains("${{"));
    }

    /** Such a trigger runs with a token that may write, on behalf of anybody who opens a pull request. */
    @ParameterizedTest
    @MethodSource("workflows")
    void noTriggerGivesStrangersATokenThatMayWrite(String workflow) {
        assertThat(Manifests.tree(workflow).required("on").toString())
                .doesNotContain("pull_request_target", "workflow_run");
    }

    @ParameterizedTest
    @MethodSource("workflows")
    void onlyJobsThatCheckOutNoCodeMayWrite(String workflow) {
        JsonNode tree = Manifests.tree(workflow);

        assertThat(tree.findValues("permissions")).isNotEmpty().allMatch(ObjectNode.class::isInstance);
        assertThat(tree.required("permissions").toString()).doesNotContain("write");
        assertThat(tree.required("jobs"))
                .filteredOn(job -> job.path("permissions").toString().contains("write"))
                .allMatch(job -> checkouts(job).isEmpty());
    }

    @ParameterizedTest
    @MethodSource("workflows")
    void noCheckoutLeavesTheTokenOnTheDisk(String workflow) {
        assertThat(Manifests.tree(workflow).required("jobs"))
                .flatMap(WorkflowsTest::checkouts)
                .isNotEmpty()
                .allMatch(step -> step.at("/with/persist-credentials").asText().equals("false"));
    }

    @Test
    void onlyAVersionTagStartsAReleaseAndItsJobsHaveNoRightsButTheirOwn() {
        JsonNode release = Manifests.tree(RELEASE);

        assertThat(release.path("on").toString()).isEqualTo("{\"push\":{\"tags\":[\"v[0-9]+.[0-9]+.[0-9]+\"]}}");
        assertThat(release.required("permissions")).isEmpty();
    }

    @Test
    void everyFormOfTheReleaseIsBuiltOnItsProcessorAndThePublishingJobsFindIt() {
        JsonNode forms = Manifests.tree(RELEASE).at("/jobs/build/strategy/matrix/include");

        assertThat(forms)
                .allMatch(form -> form.path("form").asText().endsWith("-arm64")
                        == form.path("runner").asText().endsWith("-arm"))
                .allMatch(form -> form.path("form").asText().startsWith("lambda")
                        == form.path("options").asText().contains("-Plambda"));
        assertThat(forms.findValuesAsText("form")).contains("jvm", "native-amd64", "native-arm64");
        assertThat(RELEASE)
                .contains("builds/jvm/", "builds/native-$processor/", "for processor in amd64 arm64;")
                .contains("form: lambda-jvm", "form: lambda-native-amd64", "form: lambda-native-arm64");
    }

    @Test
    void filesAndImageHaveAnAttestationBeforeTheReleaseIsCreated() {
        assertThat(RELEASE)
                .containsSubsequence(
                        "subject-digest: ${{ steps.push.outputs.digest }}",
                        "needs: [build, image]",
                        "subject-checksums: release/SHA256SUMS",
                        "gh release create");
    }

    /** What an earlier run left there could be of a pull request. */
    @Test
    void aReleaseTakesNothingFromACache() {
        assertThat(Manifests.tree(RELEASE).toString()).doesNotContain("cache");
    }

    private static Stream<MatchResult> found(Pattern pattern, String workflow) {
        return pattern.matcher(workflow).results();
    }

    private static List<JsonNode> checkouts(JsonNode job) {
        return job.path("steps")
                .valueStream()
                .filter(step -> step.path("uses").asText().startsWith("actions/checkout@"))
                .toList();
    }
}
