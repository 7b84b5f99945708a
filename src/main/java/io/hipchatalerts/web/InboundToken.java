package io.hipchatalerts.web;

import io.hipchatalerts.alert.Token;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;

/** Checks the token that callers must present. */
public final class InboundToken {

    private InboundToken() {}

    /**
     * Returns whether {@code authorization} contains {@code token}, as {@code Bearer} or as the password of {@code Basic},
     * which Kapacitor's {@code basic-auth} sends (K §5.2). Compares in constant time.
     *
     * @param authorization the header's value
     */
    public static boolean isPresentedBy(Optional<String> authorization, Token token) {
        String[] parts = authorization.orElse("").trim().split("\\s+", 2);
        if (parts.length < 2) {
            return false;
        }
        return switch (parts[0].toLowerCase(Locale.ROOT)) {
            case "bearer" -> isSame(parts[1], token);
            case "basic" -> isSame(password(parts[1]), token);
            default -> false;
        };
    }

    private static String password(String credentials) {
        try {
            String decoded = new String(Base64.getDecoder().decode(credentials), StandardCharsets.UTF_8);
            int colon = decoded.indexOf(':');
            return colon < 0 ? "" : decoded.substring(colon + 1);
        } catch (IllegalArgumentException notBase64) {
            return "";
        }
    }

    private static boolean isSame(String presented, Token token) {
        return MessageDigest.isEqual(
                presented.getBytes(StandardCharsets.UTF_8), token.value().getBytes(StandardCharsets.UTF_8));
    }
}
