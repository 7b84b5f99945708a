package io.hipchatalerts.web;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.hipchatalerts.alert.BadAlert;
import java.io.IOException;

/** Reads input that must be one JSON text. */
public final class JsonText {

    private static final ObjectMapper STRICT = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private JsonText() {}

    /**
     * Parses {@code bytes}.
     *
     * @param what the input's name in an error text
     * @throws BadAlert unless they are one JSON text
     */
    public static JsonNode read(byte[] bytes, String what) {
        try {
            JsonNode read = STRICT.readTree(bytes);
            if (read.isMissingNode()) {
                throw new BadAlert(what + " is empty; send Kapacitor's alert event as JSON");
            }
            return read;
        } catch (StreamConstraintsException tooMuch) {
            throw new BadAlert(what + " is nested too deeply, or contains a number or name that is too long");
        } catch (JsonProcessingException notJson) {
            throw new BadAlert(what + " is not one JSON text" + BadAlert.place(notJson));
        } catch (IOException notText) {
            throw new BadAlert(what + " is not JSON in UTF-8");
        }
    }
}
