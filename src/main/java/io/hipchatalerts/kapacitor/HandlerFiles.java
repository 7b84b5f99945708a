package io.hipchatalerts.kapacitor;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.hipchatalerts.alert.BadAlert;
import io.hipchatalerts.alert.Room;
import io.hipchatalerts.alert.Token;
import io.hipchatalerts.match.BadMatch;
import io.hipchatalerts.match.Match;
import io.quarkus.runtime.configuration.ConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Reads a folder of Kapacitor's topic handler files, one handler a file, and checks them as Kapacitor does (K §3.1).
 * What Kapacitor would take in this program takes too; what it would refuse stops the start.
 */
final class HandlerFiles {

    private static final Logger LOG = Logger.getLogger(HandlerFiles.class);

    private static final String OURS = "hipchat";
    private static final Set<String> KINDS = Set.of("""
            aggregate alerta bigpanda discord exec hipchat kafka log mqtt opsgenie opsgenie2 pagerduty pagerduty2 pushover
            post publish sensu servicenow slack smtp snmptrap talk tcp teams telegram victorops zenoss
            """.split("\\s+"));
    private static final Pattern TOPIC = Pattern.compile("[-:._\\p{L}0-9]+");
    private static final Pattern ID = Pattern.compile("[-._\\p{L}0-9]+");

    private static final ObjectReader JSON = JsonMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build()
            .reader();

    private static final ObjectReader YAML = YAMLMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build()
            .reader();

    private HandlerFiles() {}

    /**
     * The handlers of kind {@code hipchat} in {@code folder}, in the order of their files' names.
     *
     * @throws ConfigurationException when a file is not right; its message is one line that names the file
     */
    static List<TopicHandler> read(Path folder) {
        List<TopicHandler> handlers = new ArrayList<>();
        Map<List<String>, Path> seen = new HashMap<>();
        for (Path path : files(folder)) {
            File file = File.read(path);
            Path other = seen.put(List.of(file.topic(), file.id()), path);
            if (other != null) {
                throw file.wrong("topic " + file.topic() + " has a handler " + file.id() + " already, in "
                        + other.getFileName() + "; give each handler of a topic an id of its own");
            }
            if (file.kind().equals(OURS)) {
                handlers.add(file.handler());
            } else {
                LOG.infof(
                        "%s is passed over: its handler is of kind %s, and only kind hipchat is told from here",
                        path, file.kind());
            }
        }
        return handlers;
    }

    private static List<Path> files(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(path -> isYaml(path) || path.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        } catch (IOException unreadable) {
            throw new ConfigurationException("hipchat.handlers-dir is \"" + folder
                    + "\"; allowed is a folder that can be read, with Kapacitor's topic handler files in it");
        }
    }

    private static boolean isYaml(Path path) {
        return path.toString().endsWith(".yaml") || path.toString().endsWith(".yml");
    }

    /** One file's content, its keys in any case as Kapacitor takes them. */
    private record File(Path path, Map<String, JsonNode> content) {

        static File read(Path path) {
            JsonNode content;
            try {
                content = (isYaml(path) ? YAML : JSON).readTree(Files.readAllBytes(path));
            } catch (JsonProcessingException malformed) {
                throw wrong(path, "not one " + (isYaml(path) ? "YAML" : "JSON") + " document" + place(malformed));
            } catch (IOException unreadable) {
                throw wrong(path, "cannot be read");
            }
            if (!content.isObject()) {
                throw wrong(path, "must hold a handler's topic, id, kind and options");
            }
            Map<String, JsonNode> keys = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            content.properties().forEach(field -> keys.put(field.getKey(), field.getValue()));
            return new File(path, keys).checked();
        }

        private File checked() {
            if (!TOPIC.matcher(topic()).matches()) {
                throw wrong("topic must hold only letters, digits, '-', '.', '_' and ':'" + butIs(topic()));
            }
            if (!ID.matcher(id()).matches()) {
                throw wrong("id must hold only letters, digits, '-', '.' and '_'" + butIs(id()));
            }
            if (!KINDS.contains(kind())) {
                throw wrong("kind must be one that Kapacitor knows, such as hipchat, in lower case" + butIs(kind()));
            }
            return this;
        }

        String topic() {
            return text("topic");
        }

        String id() {
            return text("id");
        }

        String kind() {
            return text("kind");
        }

        TopicHandler handler() {
            Map<String, String> options = options();
            Optional<String> room = Optional.ofNullable(options.get("room"));
            room.filter(name -> !Room.isNameable(name)).ifPresent(name -> {
                throw wrong("options.room is " + BadAlert.quote(name)
                        + ", which cannot be the name or number of a HipChat room");
            });
            Optional<Token> token = Optional.ofNullable(options.get("token")).map(Token::new);
            token.filter(secret -> !secret.isPrintable()).ifPresent(secret -> {
                throw wrong("options.token (not shown) holds characters that no token has;"
                        + " allowed are printable ASCII characters");
            });
            return new TopicHandler(topic(), id(), room, token, match());
        }

        /** Room and token as far as they are given; keys in any case, values text and nothing else (K §3.1). */
        private Map<String, String> options() {
            JsonNode options = content.get("options");
            Map<String, String> given = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            if (options == null || options.isNull()) {
                return given;
            }
            if (!options.isObject()) {
                throw wrong("options must hold keys and values: room and token, or nothing");
            }
            options.properties().forEach(option -> {
                String key = option.getKey();
                JsonNode value = option.getValue();
                if (!key.equalsIgnoreCase("room") && !key.equalsIgnoreCase("token")) {
                    throw wrong("options has an unknown key " + BadAlert.quote(key) + "; known are room and token");
                }
                if (given.containsKey(key)) {
                    throw wrong("options has " + key + " twice, in different spellings");
                }
                if (!value.isTextual() && !value.isNull()) {
                    throw wrong("options." + key + " must be text" + (value.isValueNode() ? "; put it in quotes" : ""));
                }
                if (!value.asText("").isEmpty()) {
                    given.put(key, value.textValue());
                }
            });
            return given;
        }

        private Optional<Match> match() {
            String match = text("match");
            try {
                return match.isEmpty() ? Optional.empty() : Optional.of(Match.parse(match));
            } catch (BadMatch bad) {
                throw wrong("match " + BadAlert.quote(match) + " is not understood: " + bad.getMessage());
            }
        }

        /** Kapacitor's YAML takes a number or a boolean for text here, its JSON does not. */
        private String text(String key) {
            JsonNode value = content.get(key);
            if (value == null || value.isNull()) {
                return "";
            }
            if (!value.isTextual() && !(isYaml(path) && value.isValueNode())) {
                throw wrong(key + " must be text");
            }
            return value.asText();
        }

        ConfigurationException wrong(String what) {
            return wrong(path, what);
        }

        private static ConfigurationException wrong(Path path, String what) {
            return new ConfigurationException("The handler file " + path + " in hipchat.handlers-dir: " + what);
        }

        private static String butIs(String text) {
            return text.isEmpty() ? "; it is missing" : "; it is " + BadAlert.quote(text);
        }

        /** The place alone: the parsers' own words quote the file, where a token may stand. */
        private static String place(JsonProcessingException malformed) {
            return malformed.getLocation() == null
                    ? ""
                    : "; it goes wrong at line " + malformed.getLocation().getLineNr() + ", column "
                            + malformed.getLocation().getColumnNr();
        }
    }
}
