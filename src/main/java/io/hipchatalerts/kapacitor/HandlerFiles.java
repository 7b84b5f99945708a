package io.hipchatalerts.kapacitor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
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
 * Reads a directory of Kapacitor's topic handler files, each with one handler. Accepts every file that Kapacitor accepts;
 * any other stops the start (K §3.1).
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

    /** Of equal keys the last counts, as in Kapacitor. */
    private static final ObjectReader JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build()
            .reader();

    private HandlerFiles() {}

    /**
     * Returns the handlers of kind {@code hipchat} in {@code folder}, in the order of their files' names.
     *
     * @throws ConfigurationException if a file is invalid; the message is one line that names the file
     */
    static List<TopicHandler> read(Path folder) {
        List<TopicHandler> handlers = new ArrayList<>();
        Map<List<String>, Path> seen = new HashMap<>();
        for (Path path : files(folder)) {
            File file = File.read(path);
            Path other = seen.put(List.of(file.topic(), file.id()), path);
            if (other != null) {
                throw file.wrong("topic " + file.topic() + " already has a handler " + file.id() + ", in "
                        + shown(other.getFileName()) + "; give each handler of a topic its own id");
            }
            if (file.kind().equals(OURS)) {
                handlers.add(file.handler());
            } else {
                LOG.infof(
                        "Skipped %s: its handler has the kind %s, and this program handles only the kind hipchat",
                        shown(path), file.kind());
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
                    + "\"; allowed is a readable directory with Kapacitor's topic handler files");
        }
    }

    private static boolean isYaml(Path path) {
        return path.toString().endsWith(".yaml") || path.toString().endsWith(".yml");
    }

    /** A file's name may contain a line end, and a message is one line. */
    private static String shown(Path path) {
        return path.toString().replaceAll("\\p{Cc}", "\uFFFD");
    }

    /** A file's content. As in Kapacitor, its keys may be in upper or lower case. */
    private record File(Path path, Map<String, JsonNode> content) {

        static File read(Path path) {
            JsonNode content = content(path);
            if (!content.isObject()) {
                throw wrong(path, "must contain a handler's topic, id, kind and options");
            }
            Map<String, JsonNode> keys = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            content.properties().forEach(field -> keys.put(field.getKey(), field.getValue()));
            return new File(path, keys).checked();
        }

        private static JsonNode content(Path path) {
            try {
                byte[] bytes = Files.readAllBytes(path);
                if (!isYaml(path)) {
                    return JSON.readTree(bytes);
                }
                YamlFile yaml = YamlFile.read(bytes);
                if (yaml.hasMore()) {
                    LOG.warnf(
                            "%s contains more than one document; like Kapacitor, this program reads only the first."
                                    + " Put each handler in a file of its own",
                            shown(path));
                }
                return yaml.content();
            } catch (YamlFile.Malformed malformed) {
                throw wrong(path, malformed.getMessage());
            } catch (JsonProcessingException malformed) {
                throw wrong(path, "not one JSON document" + BadAlert.place(malformed));
            } catch (IOException unreadable) {
                throw wrong(path, "cannot be read");
            }
        }

        private File checked() {
            if (!TOPIC.matcher(topic()).matches()) {
                throw wrong("topic must contain only letters, digits, '-', '.', '_' and ':'" + butIs(topic()));
            }
            if (!ID.matcher(id()).matches()) {
                throw wrong("id must contain only letters, digits, '-', '.' and '_'" + butIs(id()));
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
            Optional<Token> token = Optional.ofNullable(options.get("token")).map(Token::new);
            room.flatMap(name -> Room.problem("options.room", name))
                    .or(() -> token.flatMap(secret -> secret.problem("options.token")))
                    .ifPresent(problem -> {
                        throw wrong(problem);
                    });
            return new TopicHandler(topic(), id(), room, token, match());
        }

        /** Returns the room and token that are set. Keys may be in upper or lower case, values must be text (K §3.1). */
        private Map<String, String> options() {
            JsonNode options = content.get("options");
            Map<String, String> given = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            if (options == null || options.isNull()) {
                return given;
            }
            if (!options.isObject()) {
                throw wrong("options must be an object with room, token or nothing");
            }
            options.properties().forEach(option -> {
                String key = option.getKey();
                JsonNode value = option.getValue();
                if (!key.equalsIgnoreCase("room") && !key.equalsIgnoreCase("token")) {
                    throw wrong("options has an unknown key " + BadAlert.quote(key) + "; known are room and token");
                }
                if (!value.isTextual() && !value.isNull()) {
                    throw wrong("options." + key + " must be text" + (value.isValueNode() ? "; put it in quotes" : ""));
                }
                if (given.put(key, value.asText("")) != null) {
                    throw wrong("options has " + key + " twice, in different spellings");
                }
            });
            given.values().removeIf(String::isEmpty);
            return given;
        }

        private Optional<Match> match() {
            String match = text("match");
            try {
                return match.isEmpty() ? Optional.empty() : Optional.of(Match.parse(match));
            } catch (BadMatch bad) {
                throw wrong("match " + BadAlert.quote(match) + " is invalid: " + bad.getMessage());
            }
        }

        /** In YAML, Kapacitor accepts a number or a boolean as text here; in JSON it does not. */
        private String text(String key) {
            JsonNode value = content.get(key);
            if (value == null || value.isNull()) {
                return "";
            }
            if (!value.isTextual() && !(isYaml(path) && value.isValueNode())) {
                throw wrong(key + " must be text");
            }
            return YamlScalar.text(value);
        }

        ConfigurationException wrong(String what) {
            return wrong(path, what);
        }

        private static ConfigurationException wrong(Path path, String what) {
            return new ConfigurationException("The handler file " + shown(path) + " in hipchat.handlers-dir: " + what);
        }

        private static String butIs(String text) {
            return text.isEmpty() ? "; it is missing" : "; it is " + BadAlert.quote(text);
        }
    }
}
