package io.hipchatalerts.deploy;

import static java.util.stream.Collectors.toCollection;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.knative.duck.v1.KReference;
import io.fabric8.knative.eventing.v1.Broker;
import io.fabric8.knative.eventing.v1.Trigger;
import io.fabric8.knative.serving.v1.RevisionSpec;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.knative.sources.v1.PingSource;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretKeySelector;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.hipchatalerts.AlertPipeline;
import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.config.TestConfig;
import io.smallrye.config.ConfigMappings;
import io.smallrye.config.ConfigMappings.ConfigClass;
import io.smallrye.config.common.utils.StringUtil;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The manifests of {@code deploy/knative} contain no unknown field, and agree with each other and with the program. */
class KnativeManifestsTest {

    private static final Path FOLDER = Path.of("deploy/knative");
    private static final String NAME = "hipchat-alerts";
    private static final String HANDLERS = NAME + "-handlers";
    private static final String INBOUND_TOKEN = "HIPCHAT_INBOUND_TOKEN";

    /** Settings that are not under {@code hipchat.}. */
    private static final List<String> OTHERS = List.of("QUARKUS_REDIS_HOSTS", "JAVA_TOOL_OPTIONS");

    // Each overlay

    static List<Path> overlays() throws IOException {
        try (Stream<Path> folders = Files.list(FOLDER.resolve("overlays"))) {
            return folders.sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void everyFieldIsKnown(Path folder) {
        assertThat(Overlay.of(folder).all(HasMetadata.class)).isNotEmpty();
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void everySettingExistsAndHasAValidValue(Path folder) {
        Map<String, String> settings = settings(Overlay.of(folder));

        assertThat(keys().keySet()).containsAll(named(settings, "HIPCHAT_"));
        assertThat(settings.keySet()).allMatch(name -> name.startsWith("HIPCHAT_") || OTHERS.contains(name));
        HipChatConfig config = config(settings);
        assertThat(config.enabled()).isTrue();
        assertThat(config.url()).isPresent();
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void theServicesConfigMapsExist(Path folder) {
        Overlay overlay = Overlay.of(folder);

        assertThat(container(overlay).getEnvFrom())
                .extracting(source -> source.getConfigMapRef().getName())
                .containsExactly(NAME);
        assertThat(revision(overlay).getVolumes())
                .extracting(volume -> volume.getConfigMap().getName())
                .containsExactly(HANDLERS);
        assertThat(overlay.configMaps()).containsOnlyKeys(NAME, HANDLERS);
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void theHandlerFilesAreMountedInTheProgramsHandlerFolder(Path folder) {
        Overlay overlay = Overlay.of(folder);
        Volume volume = revision(overlay).getVolumes().get(0);
        VolumeMount mount = container(overlay).getVolumeMounts().get(0);

        assertThat(mount.getName()).isEqualTo(volume.getName());
        assertThat(settings(overlay)).containsEntry("HIPCHAT_HANDLERS_DIR", mount.getMountPath());
        assertThat(overlay.configMaps().get(HANDLERS)).isNotEmpty().allSatisfy((file, text) -> {
            assertThat(file).matches(".*\\.(yaml|yml|json)");
            JsonNode handler = Manifests.tree(text);
            assertThat(handler.fieldNames()).toIterable().containsExactlyInAnyOrder("topic", "id", "kind", "options");
            assertThat(handler.path("kind").asText()).isEqualTo("hipchat");
            assertThat(handler.path("options").fieldNames()).toIterable().isSubsetOf("room", "token");
        });
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void theSecretContainsEveryUsedKey(Path folder) {
        assertThat(secrets(container(Overlay.of(folder)).getEnv())).allSatisfy((name, key) -> {
            assertThat(keys()).containsKey(name);
            assertThat(secret().getMetadata().getName()).isEqualTo(key.getName());
            assertThat(secret().getMetadata().getNamespace())
                    .isEqualTo(Overlay.of(folder).namespace());
            assertThat(secret().getStringData()).containsKey(key.getKey());
        });
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void theProbesUseTheProgramsHealthPaths(Path folder) {
        Container container = container(Overlay.of(folder));

        assertThat(container.getLivenessProbe().getHttpGet().getPath()).isEqualTo("/q/health/live");
        assertThat(container.getReadinessProbe().getHttpGet().getPath()).isEqualTo("/q/health/ready");
        // Quarkus' default port, which no manifest changes; a probe without a port uses it too.
        assertThat(container.getPorts())
                .extracting(ContainerPort::getContainerPort)
                .containsExactly(8080);
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void knativeWaitsLongerThanTheDeadline(Path folder) {
        Overlay overlay = Overlay.of(folder);

        assertThat(Duration.ofSeconds(revision(overlay).getTimeoutSeconds()))
                .isGreaterThan(config(settings(overlay)).deadline());
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void theMemoryStoreRunsWithOneInstanceOnly(Path folder) {
        Overlay overlay = Overlay.of(folder);

        if (config(settings(overlay)).state().store() == HipChatConfig.Store.MEMORY) {
            assertThat(annotations(overlay)).containsEntry("autoscaling.knative.dev/max-scale", "1");
        }
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void everyContainerHasTheLeastPrivilege(Path folder) {
        Overlay overlay = Overlay.of(folder);

        assertThat(containers(overlay)).isNotEmpty().allSatisfy(container -> {
            SecurityContext security = container.getSecurityContext();
            assertThat(security.getReadOnlyRootFilesystem()).isTrue();
            assertThat(security.getAllowPrivilegeEscalation()).isFalse();
            assertThat(security.getCapabilities().getDrop()).containsExactly("ALL");
            assertThat(container.getResources().getRequests()).containsKeys("cpu", "memory");
            assertThat(container.getResources().getLimits()).containsKey("memory");
        });
        assertThat(knative(overlay)).allSatisfy(container -> {
            assertThat(container.getSecurityContext().getRunAsNonRoot()).isTrue();
            assertThat(container.getSecurityContext().getSeccompProfile().getType())
                    .isEqualTo("RuntimeDefault");
        });
        assertThat(overlay.all(StatefulSet.class)).allSatisfy(set -> {
            var security = set.getSpec().getTemplate().getSpec().getSecurityContext();
            assertThat(security.getRunAsNonRoot()).isTrue();
            assertThat(security.getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
        });
        assertThat(overlay.all(CronJob.class)).map(KnativeManifestsTest::pod).allSatisfy(pod -> {
            assertThat(pod.getAutomountServiceAccountToken()).isFalse();
            assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
            // An image's user that has only a name is not known to be another than root.
            assertThat(pod.getSecurityContext().getRunAsUser()).isPositive();
            assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
        });
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void theHeapIsBoundedBelowTheMemory(Path folder) {
        Container container = container(Overlay.of(folder));

        String options = String.join(" ", container.getArgs())
                + container.getEnv().stream().map(EnvVar::getValue).toList();
        assertThat(options).containsOnlyOnce("-Xmx64m");
        assertThat(bytes(container.getResources().getLimits().get("memory"))).isGreaterThanOrEqualTo(2L * (64 << 20));
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void aFunctionThatScalesToZeroWithASharedStoreIsFlushed(Path folder) {
        Overlay overlay = Overlay.of(folder);
        HipChatConfig config = config(settings(overlay));
        boolean isNeeded = config.pending().enabled()
                && config.state().store() != HipChatConfig.Store.MEMORY
                && annotations(overlay).get("autoscaling.knative.dev/min-scale").equals("0");
        boolean isFlushed = overlay.all(PingSource.class).size()
                        + overlay.all(CronJob.class).size()
                == 1;

        assertThat(isFlushed || !isNeeded).isTrue();
        // A change that ends with the instance is not worth a call that keeps the instance.
        assertThat(isFlushed && config.state().store() == HipChatConfig.Store.MEMORY)
                .isFalse();
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void eventingPresentsNoTokenAndNobodyElseMayCall(Path folder) {
        Overlay overlay = Overlay.of(folder);
        boolean tokenIsAskedFor = secrets(container(overlay).getEnv()).containsKey(INBOUND_TOKEN);

        assertThat(tokenIsAskedFor
                        && !(overlay.all(Trigger.class).isEmpty()
                                && overlay.all(PingSource.class).isEmpty()))
                .isFalse();
        assertThat(overlay.all(Service.class))
                .allSatisfy(service -> assertThat(service.getMetadata().getLabels())
                        .containsEntry("networking.knative.dev/visibility", "cluster-local"));
    }

    @Test
    void everyFileIsPartOfAnOverlay() throws IOException {
        Set<Path> used = overlays().stream()
                .flatMap(each -> Overlay.of(each).files().stream())
                .collect(toCollection(TreeSet::new));

        try (Stream<Path> files = Files.walk(FOLDER)) {
            assertThat(files.filter(Files::isRegularFile))
                    .filteredOn(file -> !file.getParent().equals(FOLDER))
                    .containsExactlyInAnyOrderElementsOf(used);
        }
    }

    // The Broker

    @Test
    void theTriggerBringsKapacitorsAlertsToTheFunction() {
        Overlay prod = prod();
        Trigger trigger = only(prod, Trigger.class);

        assertThat(trigger.getSpec().getFilter().getAttributes()).containsOnlyKeys("type");
        assertThat(prod.find(Broker.class, trigger.getSpec().getBroker())).isPresent();
        assertThat(service(prod, trigger.getSpec().getSubscriber().getRef())).isEqualTo(NAME);
    }

    @Test
    void kapacitorsTemplateMatchesTheTriggerAndTheHandlers() {
        Overlay prod = prod();
        Trigger trigger = only(prod, Trigger.class);
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
        String readme = Files.readString(FOLDER.resolve("README.md"));
        Trigger trigger = only(prod(), Trigger.class);

        assertThat(readme)
                .contains("kubectl apply -k " + FOLDER + "/overlays/prod")
                .contains("kubectl create namespace " + prod().namespace())
                .contains("/" + prod().namespace() + "/" + trigger.getSpec().getBroker() + "\n")
                .contains("\"type\":\""
                        + trigger.getSpec().getFilter().getAttributes().get("type") + "\"")
                .contains("http://" + NAME + "." + prod().namespace() + ".svc.cluster.local/hipchat")
                .contains("-u kapacitor:" + secret().getStringData().get("inbound-token"))
                .contains(HANDLERS + " -n " + prod().namespace() + " --from-file=" + FOLDER + "/base/handlers");
        for (Path overlay : overlays()) {
            assertThat(readme).contains("`overlays/" + overlay.getFileName() + "`");
        }
    }

    @Test
    void anUnacceptedEventIsSentAgainAndNeverDropped() {
        Overlay prod = prod();
        var delivery = only(prod, Trigger.class).getSpec().getDelivery();

        assertThat(delivery.getRetry()).isPositive();
        assertThat(delivery.getBackoffPolicy()).isEqualTo("exponential");
        assertThat(Duration.parse(delivery.getBackoffDelay())).isPositive();
        assertThat(Duration.parse(delivery.getTimeout()))
                .isGreaterThan(config(settings(prod)).deadline());
        assertThat(service(prod, delivery.getDeadLetterSink().getRef())).isNotEqualTo(NAME);
        assertThat(config(settings(prod)).state().onOutage()).isEqualTo(HipChatConfig.OnOutage.FAIL);
    }

    // The flush

    @Test
    void thePingSourceFlushesTheFunctionEachMinute() {
        Overlay prod = prod();
        var ping = only(prod, PingSource.class).getSpec();

        assertThat(ping.getSchedule()).isEqualTo("* * * * *");
        assertThat(ping.getContentType()).isEqualTo("application/json");
        assertThat(AlertPipeline.isFlush(Manifests.tree(ping.getData()))).isTrue();
        assertThat(service(prod, ping.getSink().getRef())).isEqualTo(NAME);
    }

    @Test
    void theCronJobFlushesTheFunctionWithTheTokenThatItAsksFor() {
        Overlay direct = overlay("direct");
        CronJob job = only(direct, CronJob.class);
        Container flush = pod(job).getContainers().get(0);
        Map<String, SecretKeySelector> asked = secrets(container(direct).getEnv());

        assertThat(job.getSpec().getConcurrencyPolicy()).isEqualTo("Forbid");
        assertThat(secrets(flush.getEnv())).containsExactly(Map.entry(INBOUND_TOKEN, asked.get(INBOUND_TOKEN)));
        assertThat(flush.getArgs())
                .containsSequence("-H", "Authorization: Bearer $(" + INBOUND_TOKEN + ")")
                .containsSequence("-H", "Content-Type: application/json")
                .endsWith("http://" + NAME + "." + direct.namespace() + ".svc.cluster.local/hipchat");
        assertThat(AlertPipeline.isFlush(
                        Manifests.tree(flush.getArgs().get(flush.getArgs().indexOf("-d") + 1))))
                .isTrue();
        Duration patience = Duration.ofSeconds(
                Long.parseLong(flush.getArgs().get(flush.getArgs().indexOf("--max-time") + 1)));
        assertThat(patience)
                .isGreaterThan(config(settings(direct)).deadline())
                .isLessThan(Duration.ofSeconds(
                        job.getSpec().getJobTemplate().getSpec().getActiveDeadlineSeconds()));
    }

    // The store

    @ParameterizedTest
    @ValueSource(strings = {"direct", "prod"})
    void theProgramUsesTheDeployedStore(String name) {
        Overlay overlay = overlay(name);
        StatefulSet store = only(overlay, StatefulSet.class);
        var service = only(overlay, io.fabric8.kubernetes.api.model.Service.class);
        URI address = URI.create(settings(overlay).get("QUARKUS_REDIS_HOSTS"));

        assertThat(config(settings(overlay)).state().store()).isEqualTo(HipChatConfig.Store.REDIS);
        assertThat(address.getHost()).isEqualTo(service.getMetadata().getName());
        assertThat(store.getSpec().getServiceName())
                .isEqualTo(service.getMetadata().getName());
        assertThat(service.getSpec().getPorts()).singleElement().satisfies(port -> {
            assertThat(port.getPort()).isEqualTo(address.getPort());
            assertThat(port(store, port.getTargetPort().getStrVal())).isEqualTo(address.getPort());
        });
        assertThat(labels(store))
                .containsAllEntriesOf(store.getSpec().getSelector().getMatchLabels())
                .containsAllEntriesOf(service.getSpec().getSelector());
    }

    @ParameterizedTest
    @ValueSource(strings = {"direct", "prod"})
    void onlyTheFunctionReachesTheStore(String name) {
        Overlay overlay = overlay(name);
        StatefulSet store = only(overlay, StatefulSet.class);
        var policy = only(overlay, NetworkPolicy.class).getSpec();

        assertThat(labels(store)).containsAllEntriesOf(policy.getPodSelector().getMatchLabels());
        assertThat(policy.getIngress()).singleElement().satisfies(rule -> {
            assertThat(rule.getFrom()).singleElement().satisfies(from -> assertThat(
                            template(overlay).getLabels())
                    .containsAllEntriesOf(from.getPodSelector().getMatchLabels()));
            assertThat(rule.getPorts()).singleElement().satisfies(port -> assertThat(
                            port(store, port.getPort().getStrVal()))
                    .isEqualTo(6379));
        });
    }

    @Test
    void theStoreEvictsNothing() {
        StatefulSet store = only(prod(), StatefulSet.class);
        List<String> args =
                store.getSpec().getTemplate().getSpec().getContainers().get(0).getArgs();

        assertThat(args)
                .containsSequence("--appendonly", "yes")
                .containsSequence("--maxmemory-policy", "noeviction")
                .containsSequence("--dir", "/data");
        assertThat(store.getSpec()
                        .getTemplate()
                        .getSpec()
                        .getContainers()
                        .get(0)
                        .getVolumeMounts())
                .singleElement()
                .satisfies(mount -> {
                    assertThat(mount.getMountPath()).isEqualTo("/data");
                    assertThat(store.getSpec().getVolumeClaimTemplates())
                            .extracting(claim -> claim.getMetadata().getName())
                            .containsExactly(mount.getName());
                });
    }

    // func.yaml

    @Test
    void funcYamlConfiguresTheFunctionAsTheDevOverlayDoes() {
        Func func = Manifests.read(FOLDER.resolve("func.yaml"), Func.class);
        Overlay dev = overlay("dev");
        Map<String, String> envs = func.run().envs().stream().collect(toMap(Func.Env::name, Func.Env::value));

        Map<String, String> expected = new HashMap<>(settings(dev));
        secrets(container(dev).getEnv())
                .forEach(
                        (name, key) -> expected.put(name, "{{ secret:%s:%s }}".formatted(key.getName(), key.getKey())));
        assertThat(func.name()).isEqualTo(NAME);
        assertThat(envs).containsExactlyInAnyOrderEntriesOf(expected);
        assertThat(func.run().volumes())
                .containsExactly(new Func.Mount(
                        HANDLERS, container(dev).getVolumeMounts().get(0).getMountPath()));
        assertThat(func.deploy().namespace()).isEqualTo(dev.namespace());
        assertThat(func.deploy().healthEndpoints()).isEqualTo(new Func.Health("/q/health/live", "/q/health/ready"));
        assertThat(func.deploy().options().scale())
                .isEqualTo(new Func.Scale(
                        Integer.parseInt(annotations(dev).get("autoscaling.knative.dev/min-scale")),
                        Integer.parseInt(annotations(dev).get("autoscaling.knative.dev/max-scale"))));
        Func.Amounts limits = func.deploy().options().resources().limits();
        assertThat(limits.concurrency())
                .isEqualTo(revision(dev).getContainerConcurrency().intValue());
        assertThat(new Quantity(limits.memory()))
                .isEqualTo(container(dev).getResources().getLimits().get("memory"));
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

        private record Mount(String configMap, String path) {}

        private record Deploy(String namespace, Health healthEndpoints, Options options) {}

        private record Health(String liveness, String readiness) {}

        private record Options(Scale scale, Resources resources) {}

        private record Scale(int min, int max) {}

        private record Resources(Amounts requests, Amounts limits) {}

        private record Amounts(String cpu, String memory, Integer concurrency) {}
    }

    // Access to the manifests

    private static Overlay overlay(String name) {
        return Overlay.of(FOLDER.resolve("overlays").resolve(name));
    }

    private static Overlay prod() {
        return overlay("prod");
    }

    private static Secret secret() {
        return (Secret) Manifests.read(Manifests.tree(FOLDER.resolve("secret.yaml")));
    }

    private static <T extends HasMetadata> T only(Overlay overlay, Class<T> kind) {
        assertThat(overlay.all(kind)).hasSize(1);
        return overlay.all(kind).get(0);
    }

    /** Returns the name of the Knative Service of a reference, which must exist. */
    private static String service(Overlay overlay, KReference reference) {
        assertThat(reference.getApiVersion()).isEqualTo("serving.knative.dev/v1");
        assertThat(reference.getKind()).isEqualTo("Service");
        assertThat(overlay.find(Service.class, reference.getName())).isPresent();
        return reference.getName();
    }

    private static io.fabric8.kubernetes.api.model.ObjectMeta template(Overlay overlay) {
        return overlay.find(Service.class, NAME)
                .orElseThrow()
                .getSpec()
                .getTemplate()
                .getMetadata();
    }

    private static Map<String, String> annotations(Overlay overlay) {
        return template(overlay).getAnnotations();
    }

    private static RevisionSpec revision(Overlay overlay) {
        return overlay.find(Service.class, NAME)
                .orElseThrow()
                .getSpec()
                .getTemplate()
                .getSpec();
    }

    private static Container container(Overlay overlay) {
        assertThat(revision(overlay).getContainers()).hasSize(1);
        return revision(overlay).getContainers().get(0);
    }

    private static List<Container> knative(Overlay overlay) {
        return overlay.all(Service.class).stream()
                .flatMap(each -> each.getSpec().getTemplate().getSpec().getContainers().stream())
                .toList();
    }

    private static List<Container> containers(Overlay overlay) {
        List<Container> all = new ArrayList<>(knative(overlay));
        overlay.all(StatefulSet.class)
                .forEach(set -> all.addAll(set.getSpec().getTemplate().getSpec().getContainers()));
        overlay.all(CronJob.class).forEach(job -> all.addAll(pod(job).getContainers()));
        return all;
    }

    private static PodSpec pod(CronJob job) {
        return job.getSpec().getJobTemplate().getSpec().getTemplate().getSpec();
    }

    private static Map<String, String> labels(StatefulSet set) {
        return set.getSpec().getTemplate().getMetadata().getLabels();
    }

    private static int port(StatefulSet set, String name) {
        return set.getSpec().getTemplate().getSpec().getContainers().stream()
                .flatMap(each -> each.getPorts().stream())
                .filter(port -> port.getName().equals(name))
                .findFirst()
                .orElseThrow()
                .getContainerPort();
    }

    private static long bytes(Quantity quantity) {
        return quantity.getNumericalAmount().longValueExact();
    }

    /** Returns the plain values in the container's environment. */
    private static Map<String, String> settings(Overlay overlay) {
        Map<String, String> settings = new HashMap<>(overlay.configMaps().get(NAME));
        container(overlay).getEnv().stream()
                .filter(env -> env.getValueFrom() == null)
                .forEach(env -> settings.put(env.getName(), env.getValue()));
        return settings;
    }

    private static Map<String, SecretKeySelector> secrets(List<EnvVar> env) {
        return env.stream()
                .filter(each -> each.getValueFrom() != null)
                .collect(toMap(EnvVar::getName, each -> each.getValueFrom().getSecretKeyRef()));
    }

    private static List<String> named(Map<String, String> settings, String prefix) {
        return settings.keySet().stream()
                .filter(name -> name.startsWith(prefix))
                .toList();
    }

    /** Returns the keys of the program's settings by their environment names. */
    private static Map<String, String> keys() {
        return ConfigMappings.getProperties(ConfigClass.configClass(HipChatConfig.class)).keySet().stream()
                .collect(toMap(
                        key -> StringUtil.replaceNonAlphanumericByUnderscores(key)
                                .toUpperCase(Locale.ROOT),
                        Function.identity()));
    }

    private static HipChatConfig config(Map<String, String> settings) {
        return TestConfig.with(named(settings, "HIPCHAT_").stream()
                .flatMap(name -> Stream.of(
                        Optional.ofNullable(keys().get(name)).orElse(name).replaceFirst("^hipchat\\.", ""),
                        settings.get(name)))
                .toArray(String[]::new));
    }
}
