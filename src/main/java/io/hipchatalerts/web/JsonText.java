package io.hipchatalerts.web;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.hipchatalerts.alert.BadAlert;
import java.io.IOException;

/** Reads JSON that somebody sent: one JSON text and nothing after it. */
public final class JsonText {

    private static final ObjectMapper STRICT = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private JsonText() {}

    /**
     * What {@code bytes} hold.
     *
     * @param what the words for them in an answer
     * @throws BadAlert unless it is one JSON text
     */
    public static JsonNode read(byte[] bytes, String what) {
        try {
            JsonNode read = STRICT.readTree(bytes);
            if (read.isMissingNode()) {
                throw new BadAlert(what + " is empty; send Kapacitor's alert event as JSON");
            }
            return read;
        } catch (StreamConstraintsException tooMuch) {
            throw new BadAlert(what + " is nested too deeply, or holds too long a number or name");
        } catch (JsonProcessingException notJson) {
            throw new BadAlert(what + " is not one JSON text" + place(notJson));
        } catch (IOException notText) {
            throw new BadAlert(what + " is not JSON in UTF-8");
        }
    }

    /** The place alone: Jackson's own words quote the body, where a token may stand. */
    private static String place(JsonProcessingException notJson) {
        return notJson.getLocation() == null
                ? ""
                : "; it goes wrong at line " + notJson.getLocation().getLineNr() + ", column "
                        + notJson.getLocation().getColumnNr();
    }
}
