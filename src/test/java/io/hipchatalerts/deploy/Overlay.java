package io.hipchatalerts.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.zjsonpatch.JsonPatch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The result of kustomize for a folder. It supports only the features that the folders here use, and refuses all
 * others. Names, namespace and image stay unchanged.
 */
final class Overlay {

    private final List<JsonNode> manifests = new ArrayList<>();
    private final Map<String, Map<String, String>> configMaps = new LinkedHashMap<>();
    private final Set<Path> files = new TreeSet<>();

    private String namespace = "";

    private Overlay() {}

    /**
     * Returns the result for a folder.
     *
     * @param components folders of components that the overlay does not name itself
     */
    static Overlay of(Path folder, Path... components) {
        Overlay overlay = new Overlay();
        overlay.add(folder);
        for (Path component : components) {
            overlay.add(component);
        }
        return overlay;
    }

    /** Returns the folders of all overlays in {@code deploy/<platform>}. */
    static Stream<Path> folders(Path platform) {
        try (Stream<Path> folders = Files.list(platform.resolve("overlays"))) {
            return folders.sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the only manifest of this kind and name, if there is one. */
    <T extends HasMetadata> Optional<T> find(Class<T> kind, String name) {
        return all(kind).stream()
                .filter(each -> each.getMetadata().getName().equals(name))
                .findFirst();
    }

    <T extends HasMetadata> List<T> all(Class<T> kind) {
        return manifests.stream()
                .map(Manifests::read)
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
    }

    /** Returns the only manifest of this kind. */
    <T extends HasMetadata> T only(Class<T> kind) {
        assertThat(all(kind)).hasSize(1);
        return all(kind).get(0);
    }

    /** Returns the template of all pods, by the names of the manifests that make them. */
    Map<String, PodTemplateSpec> podTemplates() {
        Map<String, PodTemplateSpec> templates = new LinkedHashMap<>();
        manifests.forEach(manifest -> Manifests.podTemplate(manifest)
                .ifPresent(
                        template -> templates.put(manifest.at("/metadata/name").asText(), template)));
        return templates;
    }

    /** Returns the data of each generated ConfigMap, by its name. */
    Map<String, Map<String, String>> configMaps() {
        return configMaps;
    }

    /** Returns the namespace. */
    String namespace() {
        return namespace;
    }

    /** Returns every file that was read. */
    Set<Path> files() {
        return files;
    }

    private void add(Path folder) {
        Kustomization kustomization = Manifests.read(file(folder.resolve("kustomization.yaml")), Kustomization.class);
        kustomization.configurations().forEach(each -> file(folder.resolve(each)));
        for (String resource : kustomization.resources()) {
            Path path = folder.resolve(resource).normalize();
            if (Files.isDirectory(path)) {
                add(path);
            } else {
                manifests.add(Manifests.tree(file(path)));
            }
        }
        kustomization.components().forEach(each -> add(folder.resolve(each).normalize()));
        kustomization.configMapGenerator().forEach(generator -> generate(generator, folder));
        kustomization.patches().forEach(patch -> apply(patch, folder));
        namespace = kustomization.namespace() == null ? namespace : kustomization.namespace();
    }

    private void generate(Generator generator, Path folder) {
        boolean merges = "merge".equals(generator.behavior());
        if (configMaps.containsKey(generator.name()) != merges) {
            throw new IllegalArgumentException(
                    folder + " must merge into a ConfigMap that is there, and only then: " + generator.name());
        }
        Map<String, String> data = configMaps.computeIfAbsent(generator.name(), name -> new HashMap<>());
        generator.envs().forEach(env -> lines(file(folder.resolve(env))).forEach(line -> put(data, line)));
        generator.literals().forEach(literal -> put(data, literal));
        for (String handler : generator.files()) {
            Path path = file(folder.resolve(handler));
            data.put(path.getFileName().toString(), String.join("\n", lines(path)));
        }
    }

    private static void put(Map<String, String> data, String assignment) {
        if (!assignment.isBlank() && !assignment.startsWith("#")) {
            int equals = assignment.indexOf('=');
            data.put(assignment.substring(0, equals), assignment.substring(equals + 1));
        }
    }

    private void apply(Patch patch, Path folder) {
        JsonNode operations = Manifests.tree(file(folder.resolve(patch.path())));
        List<JsonNode> targets =
                manifests.stream().filter(patch.target()::meets).toList();
        if (targets.size() != 1) {
            throw new IllegalArgumentException(folder + " patches " + targets.size() + " manifests: " + patch);
        }
        manifests.set(manifests.indexOf(targets.get(0)), JsonPatch.apply(operations, targets.get(0)));
    }

    private Path file(Path path) {
        Path normal = path.normalize();
        files.add(normal);
        return normal;
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    record Kustomization(
            String apiVersion,
            String kind,
            String namespace,
            List<String> resources,
            List<String> components,
            List<Generator> configMapGenerator,
            List<String> configurations,
            List<Image> images,
            List<Patch> patches) {
        Kustomization {
            resources = orEmpty(resources);
            components = orEmpty(components);
            configMapGenerator = orEmpty(configMapGenerator);
            configurations = orEmpty(configurations);
            patches = orEmpty(patches);
        }
    }

    record Generator(String name, String behavior, List<String> envs, List<String> files, List<String> literals) {
        Generator {
            envs = orEmpty(envs);
            files = orEmpty(files);
            literals = orEmpty(literals);
        }
    }

    record Image(String name, String newName, String newTag) {}

    record Patch(String path, Target target) {}

    /** What a patch changes: manifests that meet each given regular expression as a whole. */
    record Target(String group, String kind, String name) {
        boolean meets(JsonNode manifest) {
            String version = manifest.path("apiVersion").asText();
            return meets(group, version.contains("/") ? version.replaceFirst("/.*", "") : "")
                    && meets(kind, manifest.path("kind").asText())
                    && meets(name, manifest.at("/metadata/name").asText());
        }

        private static boolean meets(String expression, String text) {
            return expression == null || text.matches(expression);
        }
    }

    private static <T> List<T> orEmpty(List<T> list) {
        return list == null ? List.of() : list;
    }
}
