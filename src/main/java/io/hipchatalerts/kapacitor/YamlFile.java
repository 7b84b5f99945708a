package io.hipchatalerts.kapacitor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.snakeyaml.engine.v2.api.ConstructNode;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlVersionException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.resolver.ScalarResolver;
import org.snakeyaml.engine.v2.scanner.StreamReader;
import org.snakeyaml.engine.v2.schema.Schema;

/**
 * A YAML file as Kapacitor reads it: the first document counts, and becomes JSON (K §3.1). The last of equal keys counts.
 * SnakeYAML Engine parses the file and resolves aliases; {@link YamlScalar} types the scalars.
 *
 * @param content the first document; JSON's null if the file contains none
 * @param hasMore whether a later document, which Kapacitor does not read, is not empty
 */
record YamlFile(JsonNode content, boolean hasMore) {

    private static final int MOST_ALIASES = 100;
    private static final int MOST_LEVELS = 50;
    private static final int MOST_CHARACTERS = 1_000_000;

    private static final String NOT_YAML = "not valid YAML";
    private static final String TOO_LARGE = "more YAML than a handler needs; allowed are at most " + MOST_ALIASES
            + " aliases of lists and mappings, " + MOST_LEVELS + " levels and " + MOST_CHARACTERS + " characters";

    /** YAML's own name for the tag of a plain scalar, whose type depends on its text. */
    private static final Tag PLAIN = new Tag("?");

    /** The type that a scalar with one of these tags must have. Any other tag makes it text. */
    private static final Map<Tag, Predicate<JsonNode>> TYPES = Map.of(
            PLAIN,
            anything -> true,
            Tag.NULL,
            JsonNode::isNull,
            Tag.BOOL,
            JsonNode::isBoolean,
            Tag.INT,
            JsonNode::isIntegralNumber,
            Tag.FLOAT,
            JsonNode::isNumber);

    /** Says where a file is not YAML, and why if that is known. It shows no text of the file, which may be a token. */
    static final class Malformed extends Exception {

        private static final long serialVersionUID = 1L;

        private Malformed(String problem) {
            super(problem, null, false, false);
        }

        private Malformed(String problem, Optional<Mark> place) {
            this(problem
                    + place.map(mark -> "; the error is at line " + (mark.getLine() + 1) + ", column "
                                    + (mark.getColumn() + 1))
                            .orElse(""));
        }
    }

    /**
     * Reads a file's bytes.
     *
     * @throws Malformed if the first document is not YAML, has no form in JSON, or is larger than any handler
     */
    static YamlFile read(byte[] file) throws Malformed {
        LoadSettings settings = LoadSettings.builder()
                .setSchema(new UntypedScalars())
                .setAllowNonScalarKeys(true)
                .setMaxAliasesForCollections(MOST_ALIASES)
                .setCodePointLimit(MOST_CHARACTERS)
                .build();
        Documents documents = new Documents(settings, text(file));
        try {
            JsonNode first = documents.hasNext() ? new Json().of(documents.next()) : NullNode.instance;
            return new YamlFile(first, hasMore(documents));
        } catch (MarkedYamlEngineException malformed) {
            // Only the library's message shows that an alias is unknown, and it contains the alias: maybe a token that
            // begins with *.
            boolean isAlias = malformed.getProblem().startsWith("found undefined alias");
            throw new Malformed(
                    isAlias ? "an alias has no anchor (put text that begins with * in quotes)" : NOT_YAML,
                    malformed.getProblemMark());
        } catch (IllegalArgumentException malformed) {
            // The library's, for an escape that names no character.
            throw new Malformed(NOT_YAML);
        } catch (ReaderException malformed) {
            throw new Malformed(NOT_YAML + "; it contains a control character");
        } catch (YamlVersionException malformed) {
            throw new Malformed(NOT_YAML + " 1.1");
        } catch (YamlEngineException tooLarge) {
            throw new Malformed(TOO_LARGE);
        }
    }

    /** Decodes UTF-8, or UTF-16 with a byte order mark. The library's own reader needs charsets that executables lack. */
    private static String text(byte[] file) throws Malformed {
        boolean isUtf16 = file.length >= 2 && (file[0] & file[1] & 0xFE) == 0xFE && file[0] != file[1];
        try {
            return (isUtf16 ? StandardCharsets.UTF_16 : StandardCharsets.UTF_8)
                    .newDecoder()
                    .decode(ByteBuffer.wrap(file))
                    .toString();
        } catch (CharacterCodingException notText) {
            throw new Malformed("not UTF-8 text");
        }
    }

    private static boolean hasMore(Documents documents) {
        try {
            while (documents.hasNext()) {
                if (!(documents.next() instanceof ScalarNode scalar
                        && scalar.getValue().isEmpty())) {
                    return true;
                }
            }
            return false;
        } catch (YamlEngineException | IllegalArgumentException malformed) {
            return true;
        }
    }

    /** Leaves the types of plain scalars to {@link YamlScalar}. */
    private static final class UntypedScalars implements Schema {

        @Override
        public ScalarResolver getScalarResolver() {
            return (text, plain) -> plain ? PLAIN : Tag.STR;
        }

        @Override
        public Map<Tag, ConstructNode> getSchemaTagConstructors() {
            return Map.of();
        }
    }

    /** The library's reader of documents, which has no limit of its own for nested lists and mappings. */
    private static final class Documents extends Composer {

        private int level;

        Documents(LoadSettings settings, String text) {
            super(settings, new ParserImpl(settings, new StreamReader(settings, text)));
        }

        @Override
        protected SequenceNode composeSequenceNode(Optional<Anchor> anchor) {
            enter();
            SequenceNode sequence = super.composeSequenceNode(anchor);
            level--;
            return sequence;
        }

        @Override
        protected Node composeMappingNode(Optional<Anchor> anchor) {
            enter();
            Node mapping = super.composeMappingNode(anchor);
            level--;
            return mapping;
        }

        private void enter() {
            if (++level > MOST_LEVELS) {
                throw new YamlEngineException(TOO_LARGE);
            }
        }
    }

    /**
     * Converts one document. Each node is converted once, however many aliases name it, so that aliases of aliases
     * cannot multiply.
     */
    private static final class Json {

        private final Map<Node, JsonNode> converted = new HashMap<>();
        private final Set<Node> underWay = new HashSet<>();

        JsonNode of(Node node) throws Malformed {
            JsonNode known = converted.get(node);
            if (known != null) {
                return known;
            }
            if (!underWay.add(node)) {
                throw new Malformed("a value contains itself by an alias", node.getStartMark());
            }
            JsonNode json = node instanceof MappingNode mapping
                    ? object(mapping)
                    : node instanceof SequenceNode sequence ? array(sequence) : scalar((ScalarNode) node);
            underWay.remove(node);
            converted.put(node, json);
            return json;
        }

        /** Sorts the keys, as Go does when it writes JSON. Keys of the mapping itself beat those that it merges. */
        private ObjectNode object(MappingNode mapping) throws Malformed {
            Map<String, JsonNode> own = new TreeMap<>();
            Map<String, JsonNode> merged = new TreeMap<>();
            for (NodeTuple entry : mapping.getValue()) {
                if (isMerge(entry.getKeyNode())) {
                    merge(entry.getValueNode(), merged);
                } else {
                    own.put(key(entry.getKeyNode()), of(entry.getValueNode()));
                }
            }
            merged.putAll(own);
            return new ObjectNode(JsonNodeFactory.instance, merged);
        }

        private static boolean isMerge(Node key) {
            return key instanceof ScalarNode scalar
                    && scalar.getTag().equals(PLAIN)
                    && scalar.getValue().equals("<<");
        }

        /** Of several mappings, the first one that has a key counts. */
        private void merge(Node value, Map<String, JsonNode> merged) throws Malformed {
            for (Node source : value instanceof SequenceNode sources ? sources.getValue() : List.of(value)) {
                if (!(source instanceof MappingNode)) {
                    throw new Malformed("<< merges only mappings", source.getStartMark());
                }
                of(source).properties().forEach(entry -> merged.putIfAbsent(entry.getKey(), entry.getValue()));
            }
        }

        private static String key(Node key) throws Malformed {
            if (key instanceof ScalarNode scalar) {
                JsonNode value = scalar(scalar);
                if (!value.isNull()) {
                    return YamlScalar.text(value);
                }
            }
            throw new Malformed("a key must be text", key.getStartMark());
        }

        private ArrayNode array(SequenceNode sequence) throws Malformed {
            ArrayNode array = JsonNodeFactory.instance.arrayNode();
            for (Node element : sequence.getValue()) {
                array.add(of(element));
            }
            return array;
        }

        private static JsonNode scalar(ScalarNode scalar) throws Malformed {
            if (scalar.getTag().equals(Tag.BINARY)) {
                return TextNode.valueOf(decoded(scalar));
            }
            Predicate<JsonNode> type = TYPES.get(scalar.getTag());
            if (type == null) {
                return TextNode.valueOf(scalar.getValue());
            }
            JsonNode value = YamlScalar.of(scalar.getValue());
            if (!type.test(value)) {
                throw new Malformed("a value does not have the type of its tag", scalar.getStartMark());
            }
            if (value.isDouble() && !Double.isFinite(value.doubleValue())) {
                throw new Malformed("a number is not finite, which JSON has no form for", scalar.getStartMark());
            }
            return value;
        }

        private static String decoded(ScalarNode scalar) throws Malformed {
            try {
                return new String(
                        Base64.getDecoder().decode(scalar.getValue().replaceAll("[\\r\\n]", "")),
                        StandardCharsets.UTF_8);
            } catch (IllegalArgumentException notBase64) {
                throw new Malformed("a !!binary value is not Base64", scalar.getStartMark());
            }
        }
    }
}
