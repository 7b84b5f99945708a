package io.hipchatalerts.deploy;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.config.TestConfig;
import io.smallrye.config.ConfigMappings;
import io.smallrye.config.ConfigMappings.ConfigClass;
import io.smallrye.config.common.utils.StringUtil;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The program as an overlay deploys it, in a Deployment or in a Knative Service.
 *
 * @param template the template of its pods
 * @param settings its environment
 */
record DeployedProgram(PodTemplateSpec template, Map<String, String> settings) {

    static final Path KUBERNETES = Path.of("deploy/kubernetes");
    static final Path KNATIVE = Path.of("deploy/knative");

    static final String NAME = "hipchat-alerts";
    static final String HANDLERS = NAME + "-handlers";
    static final String INBOUND_TOKEN_FILE = "HIPCHAT_INBOUND_TOKEN_FILE";

    /** The settings that name a token's file. */
    static final List<String> TOKEN_FILES = List.of("HIPCHAT_TOKEN_FILE", INBOUND_TOKEN_FILE);

    /** Returns the Secret to be filled in. */
    static Secret secret() {
        return (Secret) Manifests.read(Manifests.tree(KUBERNETES.resolve("secret.yaml")));
    }

    /** Returns the keys of the program's settings by their environment names. */
    static Map<String, String> keys() {
        return ConfigMappings.getProperties(ConfigClass.configClass(HipChatConfig.class)).keySet().stream()
                .collect(toMap(
                        key -> StringUtil.replaceNonAlphanumericByUnderscores(key)
                                .toUpperCase(Locale.ROOT),
                        Function.identity()));
    }

    PodSpec pod() {
        return template.getSpec();
    }

    Container container() {
        assertThat(pod().getContainers()).hasSize(1);
        return pod().getContainers().get(0);
    }

    /** Returns the number of the container's port that a manifest gives by name or number. */
    static int port(Container container, IntOrString port) {
        return port.getStrVal() == null
                ? port.getIntVal()
                : container.getPorts().stream()
                        .filter(each -> each.getName().equals(port.getStrVal()))
                        .mapToInt(ContainerPort::getContainerPort)
                        .findFirst()
                        .orElseThrow();
    }

    int port(IntOrString port) {
        return port(container(), port);
    }

    /** Returns the folder at which the container has the volume of that name. */
    String mountPath(String volume) {
        return container().getVolumeMounts().stream()
                .filter(mount -> mount.getName().equals(volume))
                .map(VolumeMount::getMountPath)
                .findFirst()
                .orElseThrow();
    }

    /** Returns the program's configuration, without the tokens: their files are in the cluster only. */
    HipChatConfig config() {
        return TestConfig.with(settings.keySet().stream()
                .filter(name -> name.startsWith("HIPCHAT_") && !TOKEN_FILES.contains(name))
                .flatMap(name ->
                        Stream.of(keys().getOrDefault(name, name).replaceFirst("^hipchat\\.", ""), settings.get(name)))
                .toArray(String[]::new));
    }
}
