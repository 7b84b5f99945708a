package io.hipchatalerts.deploy;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.internal.KubernetesDeserializer;
import io.hipchatalerts.ProjectFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads manifests as Kubernetes and Knative do, except that an unknown field is an error. */
final class Manifests {

    private static final ObjectMapper YAML = YAMLMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static final ObjectMapper STRICT = JsonMapper.builder()
            .annotationIntrospector(new NothingUnknown())
            .withConfigOverride(List.class, list -> list.setSetterInfo(JsonSetter.Value.forValueNulls(Nulls.AS_EMPTY)))
            .build();

    private static final ObjectMapper LENIENT = new JsonMapper();

    private static final KubernetesDeserializer KINDS = new KubernetesDeserializer(true);

    private Manifests() {}

    static HasMetadata read(JsonNode manifest) {
        return (HasMetadata) read(
                manifest,
                KINDS.getRegisteredKind(
                        manifest.path("apiVersion").asText(),
                        manifest.path("kind").asText()));
    }

    /** Returns the template of the pods that a manifest of any kind makes, if it makes some. */
    static Optional<PodTemplateSpec> podTemplate(JsonNode manifest) {
        return Stream.of("/spec/template", "/spec/jobTemplate/spec/template")
                .map(manifest::at)
                .filter(JsonNode::isObject)
                // Not strictly: in a Knative Service it has fields besides those of a pod.
                .map(template -> LENIENT.convertValue(template, PodTemplateSpec.class))
                .findFirst();
    }

    static <T> T read(JsonNode tree, Class<T> type) {
        return STRICT.convertValue(tree, type);
    }

    static JsonNode tree(Path file) {
        return tree(ProjectFiles.text(file));
    }

    static JsonNode tree(String yaml) {
        return tree(YAML, yaml);
    }

    static JsonNode json(String json) {
        return tree(LENIENT, json);
    }

    private static JsonNode tree(ObjectMapper mapper, String text) {
        try {
            return mapper.readTree(text);
        } catch (JsonProcessingException malformed) {
            throw new IllegalArgumentException(text, malformed);
        }
    }

    /** The models accept unknown fields, so that a misspelt one would go unnoticed. */
    private static final class NothingUnknown extends JacksonAnnotationIntrospector {

        private static final long serialVersionUID = 1;

        @Override
        public Boolean hasAnySetter(Annotated member) {
            return false;
        }
    }
}
