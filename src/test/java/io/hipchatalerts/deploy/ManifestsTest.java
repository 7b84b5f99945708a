package io.hipchatalerts.deploy;

import static io.hipchatalerts.deploy.DeployedProgram.HANDLERS;
import static io.hipchatalerts.deploy.DeployedProgram.KNATIVE;
import static io.hipchatalerts.deploy.DeployedProgram.KUBERNETES;
import static io.hipchatalerts.deploy.DeployedProgram.NAME;
import static io.hipchatalerts.deploy.DeployedProgram.TOKEN_FILES;
import static io.hipchatalerts.deploy.DeployedProgram.secret;
import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.hipchatalerts.ProjectFiles;
import io.hipchatalerts.config.HipChatConfig;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The overlays of {@code deploy/kubernetes} and {@code deploy/knative} contain no unknown field, and agree with each other
 * and with the program.
 */
class ManifestsTest {

    /** Settings that are not under {@code hipchat.}. */
    private static final List<String> OTHERS = List.of("QUARKUS_REDIS_HOSTS", "JAVA_TOOL_OPTIONS");

    static Stream<Overlay> overlays() {
        return Stream.of(KUBERNETES, KNATIVE).flatMap(Overlay::all);
    }

    static Stream<Overlay> overlaysWithAStore() {
        return overlays().filter(overlay -> !overlay.all(StatefulSet.class).isEmpty());
    }

    /** The JVM takes its options from the environment. */
    static Stream<Overlay> overlaysForTheExecutable() {
        return overlays().filter(overlay -> !overlay.program().settings().containsKey("JAVA_TOOL_OPTIONS"));
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void everyFieldIsKnown(Overlay overlay) {
        assertThat(overlay.all(HasMetadata.class)).isNotEmpty();
    }

    @Test
    void everyFileIsPartOfAnOverlay() {
        Set<Path> used = overlays().flatMap(each -> each.files().stream()).collect(toCollection(TreeSet::new));

        assertThat(Stream.of(KUBERNETES, KNATIVE).flatMap(ProjectFiles::files))
                .filteredOn(file -> !List.of(KUBERNETES, KNATIVE).contains(file.getParent()))
                .containsExactlyInAnyOrderElementsOf(used);
    }

    // Settings and tokens

    @ParameterizedTest
    @MethodSource("overlays")
    void everySettingExistsAndHasAValidValue(Overlay overlay) {
        DeployedProgram program = overlay.program();

        assertThat(program.settings().keySet())
                .allMatch(name -> DeployedProgram.keys().containsKey(name) || OTHERS.contains(name));
        assertThat(program.config().enabled()).isTrue();
        assertThat(program.config().url()).isPresent();
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void theProgramsSettingsAreThoseOfItsConfigMap(Overlay overlay) {
        Container container = overlay.program().container();

        assertThat(container.getEnv()).isEmpty();
        assertThat(container.getEnvFrom())
                .extracting(source -> source.getConfigMapRef().getName())
                .containsExactly(NAME);
        assertThat(overlay.configMaps()).containsOnlyKeys(NAME, HANDLERS);
        // A Service hipchat-alerts would give each pod variables such as HIPCHAT_ALERTS_PORT.
        assertThat(overlay.program().pod().getEnableServiceLinks()).isFalse();
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void theHandlerFilesAreMountedInTheProgramsHandlerFolder(Overlay overlay) {
        DeployedProgram program = overlay.program();
        Volume volume = only(program.pod().getVolumes().stream().filter(each -> each.getConfigMap() != null));

        assertThat(volume.getConfigMap().getName()).isEqualTo(HANDLERS);
        assertThat(program.settings()).containsEntry("HIPCHAT_HANDLERS_DIR", program.mountPath(volume.getName()));
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
    void theTokensAreFilesOfTheMountedSecret(Overlay overlay) {
        DeployedProgram program = overlay.program();
        Volume volume = only(program.pod().getVolumes().stream().filter(each -> each.getSecret() != null));

        assertThat(volume.getSecret().getSecretName())
                .isEqualTo(secret().getMetadata().getName());
        assertThat(secret().getMetadata().getNamespace()).isEqualTo(overlay.namespace());
        assertThat(program.settings()).containsKey("HIPCHAT_TOKEN_FILE");
        assertThat(TOKEN_FILES)
                .map(program.settings()::get)
                .filteredOn(Objects::nonNull)
                .allSatisfy(file -> assertThat(secret().getStringData().keySet())
                        .map(key -> program.mountPath(volume.getName()) + "/" + key)
                        .contains(file));
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void noEnvironmentContainsASecret(Overlay overlay) {
        assertThat(overlay.podTemplates().values())
                .flatMap(template -> template.getSpec().getContainers())
                .isNotEmpty()
                .allSatisfy(container -> {
                    assertThat(container.getEnv()).allMatch(variable -> variable.getValueFrom() == null);
                    assertThat(container.getEnvFrom()).allMatch(source -> source.getSecretRef() == null);
                });
    }

    // The container

    /** {@code ProbesTest} asks the running program at the probes' paths. */
    @ParameterizedTest
    @MethodSource("overlays")
    void theProbesAndTheProgramHaveTheSamePort(Overlay overlay) {
        DeployedProgram program = overlay.program();

        assertThat(program.container().getPorts())
                .extracting(ContainerPort::getContainerPort)
                .containsExactly(Integer.valueOf(ContainerTest.Dockerfile.NATIVE.only("EXPOSE")));
        assertThat(probes(program.container()))
                .map(probe -> probe.getHttpGet().getPort())
                // Knative uses the container's only port.
                .filteredOn(Objects::nonNull)
                .allMatch(port -> program.port(port)
                        == program.container().getPorts().get(0).getContainerPort());
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void everyContainerHasTheLeastPrivilege(Overlay overlay) {
        assertThat(overlay.podTemplates().values()).isNotEmpty().allSatisfy(template -> {
            PodSpec pod = template.getSpec();
            assertThat(pod.getAutomountServiceAccountToken()).isFalse();
            assertThat(pod.getContainers()).isNotEmpty().allSatisfy(container -> {
                SecurityContext security = container.getSecurityContext();
                assertThat(security.getReadOnlyRootFilesystem()).isTrue();
                assertThat(security.getAllowPrivilegeEscalation()).isFalse();
                assertThat(security.getCapabilities().getDrop()).containsExactly("ALL");
                assertThat(container.getResources().getRequests()).containsKeys("cpu", "memory");
                assertThat(container.getResources().getLimits()).containsKey("memory");
                // Knative has no security context for the pod.
                boolean inPod = pod.getSecurityContext() != null;
                assertThat(inPod ? pod.getSecurityContext().getRunAsNonRoot() : security.getRunAsNonRoot())
                        .isTrue();
                assertThat((inPod ? pod.getSecurityContext().getSeccompProfile() : security.getSeccompProfile())
                                .getType())
                        .isEqualTo("RuntimeDefault");
            });
        });
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void theProgramRunsAsTheImagesUser(Overlay overlay) {
        SecurityContext security = overlay.program().container().getSecurityContext();

        assertThat(security.getRunAsUser()).isEqualTo(Long.valueOf(ContainerTest.Dockerfile.NATIVE.only("USER")));
        assertThat(security.getRunAsUser()).isEqualTo(Long.valueOf(ContainerTest.Dockerfile.JVM.only("USER")));
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void theHeapIsBoundedBelowTheMemory(Overlay overlay) {
        assertHeapIsBounded(overlay.program());
    }

    @ParameterizedTest
    @MethodSource("overlaysForTheExecutable")
    void theComponentForTheJvmFitsEveryOverlayThatIsForTheExecutable(Overlay overlay) {
        DeployedProgram program = overlay.program();
        DeployedProgram jvm = overlay.with(KUBERNETES.resolve("components/jvm")).program();

        assertThat(jvm.container().getArgs()).isEmpty();
        assertHeapIsBounded(jvm);
        assertThat(memoryLimit(jvm)).isGreaterThan(memoryLimit(program));
    }

    // The store

    @ParameterizedTest
    @MethodSource("overlaysWithAStore")
    void theProgramUsesTheDeployedStore(Overlay overlay) {
        DeployedProgram program = overlay.program();
        StatefulSet store = overlay.only(StatefulSet.class);
        URI address = URI.create(program.settings().get("QUARKUS_REDIS_HOSTS"));
        Service service = overlay.only(Service.class, address.getHost());

        assertThat(program.config().state().store()).isEqualTo(HipChatConfig.Store.REDIS);
        assertThat(store.getSpec().getServiceName())
                .isEqualTo(service.getMetadata().getName());
        assertThat(service.getSpec().getPorts()).singleElement().satisfies(port -> {
            assertThat(port.getPort()).isEqualTo(address.getPort());
            assertThat(DeployedProgram.port(container(store), port.getTargetPort()))
                    .isEqualTo(address.getPort());
        });
        assertThat(labels(store))
                .containsAllEntriesOf(store.getSpec().getSelector().getMatchLabels())
                .containsAllEntriesOf(service.getSpec().getSelector());
    }

    @ParameterizedTest
    @MethodSource("overlaysWithAStore")
    void onlyTheProgramReachesTheStore(Overlay overlay) {
        StatefulSet store = overlay.only(StatefulSet.class);
        var policy =
                overlay.only(NetworkPolicy.class, store.getMetadata().getName()).getSpec();

        assertThat(labels(store)).containsAllEntriesOf(policy.getPodSelector().getMatchLabels());
        assertThat(policy.getIngress()).singleElement().satisfies(rule -> {
            assertThat(rule.getFrom()).singleElement().satisfies(from -> assertThat(
                            overlay.program().template().getMetadata().getLabels())
                    .containsAllEntriesOf(from.getPodSelector().getMatchLabels()));
            assertThat(rule.getPorts()).singleElement().satisfies(port -> assertThat(
                            DeployedProgram.port(container(store), port.getPort()))
                    .isEqualTo(6379));
        });
    }

    @ParameterizedTest
    @MethodSource("overlaysWithAStore")
    void theStoreEvictsNothing(Overlay overlay) {
        StatefulSet store = overlay.only(StatefulSet.class);

        assertThat(container(store).getArgs())
                .containsSequence("--appendonly", "yes")
                .containsSequence("--maxmemory-policy", "noeviction")
                .containsSequence("--dir", "/data");
        assertThat(container(store).getVolumeMounts()).singleElement().satisfies(mount -> {
            assertThat(mount.getMountPath()).isEqualTo("/data");
            assertThat(store.getSpec().getVolumeClaimTemplates())
                    .extracting(claim -> claim.getMetadata().getName())
                    .containsExactly(mount.getName());
        });
    }

    // Access to the manifests

    private static <T> T only(Stream<T> stream) {
        List<T> all = stream.toList();
        assertThat(all).hasSize(1);
        return all.get(0);
    }

    private static Stream<Probe> probes(Container container) {
        return Stream.of(container.getStartupProbe(), container.getReadinessProbe(), container.getLivenessProbe())
                .flatMap(Stream::ofNullable);
    }

    private static void assertHeapIsBounded(DeployedProgram program) {
        String options = String.join(" ", program.container().getArgs())
                + program.settings().getOrDefault("JAVA_TOOL_OPTIONS", "");

        assertThat(options).containsOnlyOnce("-Xmx64m");
        assertThat(memoryLimit(program)).isGreaterThanOrEqualTo(2L * (64 << 20));
    }

    private static long memoryLimit(DeployedProgram program) {
        Quantity limit = program.container().getResources().getLimits().get("memory");
        return limit.getNumericalAmount().longValueExact();
    }

    private static Container container(StatefulSet set) {
        return set.getSpec().getTemplate().getSpec().getContainers().get(0);
    }

    private static Map<String, String> labels(StatefulSet set) {
        return set.getSpec().getTemplate().getMetadata().getLabels();
    }
}
