package io.hipchatalerts.kapacitor;

import io.hipchatalerts.alert.BadAlert;
import io.quarkus.runtime.configuration.ConfigurationException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/**
 * Reads {@code KAPACITOR_HIPCHAT_*} as Kapacitor does: empty means unset, and booleans are Go's (K §4.2). White
 * space around a value is dropped, as from every setting.
 */
final class KapacitorEnvironment {

    private static final Set<String> TRUE = Set.of("1", "t", "T", "TRUE", "true", "True");
    private static final Set<String> FALSE = Set.of("0", "f", "F", "FALSE", "false", "False");

    private KapacitorEnvironment() {}

    /**
     * Returns the settings in {@code environment}.
     *
     * @throws ConfigurationException if a boolean is invalid
     */
    static Map<HipChatKey, String> read(Map<String, String> environment) {
        Map<HipChatKey, String> values = new EnumMap<>(HipChatKey.class);
        for (HipChatKey key : HipChatKey.values()) {
            String text = environment.getOrDefault(key.inEnvironment(), "").strip();
            if (!text.isEmpty()) {
                values.put(key, key.type() == HipChatKey.Type.BOOLEAN ? bool(key, text) : text);
            }
        }
        return values;
    }

    private static String bool(HipChatKey key, String text) {
        if (!TRUE.contains(text) && !FALSE.contains(text)) {
            throw new ConfigurationException(key.inEnvironment() + " is " + BadAlert.quote(text)
                    + "; allowed are 1 t T TRUE true True and 0 f F FALSE false False");
        }
        return Boolean.toString(TRUE.contains(text));
    }
}
