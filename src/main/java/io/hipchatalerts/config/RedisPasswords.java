package io.hipchatalerts.config;

import io.hipchatalerts.alert.Token;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.Config;

/** Finds the passwords of the Redis servers. A server may repeat the command that it refuses, with the password in it. */
public final class RedisPasswords {

    /** The user info of an address, and the parameter of Vert.x. */
    private static final Pattern IN_ADDRESS =
            Pattern.compile("//(?:[^:/@,\\s]*:)?+([^/,\\s]*)@|[?&]password=([^&,\\s]+)");

    private RedisPasswords() {}

    /** Returns the passwords in {@code quarkus.redis.password} and in {@code quarkus.redis.hosts}. */
    public static List<Token> of(Config all) {
        Stream<String> inAddresses = all.getOptionalValue("quarkus.redis.hosts", String.class).stream()
                .flatMap(hosts -> IN_ADDRESS.matcher(hosts).results())
                .map(match -> match.group(1) == null ? match.group(2) : match.group(1))
                .map(RedisPasswords::decoded);
        Optional<String> password = all.getOptionalValue("quarkus.redis.password", String.class);
        return Stream.concat(password.stream(), inAddresses).map(Token::new).toList();
    }

    private static String decoded(String password) {
        try {
            return URLDecoder.decode(password.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException notEncoded) {
            return password;
        }
    }
}
