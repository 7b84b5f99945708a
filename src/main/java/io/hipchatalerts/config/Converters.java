package io.hipchatalerts.config;

import io.hipchatalerts.alert.DurationText;
import io.hipchatalerts.alert.Token;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Locale;
import org.eclipse.microprofile.config.spi.Converter;

/**
 * Converters of single settings. Their exceptions name what is allowed; {@code StartFailure} adds the key and the value.
 */
public final class Converters {

    private Converters() {}

    /** Reads a boolean. SmallRye's own converter reads {@code perhaps} as false. */
    public static final class StrictBoolean implements Converter<Boolean> {
        private static final long serialVersionUID = 1L;

        @Override
        public Boolean convert(String value) {
            return switch (value.trim().toLowerCase(Locale.ROOT)) {
                case "true" -> true;
                case "false" -> false;
                default -> throw new IllegalArgumentException("allowed are true and false");
            };
        }
    }

    /** Reads a duration as an event's options have it. */
    public static final class PositiveDuration implements Converter<Duration> {
        private static final long serialVersionUID = 1L;

        @Override
        public Duration convert(String value) {
            return DurationText.parse(value.trim())
                    .orElseThrow(() -> new IllegalArgumentException("allowed is " + DurationText.ALLOWED));
        }
    }

    /** The number of alerts that make a digest. */
    public static final class DigestSize implements Converter<Integer> {
        private static final long serialVersionUID = 1L;

        @Override
        public Integer convert(String value) {
            try {
                int size = Integer.parseInt(value.trim());
                if (size == 0 || size >= 2) {
                    return size;
                }
            } catch (NumberFormatException noNumber) {
                // Refused below, like every other number that is not allowed.
            }
            throw new IllegalArgumentException("allowed are 0 (never) and whole numbers from 2 on");
        }
    }

    /** An absolute http or https address. */
    public static final class HttpAddress implements Converter<URI> {
        private static final long serialVersionUID = 1L;

        @Override
        public URI convert(String value) {
            try {
                URI address = new URI(value.trim());
                if (("http".equalsIgnoreCase(address.getScheme()) || "https".equalsIgnoreCase(address.getScheme()))
                        && address.getHost() != null
                        && address.getRawQuery() == null
                        && address.getRawFragment() == null) {
                    return address;
                }
            } catch (URISyntaxException notAnAddress) {
                // The exception below covers it.
            }
            throw new IllegalArgumentException(
                    "allowed is an absolute http or https address such as https://subdomain.hipchat.com/v2/room");
        }
    }

    /** Reads a secret. {@link ConfigCheck} validates it, since an exception thrown here would be shown with the value. */
    public static final class Secret implements Converter<Token> {
        private static final long serialVersionUID = 1L;

        @Override
        public Token convert(String value) {
            return value.isEmpty() ? null : new Token(value);
        }
    }
}
