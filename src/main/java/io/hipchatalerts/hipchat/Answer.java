package io.hipchatalerts.hipchat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hipchatalerts.alert.Token;
import io.hipchatalerts.alert.Unicode;
import java.time.Instant;
import java.util.Optional;

/**
 * What one request to HipChat brought.
 *
 * @param verdict what it means
 * @param detail for people: HipChat's code and text, or why there is none; holds no token
 * @param notBefore when HipChat will listen again, if it says so
 */
record Answer(Verdict verdict, String detail, Optional<Instant> notBefore) {

    /** Stands in for an answer where no time was left to ask. */
    static final Answer NO_TRY = new Answer(Verdict.NOT_NOW, "no time was left to try", Optional.empty());

    private static final int LONGEST_TEXT = 1_000;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Stands in for an answer where HipChat has said before, to another delivery, that it takes nothing more. */
    static Answer quietUntil(Instant moment) {
        return new Answer(
                Verdict.NOT_NOW, "it takes no more messages for this room at the moment", Optional.of(moment));
    }

    /** HipChat has the message; whatever else it says is of no use to anybody. */
    static Answer accepted(int status) {
        return new Answer(Verdict.ACCEPTED, String.valueOf(status), Optional.empty());
    }

    /** An answer with a status other than those that accept. */
    static Answer of(int status, String body, Optional<Instant> notBefore, Token token) {
        String text = cut(token.redactedFrom(Unicode.mended(errorText(body))));
        return new Answer(Verdict.of(status), (status + " " + text).trim(), notBefore);
    }

    /** No answer. */
    static Answer of(Throwable failure, Token token) {
        Throwable root = failure;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        String text = root.getMessage() == null ? "" : ": " + root.getMessage();
        String detail = "no answer, " + root.getClass().getSimpleName() + text;
        return new Answer(Verdict.of(failure), cut(token.redactedFrom(detail)), Optional.empty());
    }

    /**
     * The text of HipChat's error object, {@code {"error": {"message": …}}}, or of the older {@code {"error": "…"}}
     * (K §1.4, §7.4); whatever else came is given as it is.
     */
    private static String errorText(String body) {
        try {
            JsonNode error = JSON.readTree(body).path("error");
            JsonNode text = error.isObject() ? error.path("message") : error;
            return text.isTextual() ? text.textValue() : body.strip();
        } catch (JsonProcessingException notHipChat) {
            return body.strip();
        }
    }

    private static String cut(String text) {
        return text.codePointCount(0, text.length()) <= LONGEST_TEXT
                ? text
                : text.substring(0, text.offsetByCodePoints(0, LONGEST_TEXT));
    }
}
