package io.hipchatalerts.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The workflows of GitHub Actions: each keeps {@link WorkflowRules}, and the release is complete. */
class WorkflowsTest {

    private static final JsonNode RELEASE = Manifests.tree(Path.of(".github/workflows/release.yml"));

    private static final String DIGEST = "0123456789abcdef0123456789abcdef01234567";

    private static final String SAFE = """
            on:
              push:
                branches: [main]
            permissions:
              contents: read
            jobs:
              build:
                runs-on: ubuntu-24.04
                container: debian@sha256:%1$s012345670123456701234567
                steps:
                  - uses: actions/checkout@%1$s # v4.2.0
                    with:
                      persist-credentials: false
                  - env:
                      TITLE: ${{ github.event.head_commit.message }}
                    run: echo "$TITLE"
              publish:
                runs-on: ubuntu-24.04
                permissions:
                  contents: write
                steps:
                  - uses: actions/github-script@%1$s # v7.0.0
                    with:
                      script: return 1
            """.formatted(DIGEST);

    @ParameterizedTest
    @MethodSource("workflows")
    void eachWorkflowKeepsTheRules(Path workflow) throws IOException {
        assertThat(WorkflowRules.violations(Files.readString(workflow))).isEmpty();
    }

    @Test
    void aSafeWorkflowKeepsTheRules() {
        assertThat(WorkflowRules.violations(SAFE)).isEmpty();
    }

    /** Each line breaks one rule of the safe workflow: what is replaced, by what (\n is a new line), and the finding. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            @DIGEST # v4.2.0            | @v4.2.0                                  | is not pinned to the full digest of a commit
            @DIGEST # v4.2.0            | @main                                    | is not pinned to the full digest of a commit
            @DIGEST # v4.2.0            | @0123456 # v4.2.0                        | is not pinned to the full digest of a commit
            actions/checkout@DIGEST     | docker://alpine:3.20                     | is not pinned to the full digest of a commit
            actions/checkout@DIGEST     | ./.github/actions/build                  | is not pinned to the full digest of a commit
            @DIGEST # v4.2.0            | @DIGEST                                  | needs its version as a comment
            @DIGEST # v4.2.0            | @DIGEST # v4                             | needs its version as a comment
            @DIGEST # v7.0.0            | @DIGEST # main                           | needs its version as a comment
            debian@sha256:.*            | debian:13                                | is not pinned to its digest
            debian@sha256:.*            | '{image: "debian:latest"}'               | is not pinned to its digest
            container: .*               | 'services: {db: {image: "redis:8"}}'     | is not pinned to its digest
            runs-on: ubuntu-24.04\\n    | 'uses: a/b/.github/workflows/c.yml@v1\\n'| is not pinned to the full digest of a commit
            "\\$TITLE"                  | ${{ github.event.head_commit.message }}  | a script contains an expression
            "\\$TITLE"                  | ${{ inputs.title }}                      | a script contains an expression
            "\\$TITLE"                  | ${{github.head_ref}}                     | a script contains an expression
            "\\$TITLE"                  | ${{ env.TITLE }}                         | a script contains an expression
            script: return 1            | script: return ${{ github.actor }}       | a script contains an expression
            push:                       | pull_request_target:                     | the trigger pull_request_target
            push:                       | workflow_run:                            | the trigger workflow_run
            push:\\n +branches: .main.  | [push, pull_request_target]              | the trigger pull_request_target
            push:\\n +branches: .main.  | pull_request_target                      | the trigger pull_request_target
            permissions:\\n .*read\\n   | ''                                       | the workflow must list its permissions
            permissions:\\n .*read\\n   | 'permissions: read-all\\n'               | the workflow must list its permissions
            contents: read              | contents: write                          | so they must not write
            permissions:\\n .*write\\n  | 'permissions: write-all\\n'              | the job publish must list its permissions
            actions/github-script       | actions/checkout                         | it must not check out code
            persist-credentials: false  | persist-credentials: true                | leaves the token on the disk
            with:\\n.*false             | ''                                       | leaves the token on the disk
            """)
    void aBrokenRuleIsFound(String safe, String broken, String finding) {
        // given
        String replacement = broken.replace("DIGEST", DIGEST).replace("\\n", "\n");
        String workflow = Pattern.compile(safe.replace("DIGEST", DIGEST))
                .matcher(SAFE)
                .replaceFirst(Matcher.quoteReplacement(replacement));
        assertThat(workflow).isNotEqualTo(SAFE);

        // when
        List<String> violations = WorkflowRules.violations(workflow);

        // then
        assertThat(violations).anySatisfy(violation -> assertThat(violation).contains(finding));
    }

    @Test
    void anActionHasOneVersionEverywhere() throws IOException {
        Map<String, Set<String>> versions = new TreeMap<>();
        for (Path workflow : workflows().toList()) {
            Pattern.compile("uses: (\\S+)@(.*)")
                    .matcher(Files.readString(workflow))
                    .results()
                    .forEach(use -> versions.computeIfAbsent(use.group(1), action -> new TreeSet<>())
                            .add(use.group(2)));
        }

        assertThat(versions).isNotEmpty().allSatisfy((action, used) -> assertThat(used)
                .hasSize(1));
    }

    @Test
    void onlyAVersionTagStartsARelease() {
        assertThat(RELEASE.get("on").toString()).isEqualTo("{\"push\":{\"tags\":[\"v[0-9]+.[0-9]+.[0-9]+\"]}}");
    }

    @Test
    void aReleaseBuildsEachFormForEachProcessorWithTheLocalScript() {
        Map<String, String> runners = new TreeMap<>();
        Map<String, String> options = new TreeMap<>();
        RELEASE.at("/jobs/build/strategy/matrix/include").forEach(form -> {
            runners.put(form.get("form").asText(), form.get("runner").asText());
            options.put(
                    form.get("form").asText(),
                    form.path("options").asText().replace(" -Dquarkus.native.container-build=true", ""));
        });

        assertThat(runners)
                .containsOnly(
                        entry("jvm", "ubuntu-24.04"),
                        entry("native-amd64", "ubuntu-24.04"),
                        entry("native-arm64", "ubuntu-24.04-arm"),
                        entry("lambda-jvm", "ubuntu-24.04"),
                        entry("lambda-native-amd64", "ubuntu-24.04"),
                        entry("lambda-native-arm64", "ubuntu-24.04-arm"));
        assertThat(options)
                .containsOnly(
                        entry("jvm", ""),
                        entry("native-amd64", "--image"),
                        entry("native-arm64", "--image"),
                        entry("lambda-jvm", "-Plambda"),
                        entry("lambda-native-amd64", "-Plambda -Dnative"),
                        entry("lambda-native-arm64", "-Plambda -Dnative"));
        assertThat(RELEASE.at("/jobs/build/runs-on").asText()).isEqualTo("${{ matrix.runner }}");
        assertThat(scripts("build")).containsExactly("src/release $OPTIONS");
    }

    @Test
    void eachJobOfAReleaseHasOnlyThePermissionsThatItsStepsUse() {
        assertThat(RELEASE.get("permissions")).isEmpty();
        assertThat(permissions("build")).isEqualTo("{\"contents\":\"read\"}");
        assertThat(permissions("image"))
                .isEqualTo("{\"packages\":\"write\",\"id-token\":\"write\",\"attestations\":\"write\"}");
        assertThat(permissions("publish"))
                .isEqualTo("{\"contents\":\"write\",\"id-token\":\"write\",\"attestations\":\"write\"}");
        assertThat(RELEASE.get("jobs").properties()).hasSize(3);
    }

    @Test
    void filesAndImageHaveAnAttestationBeforeTheyArePublished() {
        assertThat(actions("image")).containsExactly("actions/download-artifact", "actions/attest");
        assertThat(step("image", "actions/attest").get("with").toString())
                .contains("\"subject-digest\":\"${{ steps.push.outputs.digest }}\"", "\"push-to-registry\":true");
        assertThat(actions("publish")).containsExactly("actions/download-artifact", "actions/attest");
        assertThat(step("publish", "actions/attest").get("with").toString())
                .isEqualTo("{\"subject-checksums\":\"release/SHA256SUMS\"}");
        assertThat(scripts("publish").get(1)).startsWith("gh release create");
        assertThat(RELEASE.at("/jobs/publish/needs").toString()).isEqualTo("[\"build\",\"image\"]");
    }

    /** What an earlier run left there could be of a pull request. */
    @Test
    void aReleaseTakesNothingFromACache() {
        assertThat(RELEASE.toString()).doesNotContain("cache");
    }

    private static Stream<Path> workflows() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(".github/workflows"))) {
            return files.sorted().toList().stream();
        }
    }

    private static String permissions(String job) {
        return RELEASE.at("/jobs/" + job + "/permissions").toString();
    }

    private static List<String> scripts(String job) {
        return steps(job)
                .filter(step -> step.has("run"))
                .map(step -> step.get("run").asText())
                .toList();
    }

    private static List<String> actions(String job) {
        return steps(job)
                .filter(step -> step.has("uses"))
                .map(step -> step.get("uses").asText().split("@", 2)[0])
                .toList();
    }

    private static JsonNode step(String job, String action) {
        return steps(job)
                .filter(step -> step.path("uses").asText().startsWith(action + "@"))
                .findFirst()
                .orElseThrow();
    }

    private static Stream<JsonNode> steps(String job) {
        return RELEASE.at("/jobs/" + job + "/steps").valueStream();
    }
}
