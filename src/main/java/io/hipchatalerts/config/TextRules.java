package io.hipchatalerts.config;

import io.hipchatalerts.alert.Unicode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigValue;

/**
 * Checks the settings as text: those that no converter of ours reads, since they are Quarkus' own, and what holds for all.
 * Quarkus itself reports some of them with a stack trace, others with the first alert, and others never.
 */
public final class TextRules {

    /** The longest value. Most servers accept headers of 8 KiB in all, so a longer token is none. */
    static final int LONGEST = 8 * 1024;

    private static final Pattern DATABASE = Pattern.compile("(/(\\d{1,9})?)?(\\?.*)?");
    private static final Pattern REGION = Pattern.compile("[A-Za-z0-9-]{1,64}");
    private static final Pattern HOST_AND_PORT = Pattern.compile("(?:[\\w.-]{1,253}|\\[[0-9A-Fa-f:.]+]):0*(\\d{1,5})");
    private static final int HIGHEST_PORT = 65_535;
    private static final Pattern CERTIFICATE =
            Pattern.compile("-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----");

    /** Names of TLS configurations that need no setting. */
    private static final Set<String> GIVEN_TLS_NAMES = Set.of("<default>", "javax.net.ssl");

    private record Rule(Pattern key, BiPredicate<String, Config> accepts, String allowed) {

        Rule(String key, BiPredicate<String, Config> accepts, String allowed) {
            this(Pattern.compile(key), accepts, allowed);
        }
    }

    private static final List<Rule> RULES = List.of(
            new Rule(
                    StrippedValues.DOCUMENTED.pattern(),
                    (value, all) -> value.length() <= LONGEST
                            && value.chars().noneMatch(Character::isISOControl)
                            && Unicode.isWhole(value),
                    "allowed is text without control characters, of at most " + LONGEST + " characters"),
            new Rule(
                    "quarkus\\.redis\\.hosts",
                    TextRules::areRedisHosts,
                    "allowed is one address such as redis://:password@localhost:6379 (several with"
                            + " quarkus.redis.client-type=cluster or sentinel), special characters of a password"
                            + " percent-encoded (@ is %40)"),
            new Rule(
                    "quarkus\\.(redis|rest-client\\.hipchat)\\.tls-configuration-name",
                    TextRules::isTlsName,
                    "allowed is the NAME of settings quarkus.tls.NAME, and there are none of this name"),
            new Rule(
                    "quarkus\\.tls\\.(.+\\.)?trust-store\\.pem\\.certs(\\[\\d+])?",
                    (value, all) ->
                            Stream.of(value.split(",")).map(String::strip).allMatch(TextRules::isPemFile),
                    "allowed are readable files with certificates in PEM format"),
            new Rule(
                    "quarkus\\.tls\\.(.+\\.)?trust-all|quarkus\\.rest-client\\.(.+\\.)?verify-host",
                    (value, all) -> value.equalsIgnoreCase("true") || value.equalsIgnoreCase("false"),
                    "allowed are true and false"),
            new Rule(
                    "quarkus\\.rest-client\\.(.+\\.)?proxy-address",
                    (value, all) -> value.equals("none") || isHostAndPort(value),
                    "allowed is a host and its port, such as proxy.example.com:3128"),
            new Rule(
                    "quarkus\\.dynamodb\\.aws\\.region",
                    (value, all) -> REGION.matcher(value).matches(),
                    "allowed is a region such as eu-central-1"),
            new Rule(
                    "quarkus\\.dynamodb\\.endpoint-override",
                    (value, all) -> Address.parse(value)
                            .filter(Address::isHttp)
                            .filter(it -> !it.hasUnderscore() && it.userInfo().isEmpty())
                            .isPresent(),
                    "allowed is an http or https address such as http://localhost:8000, without a user and without an"
                            + " underscore in the host's name"));

    private TextRules() {}

    /** Returns the first problem, in one line that names the key and shows no secret. */
    public static Optional<String> problem(Config all) {
        return StreamSupport.stream(all.getPropertyNames().spliterator(), false)
                .filter(key -> StrippedValues.DOCUMENTED.matcher(key).matches())
                // Quarkus has a second name for the REST client's keys, with the interface in quotes.
                .sorted(Comparator.<String, Boolean>comparing(key -> key.contains("\""))
                        .thenComparing(key -> key))
                .flatMap(key -> problem(key, all).stream())
                .findFirst();
    }

    /** Returns the problem of one setting in the same way. */
    public static Optional<String> problem(String key, Config all) {
        ConfigValue setting = all.getConfigValue(key);
        String value = setting.getValue();
        if (value == null
                && setting.getRawValue() != null
                && setting.getRawValue().contains("${")) {
            return Optional.of(key + " contains ${...}, which stands for the setting of that name, and there is none;"
                    + " write $${...} for the characters themselves");
        }
        if (value == null || value.isEmpty()) {
            return Optional.empty();
        }
        return RULES.stream()
                .filter(rule -> rule.key().matcher(key).matches())
                .filter(rule -> !rule.accepts().test(value, all))
                .map(rule -> ShownValue.of(key, value, all) + "; " + rule.allowed())
                .findFirst();
    }

    private static boolean areRedisHosts(String value, Config all) {
        List<String> hosts = Stream.of(value.split(",")).map(String::strip).toList();
        boolean takesSeveral = all.getOptionalValue("quarkus.redis.client-type", String.class)
                .filter(type -> !type.equalsIgnoreCase("standalone"))
                .isPresent();
        return (hosts.size() == 1 || takesSeveral) && hosts.stream().allMatch(TextRules::isRedisHost);
    }

    private static boolean isRedisHost(String text) {
        return Address.parse(text)
                .filter(it -> it.scheme().equals("redis") || it.scheme().equals("rediss"))
                .filter(it -> DATABASE.matcher(it.rest()).matches())
                .isPresent();
    }

    private static boolean isTlsName(String name, Config all) {
        return GIVEN_TLS_NAMES.contains(name)
                || StreamSupport.stream(all.getPropertyNames().spliterator(), false)
                        .anyMatch(key -> key.startsWith("quarkus.tls." + name + ".")
                                || key.startsWith("quarkus.tls.\"" + name + "\"."));
    }

    private static boolean isHostAndPort(String value) {
        Matcher parts = HOST_AND_PORT.matcher(value);
        return parts.matches()
                && Integer.parseInt(parts.group(1)) > 0
                && Integer.parseInt(parts.group(1)) <= HIGHEST_PORT;
    }

    private static boolean isPemFile(String path) {
        try {
            Matcher certificates = CERTIFICATE.matcher(Files.readString(Path.of(path), StandardCharsets.ISO_8859_1));
            CertificateFactory reader = CertificateFactory.getInstance("X.509");
            boolean found = false;
            while (certificates.find()) {
                byte[] certificate = Base64.getMimeDecoder().decode(certificates.group(1));
                reader.generateCertificate(new ByteArrayInputStream(certificate));
                found = true;
            }
            return found;
        } catch (IOException | CertificateException | IllegalArgumentException unusable) {
            return false;
        }
    }
}
