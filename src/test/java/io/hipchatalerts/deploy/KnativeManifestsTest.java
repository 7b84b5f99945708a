package io.hipchatalerts.deploy;

import static io.hipchatalerts.deploy.DeployedProgram.HANDLERS;
import static io.hipchatalerts.deploy.DeployedProgram.INBOUND_TOKEN_FILE;
import static io.hipchatalerts.deploy.DeployedProgram.KNATIVE;
import static io.hipchatalerts.deploy.DeployedProgram.KUBERNETES;
import static io.hipchatalerts.deploy.DeployedProgram.NAME;
import static io.hipchatalerts.deploy.DeployedProgram.secret;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.knative.duck.v1.KReference;
import io.fabric8.knative.eventing.v1.Broker;
import io.fabric8.knative.eventing.v1.Trigger;
import io.fabric8.knative.serving.v1.RevisionSpec;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.knative.sources.v1.PingSource;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.hipchatalerts.AlertPipeline;
import io.hipchatalerts.config.HipChatConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
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

    static Stream<Path> overlays() {
        return Overlay.folders(KNATIVE);
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void knativeWaitsLongerThanTheDeadline(Path folder) {
        Overlay overlay = Overlay.of(folder);

        assertThat(Duration.ofSeconds(revision(overlay).getTimeoutSeconds()))
                .isGreaterThan(DeployedProgram.of(overlay).config().deadline());
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void theMemoryStoreRunsWithOneInstanceOnly(Path folder) {
        Overlay overlay = Overlay.of(folder);

        if (DeployedProgram.of(overlay).config().state().store() == HipChatConfig.Store.MEMORY) {
            assertThat(annotations(overlay)).containsEntry("autoscaling.knative.dev/max-scale", "1");
        }
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void aFunctionThatScalesToZeroWithASharedStoreIsFlushed(Path folder) {
        Overlay overlay = Overlay.of(folder);
        HipChatConfig config = DeployedProgram.of(overlay).config();
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
    void eventingPresentsNoTokenAndNobodyElseMayCall(Path folder) {
        Overlay overlay = Overlay.of(folder);
        boolean tokenIsAskedFor = DeployedProgram.of(overlay).settings().containsKey(INBOUND_TOKEN_FILE);

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
        assertThat(prod.find(Broker.class, trigger.getSpec().getBroker())).isPresent();
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
    void theReadmesCommandsMatchTheManifests() throws IOException {
        String readme = Files.readString(KNATIVE.resolve("README.md"));
        Trigger trigger = prod().only(Trigger.class);

        assertThat(readme)
                .contains("kubectl apply -k " + KNATIVE + "/overlays/prod")
                .contains("/" + prod().namespace() + "/" + trigger.getSpec().getBroker() + "\n")
                .contains("\"type\":\""
                        + trigger.getSpec().getFilter().getAttributes().get("type") + "\"")
                .contains("http://" + NAME + "." + prod().namespace() + ".svc.cluster.local/hipchat")
                .contains(HANDLERS + " -n " + prod().namespace() + " --from-file=" + KUBERNETES
                        + "/components/program/handlers");
        assertThat(overlays())
                .allSatisfy(overlay -> assertThat(readme).contains("`overlays/" + overlay.getFileName() + "`"));
    }

    /** The README leaves the Secret, and the alert that goes directly to the function, to the one of Kubernetes. */
    @Test
    void theCommandsForPlainKubernetesMatchTheManifests() throws IOException {
        String readme = Files.readString(KUBERNETES.resolve("README.md"));
        Overlay direct = overlay("direct");

        assertThat(prod().namespace()).isEqualTo(direct.namespace());
        assertThat(readme)
                .contains("kubectl create namespace " + direct.namespace())
                .contains("cp " + KUBERNETES + "/secret.yaml ")
                .contains("-u kapacitor:" + secret().getStringData().get("inbound-token"))
                .contains("http://" + NAME + "." + direct.namespace() + ".svc.cluster.local/hipchat");
    }

    @Test
    void anUnacceptedEventIsSentAgainAndNeverDropped() {
        Overlay prod = prod();
        var delivery = prod.only(Trigger.class).getSpec().getDelivery();

        assertThat(delivery.getRetry()).isPositive();
        assertThat(delivery.getBackoffPolicy()).isEqualTo("exponential");
        assertThat(Duration.parse(delivery.getBackoffDelay())).isPositive();
        assertThat(Duration.parse(delivery.getTimeout()))
                .isGreaterThan(DeployedProgram.of(prod).config().deadline());
        assertThat(service(prod, delivery.getDeadLetterSink().getRef())).isNotEqualTo(NAME);
        assertThat(DeployedProgram.of(prod).config().state().onOutage()).isEqualTo(HipChatConfig.OnOutage.FAIL);
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
    void theCronJobFlushesTheFunctionWithTheTokenThatItAsksFor() {
        Overlay direct = overlay("direct");
        CronJob job = direct.only(CronJob.class);
        PodSpec pod = job.getSpec().getJobTemplate().getSpec().getTemplate().getSpec();
        List<String> args = pod.getContainers().get(0).getArgs();

        assertThat(job.getSpec().getConcurrencyPolicy()).isEqualTo("Forbid");
        assertThat(args)
                .containsSequence("--variable", "token@" + fileOfTheOnlySecret(pod))
                .containsSequence("--expand-header", "Authorization: Bearer {{token:trim}}")
                .containsSequence("-H", "Content-Type: application/json")
                .endsWith("http://" + NAME + "." + direct.namespace() + ".svc.cluster.local/hipchat");
        assertThat(AlertPipeline.isFlush(Manifests.tree(args.get(args.indexOf("-d") + 1))))
                .isTrue();
        Duration patience = Duration.ofSeconds(Long.parseLong(args.get(args.indexOf("--max-time") + 1)));
        assertThat(patience)
                .isGreaterThan(DeployedProgram.of(direct).config().deadline())
                .isLessThan(Duration.ofSeconds(
                        job.getSpec().getJobTemplate().getSpec().getActiveDeadlineSeconds()));
    }

    @Test
    void theCronJobSeesTheInboundTokenOnly() {
        Overlay direct = overlay("direct");
        PodSpec pod = direct.only(CronJob.class)
                .getSpec()
                .getJobTemplate()
                .getSpec()
                .getTemplate()
                .getSpec();
        String asked = DeployedProgram.of(direct).settings().get(INBOUND_TOKEN_FILE);

        assertThat(pod.getVolumes()).singleElement().satisfies(volume -> {
            assertThat(volume.getSecret().getSecretName())
                    .isEqualTo(secret().getMetadata().getName());
            assertThat(volume.getSecret().getItems()).singleElement().satisfies(item -> assertThat(asked)
                    .endsWith("/" + item.getKey()));
        });
    }

    // func.yaml

    @Test
    void funcYamlConfiguresTheFunctionAsTheDevOverlayDoes() {
        Func func = Manifests.read(KNATIVE.resolve("func.yaml"), Func.class);
        Overlay dev = overlay("dev");
        Map<String, String> envs = func.run().envs().stream().collect(toMap(Func.Env::name, Func.Env::value));

        DeployedProgram program = DeployedProgram.of(dev);
        assertThat(func.name()).isEqualTo(NAME);
        assertThat(envs).containsExactlyInAnyOrderEntriesOf(program.settings());
        assertThat(func.run().volumes())
                .containsExactly(
                        new Func.Mount(HANDLERS, null, program.mountPath("handlers")),
                        new Func.Mount(null, secret().getMetadata().getName(), program.mountPath("tokens")));
        assertThat(func.deploy().namespace()).isEqualTo(dev.namespace());
        assertThat(func.deploy().healthEndpoints())
                .isEqualTo(new Func.Health(
                        program.container().getLivenessProbe().getHttpGet().getPath(),
                        program.container().getReadinessProbe().getHttpGet().getPath()));
        assertThat(func.deploy().options().scale())
                .isEqualTo(new Func.Scale(
                        Integer.parseInt(annotations(dev).get("autoscaling.knative.dev/min-scale")),
                        Integer.parseInt(annotations(dev).get("autoscaling.knative.dev/max-scale"))));
        Func.Amounts limits = func.deploy().options().resources().limits();
        assertThat(limits.concurrency())
                .isEqualTo(revision(dev).getContainerConcurrency().intValue());
        assertThat(new Quantity(limits.memory()))
                .isEqualTo(program.container().getResources().getLimits().get("memory"));
    }

    /** The used part of func's schema; any other field is an error. */
    private record Func(
            String specVersion,
            String name,
            String runtime,
            String created,
            String invoke,
            Build build,
            Run run,
            Deploy deploy) {
        private record Build(String builder, List<Env> buildEnvs) {}

        private record Run(List<Env> envs, List<Mount> volumes) {}

        private record Env(String name, String value) {}

        private record Mount(String configMap, String secret, String path) {}

        private record Deploy(String namespace, Health healthEndpoints, Options options) {}

        private record Health(String liveness, String readiness) {}

        private record Options(Scale scale, Resources resources) {}

        private record Scale(int min, int max) {}

        private record Resources(Amounts requests, Amounts limits) {}

        private record Amounts(String cpu, String memory, Integer concurrency) {}
    }

    // Access to the manifests

    private static Overlay overlay(String name) {
        return Overlay.of(KNATIVE.resolve("overlays").resolve(name));
    }

    private static Overlay prod() {
        return overlay("prod");
    }

    /** Returns the name of the Knative Service of a reference, which must exist. */
    private static String service(Overlay overlay, KReference reference) {
        assertThat(reference.getApiVersion()).isEqualTo("serving.knative.dev/v1");
        assertThat(reference.getKind()).isEqualTo("Service");
        assertThat(overlay.find(Service.class, reference.getName())).isPresent();
        return reference.getName();
    }

    private static Map<String, String> annotations(Overlay overlay) {
        return DeployedProgram.of(overlay).template().getMetadata().getAnnotations();
    }

    private static RevisionSpec revision(Overlay overlay) {
        return overlay.find(Service.class, NAME)
                .orElseThrow()
                .getSpec()
                .getTemplate()
                .getSpec();
    }

    /** Returns the path of the only file that the pod's only container has of a Secret. */
    private static String fileOfTheOnlySecret(PodSpec pod) {
        return pod.getContainers().get(0).getVolumeMounts().get(0).getMountPath()
                + "/"
                + pod.getVolumes().get(0).getSecret().getItems().get(0).getPath();
    }
}
