package io.hipchatalerts.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.zjsonpatch.JsonPatch;
import io.hipchatalerts.ProjectFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The result of kustomize for a folder. It supports only the features that the folders here use, and refuses all
 * others. Names, namespace and image stay unchanged.
 */
final class Overlay {

    private final Path folder;
    private final List<JsonNode> manifests = new ArrayList<>();
    private final Map<String, Map<String, String>> configMaps = new LinkedHashMap<>();
    private final Set<Path> files = new TreeSet<>();

    private String namespace = "";

    /**
     * Builds a folder.
     *
     * @param components folders of components that the overlay does not name itself
     */
    Overlay(Path folder, Path... components) {
        this.folder = folder;
        add(folder);
        Stream.of(components).forEach(this::add);
    }

    /** Returns all overlays in {@code deploy/<platform>}. */
    static Stream<Overlay> all(Path platform) {
        return ProjectFiles.files(platform.resolve("overlays"))
                .filter(file -> file.endsWith("kustomization.yaml"))
                .map(file -> new Overlay(file.getParent()));
    }

    Overlay with(Path component) {
        return new Overlay(folder, component);
    }

    Path folder() {
        return folder;
    }

    /** Returns the program as this overlay deploys it. */
    DeployedProgram program() {
        return new DeployedProgram(podTemplates().get(DeployedProgram.NAME), configMaps.get(DeployedProgram.NAME));
    }

    /** Returns the only manifest of this kind and name. */
    <T extends HasMetadata> T only(Class<T> kind, String name) {
        List<T> found = all(kind).stream()
                .filter(each -> each.getMetadata().getName().equals(name))
                .toList();
        assertThat(found).as(kind.getSimpleName() + " " + name).hasSize(1);
        return found.get(0);
    }

    /** Returns the only manifest of this kind. */
    <T extends HasMetadata> T only(Class<T> kind) {
        assertThat(all(kind)).hasSize(1);
        return all(kind).get(0);
    }

    <T extends HasMetadata> List<T> all(Class<T> kind) {
        return manifests.stream()
                .map(Manifests::read)
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
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

    String namespace() {
        return namespace;
    }

    /** Returns every file that was read. */
    Set<Path> files() {
        return files;
    }

    private void add(Path folder) {
        Kustomization kustomization =
                Manifests.read(Manifests.tree(text(folder, "kustomization.yaml")), Kustomization.class);
        kustomization.configurations().forEach(each -> text(folder, each));
        for (String resource : kustomization.resources()) {
            Path path = folder.resolve(resource).normalize();
            if (Files.isDirectory(path)) {
                add(path);
            } else {
                manifests.add(Manifests.tree(text(folder, resource)));
            }
        }
        kustomization.components().forEach(each -> add(folder.resolve(each).normalize()));
        kustomization.configMapGenerator().forEach(generator -> generate(generator, folder));
        kustomization.patches().forEach(patch -> apply(patch, folder));
        namespace = kustomization.namespace() == null ? namespace : kustomization.namespace();
    }

    private void generate(Generator generator, Path folder) {
        assertThat(configMaps.containsKey(generator.name()))
                .as(folder + " must merge into a ConfigMap that is there, and only then: " + generator.name())
                .isEqualTo("merge".equals(generator.behavior()));
        Map<String, String> data = configMaps.computeIfAbsent(generator.name(), name -> new HashMap<>());
        generator.envs().forEach(env -> data.putAll(ProjectFiles.properties(text(folder, env))));
        data.putAll(ProjectFiles.properties(String.join("\n", generator.literals())));
        generator.files().forEach(file -> data.put(file.replaceFirst(".*/", ""), text(folder, file)));
    }

    private void apply(Patch patch, Path folder) {
        JsonNode operations = Manifests.tree(text(folder, patch.path()));
        List<JsonNode> targets =
                manifests.stream().filter(patch.target()::meets).toList();
        assertThat(targets).as(folder + ": " + patch).hasSize(1);
        manifests.set(manifests.indexOf(targets.get(0)), JsonPatch.apply(operations, targets.get(0)));
    }

    private String text(Path folder, String file) {
        Path path = folder.resolve(file).normalize();
        files.add(path);
        return ProjectFiles.text(path);
    }

    @Override
    public String toString() {
        return folder.toString();
    }

    private record Kustomization(
            String apiVersion,
            String kind,
            String namespace,
            List<String> resources,
            List<String> components,
            List<Generator> configMapGenerator,
            List<String> configurations,
            List<Image> images,
            List<Patch> patches) {}

    private record Generator(
            String name, String behavior, List<String> envs, List<String> files, List<String> literals) {}

    private record Image(String name, String newName, String newTag) {}

    private record Patch(String path, Target target) {}

    /** What a patch changes: manifests that meet each given regular expression as a whole. */
    private record Target(String group, String kind, String name) {
        boolean meets(JsonNode manifest) {
            return meets(group, manifest.path("apiVersion").asText().replaceFirst("/?[^/]*$", ""))
                    && meets(kind, manifest.path("kind").asText())
                    && meets(name, manifest.at("/metadata/name").asText());
        }

        private static boolean meets(String expression, String text) {
            return expression == null || text.matches(expression);
        }
    }
}
