package io.hipchatalerts.kapacitor;

import static java.util.stream.Collectors.toMap;

import io.hipchatalerts.alert.BadAlert;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.config.ConfigSourceContext;
import io.smallrye.config.ConfigSourceFactory;
import io.smallrye.config.PropertiesConfigSource;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.spi.ConfigSource;

/**
 * Makes Kapacitor's own configuration settings of this program. As in Kapacitor, its environment overrides its file (K
 * §4.1). Both override {@code config/application.properties} (260), and are overridden by {@code .env} (295) and stronger
 * sources.
 */
public final class KapacitorSettings implements ConfigSourceFactory {

    static final int ENVIRONMENT_RANK = 290;
    static final int FILE_RANK = 280;

    /** The config source by which Quarkus recognizes a build. */
    private static final String BUILD = "PropertiesConfigSource[source=Build system]";

    private final Map<String, String> environment;

    /** Creates the factory; it is registered as a service. */
    public KapacitorSettings() {
        this(System.getenv());
    }

    KapacitorSettings(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Iterable<ConfigSource> getConfigSources(ConfigSourceContext others) {
        if (others.getConfigSources().stream().anyMatch(source -> BUILD.equals(source.getName()))) {
            // The build would write the settings, with the token, into the program.
            return List.of();
        }
        List<ConfigSource> sources = new ArrayList<>();
        sources.add(source("KAPACITOR_HIPCHAT_*", ENVIRONMENT_RANK, KapacitorEnvironment.read(environment)));
        String file = others.getValue(KapacitorConf.SETTING).getValue();
        if (file != null && !file.isBlank()) {
            sources.add(source("[hipchat] in " + file, FILE_RANK, KapacitorConf.read(path(file.strip()))));
        }
        return sources;
    }

    private static Path path(String file) {
        try {
            return Path.of(file);
        } catch (InvalidPathException invalid) {
            throw new ConfigurationException(
                    KapacitorConf.SETTING + " is " + BadAlert.quote(file) + "; allowed is the name of a file");
        }
    }

    private static ConfigSource source(String name, int rank, Map<HipChatKey, String> settings) {
        return new PropertiesConfigSource(
                settings.entrySet().stream()
                        .filter(setting -> !setting.getValue().isBlank())
                        .collect(toMap(
                                setting -> setting.getKey().inSettings(), setting -> literally(setting.getValue()))),
                name,
                rank);
    }

    /**
     * Escapes text, since Kapacitor has no expressions and SmallRye has. Two dollars mean one. A backslash before a dollar
     * would be an escape, so it becomes the default value of a setting that does not exist.
     */
    private static String literally(String text) {
        return text.replace("$", "$$").replace("\\", "${hipchat-alerts.backslash:\\}");
    }
}
