package io.hipchatalerts.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The rules for every workflow of GitHub Actions. A workflow that breaks one can run code that nobody here chose, or run
 * code with rights that it does not need.
 */
final class WorkflowRules {

    /** They run with a token that may write, on behalf of anybody who opens a pull request. */
    private static final Set<String> PRIVILEGED_TRIGGERS = Set.of("pull_request_target", "workflow_run");

    private static final Pattern PINNED_ACTION = Pattern.compile("[\\w.-]+/[\\w./-]+@[0-9a-f]{40}");
    private static final Pattern VERSION_COMMENT = Pattern.compile(" # v\\d+\\.\\d+\\.\\d+$");
    private static final Pattern PINNED_IMAGE = Pattern.compile("\\S+@sha256:[0-9a-f]{64}");

    private final String text;
    private final JsonNode workflow;
    private final List<String> violations = new ArrayList<>();

    private WorkflowRules(String text) {
        this.text = text;
        this.workflow = Manifests.tree(text);
    }

    /** Returns what breaks a rule in the text of a workflow, one sentence each. */
    static List<String> violations(String workflow) {
        return new WorkflowRules(workflow).check();
    }

    /** Returns the names of the events that start a workflow. */
    static Set<String> triggers(JsonNode workflow) {
        JsonNode on = workflow.path("on");
        Set<String> triggers = new TreeSet<>();
        if (on.isTextual()) {
            triggers.add(on.asText());
        }
        on.forEach(name -> triggers.add(name.asText()));
        on.fieldNames().forEachRemaining(triggers::add);
        triggers.remove("");
        return triggers;
    }

    private List<String> check() {
        triggers(workflow).stream()
                .filter(PRIVILEGED_TRIGGERS::contains)
                .forEach(trigger -> broken("the trigger " + trigger + " gives strangers a token that may write"));
        checkPermissions("the workflow", workflow.path("permissions"));
        if (writes(workflow.path("permissions"))) {
            broken("the workflow's permissions hold for all jobs, so they must not write");
        }
        for (Map.Entry<String, JsonNode> job : workflow.path("jobs").properties()) {
            checkJob(job.getKey(), job.getValue());
        }
        return violations;
    }

    private void checkJob(String name, JsonNode job) {
        boolean writes = false;
        if (job.has("permissions")) {
            checkPermissions("the job " + name, job.get("permissions"));
            writes = writes(job.get("permissions"));
        }
        if (job.has("uses")) {
            checkAction(job.get("uses").asText());
        }
        JsonNode container = job.path("container");
        checkImage(container.isTextual() ? container : container.path("image"));
        job.path("services").forEach(service -> checkImage(service.path("image")));
        for (JsonNode step : job.path("steps")) {
            checkStep(name, step, writes);
        }
    }

    private void checkStep(String job, JsonNode step, boolean writes) {
        checkScript(step.path("run").asText());
        checkScript(step.at("/with/script").asText());
        if (!step.has("uses")) {
            return;
        }
        String action = step.get("uses").asText();
        checkAction(action);
        if (action.startsWith("actions/checkout@")) {
            if (!step.at("/with/persist-credentials").asText().equals("false")) {
                broken("checkout leaves the token on the disk without persist-credentials: false");
            }
            if (writes) {
                broken("the job " + job + " may write, so it must not check out code that could do that");
            }
        }
    }

    private void checkPermissions(String owner, JsonNode permissions) {
        if (!permissions.isObject()) {
            broken(owner + " must list its permissions one by one, or have {}");
        }
    }

    private static boolean writes(JsonNode permissions) {
        return permissions.valueStream().anyMatch(access -> access.asText().equals("write"));
    }

    /** A tag or a branch can name other code tomorrow; a commit cannot. The comment is for people who update it. */
    private void checkAction(String action) {
        if (!PINNED_ACTION.matcher(action).matches()) {
            broken(action + " is not pinned to the full digest of a commit");
        }
        if (!text.lines()
                .filter(line -> line.contains(action))
                .allMatch(line -> VERSION_COMMENT.matcher(line).find())) {
            broken(action + " needs its version as a comment, such as # v1.2.3");
        }
    }

    private void checkImage(JsonNode image) {
        if (!image.isMissingNode() && !PINNED_IMAGE.matcher(image.asText()).matches()) {
            broken("the image " + image.asText() + " is not pinned to its digest");
        }
    }

    /** GitHub puts an expression's value into the script before a shell reads it, so the value can be more commands. */
    private void checkScript(String script) {
        if (script.contains("${{")) {
            broken("a script contains an expression; pass its value in env: " + script.strip());
        }
    }

    private void broken(String rule) {
        violations.add(rule);
    }
}
