package io.hipchatalerts.kapacitor;

import io.quarkus.runtime.configuration.ConfigurationException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/**
 * The {@code [hipchat]} section of a {@code kapacitor.conf} (K §1.1). As in Kapacitor, unknown keys are ignored, keys may
 * be in upper or lower case, and wrong syntax or a wrong type in the section is an error. The rest of the file does not
 * matter (contract §4).
 */
final class KapacitorConf {

    static final String SETTING = "hipchat.kapacitor-conf";

    private static final String SECTION = "hipchat";
    private static final String NOT_UTF_8 = "the file is not UTF-8 text";

    /** The bytes of UTF-8's byte order mark. */
    private static final String BYTE_ORDER_MARK = "\u00EF\u00BB\u00BF";

    private final Path file;

    private KapacitorConf(Path file) {
        this.file = file;
    }

    /**
     * Returns the settings in {@code file}.
     *
     * @throws ConfigurationException if the file is unreadable or invalid; the message contains no token
     */
    static Map<HipChatKey, String> read(Path file) {
        KapacitorConf conf = new KapacitorConf(file);
        return conf.settings(conf.parsed(conf.section()));
    }

    /**
     * Returns the section's text. Each byte is one character at first, since comments and other sections need not be
     * UTF-8. All characters that have a meaning in TOML are ASCII.
     */
    private String section() {
        try {
            String text = Files.readString(file, StandardCharsets.ISO_8859_1);
            if (text.indexOf(0) >= 0 && text.indexOf(0) < 6) {
                // As UTF-16, the text would seem to lack the section. Kapacitor looks at the same six bytes.
                throw problem(NOT_UTF_8);
            }
            // Kapacitor ignores the byte order mark, too, that some editors write.
            String section = TomlSection.cut(text.startsWith(BYTE_ORDER_MARK) ? text.substring(3) : text);
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(section.getBytes(StandardCharsets.ISO_8859_1)))
                    .toString();
        } catch (TomlSection.NoEnd noEnd) {
            throw notToml(noEnd.line(), noEnd.column());
        } catch (NoSuchFileException missing) {
            throw problem("there is no such file");
        } catch (CharacterCodingException notUtf8) {
            throw problem(NOT_UTF_8);
        } catch (IOException unreadable) {
            throw problem(
                    Files.isDirectory(file)
                            ? "it is a directory, not a file"
                            : "the file is not readable for the user that runs this program");
        }
    }

    private TomlTable parsed(String text) {
        TomlParseResult result = Toml.parse(text);
        // The parser's own words quote the text, which may contain a token.
        result.errors().stream()
                .map(TomlParseError::position)
                .min(Comparator.comparingInt(TomlPosition::line).thenComparingInt(TomlPosition::column))
                .ifPresent(error -> {
                    throw notToml(error.line(), error.column());
                });
        return result;
    }

    private Map<HipChatKey, String> settings(TomlTable conf) {
        Map<HipChatKey, String> settings = new EnumMap<>(HipChatKey.class);
        Optional<String> name = find(SECTION, conf);
        if (name.isPresent()) {
            if (!(value(conf, name.get()) instanceof TomlTable section)) {
                throw problem(line(conf, name.get()) + SECTION + " is not a section; allowed is one [hipchat]");
            }
            for (HipChatKey key : HipChatKey.values()) {
                find(key.inFile(), section).ifPresent(found -> settings.put(key, setting(key, section, found)));
            }
        }
        return settings;
    }

    private String setting(HipChatKey key, TomlTable section, String name) {
        Object value = value(section, name);
        boolean fits =
                switch (key.type()) {
                    case TEXT -> value instanceof String;
                    case BOOLEAN -> value instanceof Boolean;
                };
        if (!fits) {
            throw problem(line(section, name) + name + " in [hipchat] is " + shown(key, value) + "; allowed "
                    + allowed(key, name, value));
        }
        return value.toString();
    }

    private static String shown(HipChatKey key, Object value) {
        if (value instanceof TomlTable) {
            return "a table";
        }
        if (value instanceof TomlArray) {
            return "a list";
        }
        if (key == HipChatKey.TOKEN) {
            return "not text (not shown)";
        }
        return value instanceof String text ? "\"" + Toml.tomlEscape(text) + "\"" : value.toString();
    }

    private static String allowed(HipChatKey key, String name, Object value) {
        if (key.type() == HipChatKey.Type.BOOLEAN) {
            return "are true and false, without quotes";
        }
        String example = key != HipChatKey.TOKEN && value instanceof Long number ? number.toString() : "...";
        return "is text in quotes: " + name + " = \"" + example + "\"";
    }

    /** Returns the spelling of {@code key} in {@code table}; the exact one comes first, as in Kapacitor's TOML reader. */
    private static Optional<String> find(String key, TomlTable table) {
        return table.keySet().stream()
                .filter(key::equalsIgnoreCase)
                .min(Comparator.comparing(name -> !name.equals(key)));
    }

    /** Looks up by path: a dot in a plain name would split it. */
    private static Object value(TomlTable table, String name) {
        return table.get(List.of(name));
    }

    private static String line(TomlTable table, String name) {
        return "line " + table.inputPositionOf(List.of(name)).line() + ": ";
    }

    private ConfigurationException notToml(int line, int column) {
        return problem("line " + line + ", column " + column + ": not valid TOML");
    }

    private ConfigurationException problem(String what) {
        return new ConfigurationException(SETTING + " is \"" + file + "\": " + what);
    }
}
