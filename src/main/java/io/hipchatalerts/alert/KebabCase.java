package io.hipchatalerts.alert;

import java.util.Locale;

/** Enum constants as settings, answers, log lines and metrics write them: {@code NOT_ADDRESSED} is not-addressed. */
public final class KebabCase {

    private KebabCase() {}

    /** Returns the constant's name in kebab case. */
    public static String of(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
