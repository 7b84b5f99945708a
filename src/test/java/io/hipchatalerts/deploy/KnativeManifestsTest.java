package io.hipchatalerts.deploy;

import static io.hipchatalerts.deploy.DeployedProgram.HANDLERS;
import static io.hipchatalerts.deploy.DeployedProgram.INBOUND_TOKEN_FILE;
import static io.hipchatalerts.deploy.DeployedProgram.KNATIVE;
import static io.hipchatalerts.deploy.DeployedProgram.KUBERNETES;
import static io.hipchatalerts.deploy.DeployedProgram.NAME;
import static io.hipchatalerts.deploy.DeployedProgram.secret;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.fabric8.knative.duck.v1.KReference;
import io.fabric8.knative.eventing.v1.Broker;
import io.fabric8.knative.eventing.v1.Trigger;
import io.fabric8.knative.serving.v1.RevisionSpec;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.knative.sources.v1.PingSource;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.hipchatalerts.AlertPipeline;
import io.hipchatalerts.ProjectFiles;
import io.hipchatalerts.config.HipChatConfig;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The manifests of {@code deploy/knative}; {@code ManifestsTest} has the rules that hold on plain Kubernetes too. */
class KnativeManifestsTest {

    // Each overlay

    static Stream<Overlay> overlays() {
        return Overlay.all(KNATIVE);
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void knativeWaitsLongerThanTheDeadline(Overlay overlay) {
        assertThat(Duration.ofSeconds(revision(overlay).getTimeoutSeconds()))
                .isGreaterThan(overlay.program().config().deadline());
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void theMemoryStoreRunsWithOneInstanceOnly(Overlay overlay) {
        if (overlay.program().config().state().store() == HipChatConfig.Store.MEMORY) {
            assertThat(annotations(overlay)).containsEntry("autoscaling.knative.dev/max-scale", "1");
        }
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void aFunctionThatScalesToZeroWithASharedStoreIsFlushed(Overlay overlay) {
        HipChatConfig config = overlay.program().config();
        boolean isNeeded = config.pending().enabled()
                && config.state().store() != HipChatConfig.Store.MEMORY
                && annotations(overlay).get("autoscaling.knative.dev/min-scale").equals("0");
        boolean isFlushed = overlay.all(PingSource.class).size()
                        + overlay.all(CronJob.class).size()
                == 1;

        assertThat(isFlushed || !isNeeded).isTrue();
        // The memory store loses its changes when the instance ends, and a schedule would only keep the instance
        // running.
        assertThat(isFlushed && config.state().store() == HipChatConfig.Store.MEMORY)
                .isFalse();
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void eventingPresentsNoTokenAndNobodyElseMayCall(Overlay overlay) {
        boolean tokenIsAskedFor = overlay.program().settings().containsKey(INBOUND_TOKEN_FILE);

        assertThat(tokenIsAskedFor
                        && !(overlay.all(Trigger.class).isEmpty()
                                && overlay.all(PingSource.class).isEmpty()))
                .isFalse();
        assertThat(overlay.all(Service.class))
                .allSatisfy(service -> assertThat(service.getMetadata().getLabels())
                        .containsEntry("networking.knative.dev/visibility", "cluster-local"));
    }

    // The Broker

    @Test
    void theTriggerBringsKapacitorsAlertsToTheFunction() {
        Overlay prod = prod();
        Trigger trigger = prod.only(Trigger.class);

        assertThat(trigger.getSpec().getFilter().getAttributes()).containsOnlyKeys("type");
        assertThat(prod.only(Broker.class, trigger.getSpec().getBroker())).isNotNull();
        assertThat(service(prod, trigger.getSpec().getSubscriber().getRef())).isEqualTo(NAME);
    }

    @Test
    void kapacitorsTemplateMatchesTheTriggerAndTheHandlers() {
        Overlay prod = prod();
        Trigger trigger = prod.only(Trigger.class);
        JsonNode endpoint = KapacitorExamples.endpoint("hipchat-broker");
        String template = endpoint.required("alert-template").asText();

        assertThat(URI.create(endpoint.required("url").asText()).getPath())
                .isEqualTo("/" + prod.namespace() + "/" + trigger.getSpec().getBroker());
        assertThat(template)
                .contains("\"type\": \""
                        + trigger.getSpec().getFilter().getAttributes().get("type") + "\"");
        assertThat(prod.configMaps().get(HANDLERS).values())
                .extracting(handler -> Manifests.tree(handler).path("topic").asText())
                .anySatisfy(topic -> assertThat(template).contains("\"topic\": \"" + topic + "\""));
    }

    @Test
    void theReadmesCommandsMatchTheManifests() {
        String readme = ProjectFiles.text(KNATIVE.resolve("README.md"));
        Trigger trigger = prod().only(Trigger.class);

        assertThat(readme)
                .contains("kubectl apply -k " + KNATIVE + "/overlays/prod")
                .contains("/" + prod().namespace() + "/" + trigger.getSpec().getBroker() + "\n")
                .contains("\"type\":\""
                        + trigger.getSpec().getFilter().getAttributes().get("type") + "\"")
                .contains("http://" + NAME + "." + prod().namespace() + ".svc.cluster.local/hipchat")
                .contains(HANDLERS + " -n " + prod().namespace() + " --from-file=" + KUBERNETES
                        + "/components/program/handlers");
        assertThat(overlays()).allSatisfy(overlay -> assertThat(readme)
                .contains("`overlays/" + overlay.folder().getFileName() + "`"));
    }

    @Test
    void anUnacceptedEventIsSentAgainAndNeverDropped() {
        Overlay prod = prod();
        var delivery = prod.only(Trigger.class).getSpec().getDelivery();

        assertThat(delivery.getRetry()).isPositive();
        assertThat(delivery.getBackoffPolicy()).isEqualTo("exponential");
        assertThat(Duration.parse(delivery.getBackoffDelay())).isPositive();
        assertThat(Duration.parse(delivery.getTimeout()))
                .isGreaterThan(prod.program().config().deadline());
        assertThat(service(prod, delivery.getDeadLetterSink().getRef())).isNotEqualTo(NAME);
        assertThat(prod.program().config().state().onOutage()).isEqualTo(HipChatConfig.OnOutage.FAIL);
    }

    // The flush

    @Test
    void thePingSourceFlushesTheFunctionEachMinute() {
        Overlay prod = prod();
        var ping = prod.only(PingSource.class).getSpec();

        assertThat(ping.getSchedule()).isEqualTo("* * * * *");
        assertThat(ping.getContentType()).isEqualTo("application/json");
        assertThat(AlertPipeline.isFlush(Manifests.tree(ping.getData()))).isTrue();
        assertThat(service(prod, ping.getSink().getRef())).isEqualTo(NAME);
    }

    @Test
    void theCronJobFlushesTheFunctionWithTheInboundTokenAndSeesNoOther() {
        Overlay direct = overlay("direct");
        CronJob job = direct.only(CronJob.class);
        PodSpec pod = job.getSpec().getJobTemplate().getSpec().getTemplate().getSpec();
        List<String> args = pod.getContainers().get(0).getArgs();
        KeyToPath token = only(only(pod.getVolumes()).getSecret().getItems());
        String mount = only(pod.getContainers().get(0).getVolumeMounts()).getMountPath();

        assertThat(direct.program().settings().get(INBOUND_TOKEN_FILE)).endsWith("/" + token.getKey());
        assertThat(pod.getVolumes().get(0).getSecret().getSecretName())
                .isEqualTo(secret().getMetadata().getName());
        assertThat(job.getSpec().getConcurrencyPolicy()).isEqualTo("Forbid");
        assertThat(args)
                .containsSequence("--variable", "token@" + mount + "/" + token.getPath())
                .containsSequence("--expand-header", "Authorization: Bearer {{token:trim}}")
                .containsSequence("-H", "Content-Type: application/json")
                .endsWith("http://" + NAME + "." + direct.namespace() + ".svc.cluster.local/hipchat");
        assertThat(AlertPipeline.isFlush(Manifests.tree(args.get(args.indexOf("-d") + 1))))
                .isTrue();
        Duration patience = Duration.ofSeconds(Long.parseLong(args.get(args.indexOf("--max-time") + 1)));
        assertThat(patience)
                .isGreaterThan(direct.program().config().deadline())
                .isLessThan(Duration.ofSeconds(
                        job.getSpec().getJobTemplate().getSpec().getActiveDeadlineSeconds()));
    }

    // func.yaml

    @Test
    void funcYamlConfiguresTheFunctionAsTheDevOverlayDoes() {
        JsonNode func = Manifests.tree(KNATIVE.resolve("func.yaml"));
        Overlay dev = overlay("dev");
        DeployedProgram program = dev.program();

        assertThat(func.fieldNames())
                .toIterable()
                .containsExactly("specVersion", "name", "runtime", "created", "invoke", "build", "run", "deploy");
        assertThat(func.path("build").fieldNames()).toIterable().containsExactly("builder", "buildEnvs");
        assertThat(func.path("deploy").fieldNames())
                .toIterable()
                .containsExactly("namespace", "healthEndpoints", "options");
        assertThat(func.at("/deploy/options/resources").fieldNames())
                .toIterable()
                .containsExactly("requests", "limits");
        assertThat(func.path("name").asText()).isEqualTo(NAME);
        assertThat(func.at("/run/envs"))
                .extracting(env ->
                        env.path("name").asText() + "=" + env.path("value").asText())
                .containsExactlyInAnyOrderElementsOf(program.settings().entrySet().stream()
                        .map(Map.Entry::toString)
                        .toList());
        assertThat(func.at("/run/volumes"))
                .containsExactly(
                        Manifests.tree("{configMap: %s, path: %s}".formatted(HANDLERS, program.mountPath("handlers"))),
                        Manifests.tree("{secret: %s, path: %s}"
                                .formatted(secret().getMetadata().getName(), program.mountPath("tokens"))));
        assertThat(func.at("/deploy/namespace").asText()).isEqualTo(dev.namespace());
        assertThat(func.at("/deploy/healthEndpoints"))
                .containsExactly(
                        new TextNode(program.container()
                                .getLivenessProbe()
                                .getHttpGet()
                                .getPath()),
                        new TextNode(program.container()
                                .getReadinessProbe()
                                .getHttpGet()
                                .getPath()));
        JsonNode options = func.at("/deploy/options");
        assertThat(options.at("/scale/min").asText())
                .isEqualTo(annotations(dev).get("autoscaling.knative.dev/min-scale"));
        assertThat(options.at("/scale/max").asText())
                .isEqualTo(annotations(dev).get("autoscaling.knative.dev/max-scale"));
        assertThat(options.at("/resources/limits/concurrency").asLong())
                .isEqualTo(revision(dev).getContainerConcurrency());
        assertThat(new Quantity(options.at("/resources/limits/memory").asText()))
                .isEqualTo(program.container().getResources().getLimits().get("memory"));
    }

    // Access to the manifests

    private static Overlay overlay(String name) {
        return new Overlay(KNATIVE.resolve("overlays").resolve(name));
    }

    private static Overlay prod() {
        return overlay("prod");
    }

    /** Returns the name of the Knative Service of a reference, which must exist. */
    private static String service(Overlay overlay, KReference reference) {
        assertThat(reference.getApiVersion()).isEqualTo("serving.knative.dev/v1");
        assertThat(reference.getKind()).isEqualTo("Service");
        return overlay.only(Service.class, reference.getName()).getMetadata().getName();
    }

    private static Map<String, String> annotations(Overlay overlay) {
        return overlay.program().template().getMetadata().getAnnotations();
    }

    private static RevisionSpec revision(Overlay overlay) {
        return overlay.only(Service.class, NAME).getSpec().getTemplate().getSpec();
    }

    private static <T> T only(List<T> list) {
        assertThat(list).hasSize(1);
        return list.get(0);
    }
}
