package io.hipchatalerts.config;

import io.hipchatalerts.alert.BadAlert;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.eclipse.microprofile.config.Config;

/** Shows the value of a setting in an error text: in one line, in quotes, and without a secret. */
public final class ShownValue {

    private static final String TOKEN = "hipchat.token";
    private static final String INBOUND_TOKEN = "hipchat.inbound-token";

    private static final Pattern SECRET =
            Pattern.compile("hipchat\\.(inbound-)?token|quarkus\\..*(password|secret|secret-access-key|session-token)");

    /** Long enough for the name of a file. */
    private static final int LONGEST = 250;

    /** A shorter text is part of many words, and removing it would make a value unreadable. */
    private static final int SHORTEST_SECRET = 6;

    private static final Pattern SECRET_PARAMETER =
            Pattern.compile("([?&;][^=&\\s]*(?:token|password|user|secret|key)[^=&\\s]*=)[^&\"\\s]+");

    /** A user and password before the last {@code @}, since an unencoded password may have any character. */
    private static final Pattern LOGIN = Pattern.compile("(?s)^([^@]*?//)?.*@");

    private static final Pattern AUTHORITY = Pattern.compile("(?s)//(.*)");
    private static final Pattern HARMLESS =
            Pattern.compile("(?s)(\\*{3}@)?([\\w.-]+|\\[[^\\]@]*])?(:\\d*)?([/?#,].*)?");

    private ShownValue() {}

    /** Returns {@code key is "value"}, or for a secret {@code key (not shown)}. */
    public static String of(String key, String value, Config all) {
        return isSecret(key) ? key + " (not shown)" : key + " is " + BadAlert.quote(redacted(value, all), LONGEST);
    }

    /** Returns {@code message} in one line, without the logins and tokens in its addresses. */
    public static String inMessage(String message) {
        String redacted = SECRET_PARAMETER.matcher(message).replaceAll("$1***");
        return redacted.replaceAll("//[^\"\\s]*@", "//***@").replaceAll("\\s*\\R\\s*|\\p{Cc}", " ");
    }

    static boolean isSecret(String key) {
        return SECRET.matcher(key).matches();
    }

    private static String redacted(String value, Config all) {
        String redacted = SECRET_PARAMETER.matcher(value).replaceAll("$1***");
        Matcher login = LOGIN.matcher(redacted);
        if (value.contains(":") && login.find()) {
            redacted = (login.group(1) == null ? "" : login.group(1)) + "***@" + redacted.substring(login.end());
        }
        Matcher authority = AUTHORITY.matcher(redacted);
        if (authority.find() && !HARMLESS.matcher(authority.group(1)).matches()) {
            redacted = redacted.substring(0, authority.start(1)) + "***";
        }
        for (String secret : secrets(all)) {
            redacted = redacted.replace(secret, "***");
        }
        return redacted;
    }

    private static List<String> secrets(Config all) {
        // Environment variables may be listed by their own names alone.
        return Stream.concat(
                        StreamSupport.stream(all.getPropertyNames().spliterator(), false),
                        Stream.of(TOKEN, INBOUND_TOKEN))
                .filter(ShownValue::isSecret)
                .map(key -> all.getConfigValue(key).getValue())
                .filter(secret -> secret != null && secret.length() >= SHORTEST_SECRET)
                .toList();
    }
}
