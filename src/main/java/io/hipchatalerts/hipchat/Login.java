package io.hipchatalerts.hipchat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hipchatalerts.alert.Token;
import java.net.URI;
import java.util.Base64;

/**
 * The user and password in {@code hipchat.url}, for a server in front of HipChat that asks for them. A secret like the
 * token: only {@link #header()} shows it.
 */
record Login(String userInfo) {

    /** Returns the login that {@code userInfo} is, with its percent-encoding. */
    static Login ofEncoded(String userInfo) {
        return new Login(URI.create("any://" + userInfo + "@host").getUserInfo());
    }

    /** Returns the value of the header {@code Authorization}. */
    String header() {
        return "Basic " + encoded();
    }

    /** Returns {@code text} without the password, plain or as the header has it. */
    String redactedFrom(String text) {
        Token password = new Token(userInfo.substring(userInfo.indexOf(':') + 1));
        return password.redactedFrom(new Token(encoded()).redactedFrom(text));
    }

    private String encoded() {
        return Base64.getEncoder().encodeToString(userInfo.getBytes(UTF_8));
    }

    @Override
    public String toString() {
        return "***";
    }
}
