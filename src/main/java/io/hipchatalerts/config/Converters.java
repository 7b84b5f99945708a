package io.hipchatalerts.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hipchatalerts.alert.DurationText;
import io.hipchatalerts.alert.Token;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
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
            return switch (value.toLowerCase(Locale.ROOT)) {
                case "true" -> true;
                case "false" -> false;
                default -> throw new IllegalArgumentException("allowed are true and false");
            };
        }
    }

    /** Reads a duration as an event's options have it. */
    public static final class PositiveDuration implements Converter<Duration> {
        private static final long serialVersionUID = 1L;

        /** Beyond a hundred years, the clients' timers overflow. */
        private static final Duration LONGEST = Duration.ofDays(36_500);

        @Override
        public Duration convert(String value) {
            return DurationText.parse(value)
                    .filter(duration -> duration.compareTo(LONGEST) <= 0)
                    .orElseThrow(() -> new IllegalArgumentException(
                            "allowed is " + DurationText.ALLOWED + ", of at most " + LONGEST.toDays() + "d"));
        }
    }

    /** The number of alerts that make a digest. */
    public static final class DigestSize implements Converter<Integer> {
        private static final long serialVersionUID = 1L;

        @Override
        public Integer convert(String value) {
            try {
                int size = Integer.parseInt(value);
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
    public static final class HttpAddress implements Converter<Address> {
        private static final long serialVersionUID = 1L;

        @Override
        public Address convert(String value) {
            return Address.parse(value)
                    .filter(Address::isHttp)
                    .filter(address ->
                            !address.rest().contains("?") && !address.rest().contains("#"))
                    .orElseThrow(() -> new IllegalArgumentException("allowed is an absolute http or https address such"
                            + " as https://subdomain.hipchat.com/v2/room"));
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

    /** Reads a secret from the file with the given name. Its exceptions contain nothing of the file's content. */
    public static final class SecretFile implements Converter<Token> {
        private static final long serialVersionUID = 1L;

        private static final String ALLOWED =
                "allowed is a readable file of at most " + TextRules.LONGEST + " bytes that contains the token";

        @Override
        public Token convert(String value) {
            if (value.isEmpty()) {
                return null;
            }
            String text = content(value).strip();
            if (text.isEmpty()) {
                throw new IllegalArgumentException(ALLOWED + "; this one is empty");
            }
            Token token = new Token(text);
            if (token.problem(value).isPresent()) {
                throw new IllegalArgumentException(ALLOWED + ", in printable ASCII characters");
            }
            return token;
        }

        private static String content(String name) {
            try {
                Path file = Path.of(name);
                if (!Files.isRegularFile(file)) {
                    // A read from a pipe could wait forever.
                    throw new IllegalArgumentException(
                            ALLOWED + (Files.exists(file) ? "; this is no file" : "; there is none of this name"));
                }
                try (InputStream in = Files.newInputStream(file)) {
                    byte[] content = in.readNBytes(TextRules.LONGEST + 1);
                    if (content.length > TextRules.LONGEST) {
                        throw new IllegalArgumentException(ALLOWED + "; this one is longer");
                    }
                    return new String(content, UTF_8);
                }
            } catch (IOException | InvalidPathException unreadable) {
                throw new IllegalArgumentException(ALLOWED + "; this one cannot be read");
            }
        }
    }
}
