package io.hipchatalerts.kapacitor;

import static java.util.stream.Collectors.toMap;

import io.smallrye.config.ConfigSourceContext;
import io.smallrye.config.ConfigSourceFactory;
import io.smallrye.config.PropertiesConfigSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.spi.ConfigSource;

/**
 * Kapacitor's own configuration as settings of this program. Rank, strongest first, as in Kapacitor (K §4.1): its
 * environment, its file; both are weaker than what is meant for this program alone and than {@code .env} (295), and
 * stronger than {@code config/application.properties} (260).
 */
public final class KapacitorSettings implements ConfigSourceFactory {

    static final int ENVIRONMENT_RANK = 290;
    static final int FILE_RANK = 280;

    /** What Quarkus itself knows its build by. */
    private static final String BUILD = "PropertiesConfigSource[source=Build system]";

    private final Map<String, String> environment;

    /** Registered as a service. */
    public KapacitorSettings() {
        this(System.getenv());
    }

    KapacitorSettings(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Iterable<ConfigSource> getConfigSources(ConfigSourceContext others) {
        if (others.getConfigSources().stream().anyMatch(source -> BUILD.equals(source.getName()))) {
            // The build would write what it finds, the token too, into the program; and the file need not be there yet.
            return List.of();
        }
        List<ConfigSource> sources = new ArrayList<>();
        sources.add(source("KAPACITOR_HIPCHAT_*", ENVIRONMENT_RANK, KapacitorEnvironment.read(environment)));
        String file = others.getValue(KapacitorConf.SETTING).getValue();
        if (file != null && !file.isEmpty()) {
            sources.add(source("[hipchat] in " + file, FILE_RANK, KapacitorConf.read(Path.of(file))));
        }
        return sources;
    }

    private static ConfigSource source(String name, int rank, Map<HipChatKey, String> settings) {
        return new PropertiesConfigSource(
                settings.entrySet().stream()
                        .filter(setting -> !setting.getValue().isEmpty())
                        .collect(toMap(
                                setting -> setting.getKey().inSettings(), setting -> literally(setting.getValue()))),
                name,
                rank);
    }

    /**
     * Text that SmallRye takes as it stands; Kapacitor knows no expressions. Two dollars are one, and a backslash is
     * written as the default of a setting that there is not, for before a dollar it would be taken as an escape.
     */
    private static String literally(String text) {
        return text.replace("$", "$$").replace("\\", "${hipchat-alerts.backslash:\\}");
    }
}
