package io.hipchatalerts.http.dev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A room notification")
class PostedNotificationTest {

    @Test
    void aMessageAloneGetsHipChatsDefaults() {
        PostedNotification notification = PostedNotification.read("{\"message\":\"hello\"}");

        assertThat(notification).isEqualTo(new PostedNotification("hello", "html", "yellow", false, ""));
    }

    @Test
    void everyFieldIsKeptAndUnknownOnesAreIgnored() {
        String body = new JsonObject()
                .put("message", "a < b")
                .put("message_format", "text")
                .put("color", "random")
                .put("notify", true)
                .put("from", "kapacitor")
                .put(
                        "card",
                        new JsonObject().put("style", "link").put("id", "7").put("title", "cpu"))
                .encode();

        PostedNotification notification = PostedNotification.read(body);

        assertThat(notification).isEqualTo(new PostedNotification("a < b", "text", "random", true, "kapacitor"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"m", "🔔"})
    void textsOfTheMaximumLengthAreAccepted(String character) {
        String body = new JsonObject()
                .put("message", character.repeat(10_000))
                .put("from", character.repeat(64))
                .encode();

        PostedNotification notification = PostedNotification.read(body);

        assertThat(notification.message()).isEqualTo(character.repeat(10_000));
        assertThat(notification.from()).isEqualTo(character.repeat(64));
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            message        | {}                                          | string  | required  | Required field 'message' is missing
            message        | {"message":""}                              | string  | minLength | Length of value u'' for field 'message' must be greater than or equal to 1
            message        | {"message":null}                            | string  | type      | Value None for field 'message' is not of type 'string'
            message        | {"message":7}                               | string  | type      | Value 7 for field 'message' is not of type 'string'
            message        | {"message":["x"]}                           | string  | type      | Value ["x"] for field 'message' is not of type 'string'
            message_format | {"message":"x","message_format":"markdown"} | string  | enum      | Value u'markdown' for field 'message_format' is not in the enumeration: [html, text]
            message_format | {"message":"x","message_format":true}       | string  | type      | Value True for field 'message_format' is not of type 'string'
            color          | {"message":"x","color":"grey"}              | string  | enum      | Value u'grey' for field 'color' is not in the enumeration: [yellow, green, red, purple, gray, random]
            color          | {"message":"x","color":"RED"}               | string  | enum      | Value u'RED' for field 'color' is not in the enumeration: [yellow, green, red, purple, gray, random]
            notify         | {"message":"x","notify":"true"}             | boolean | type      | Value u'true' for field 'notify' is not of type 'boolean'
            notify         | {"message":"x","notify":1}                  | boolean | type      | Value 1 for field 'notify' is not of type 'boolean'
            from           | {"message":"x","from":false}                | string  | type      | Value False for field 'from' is not of type 'string'
            attach_to      | {"message":"x","attach_to":"1234567890123456789012345678901234567"} | string | maxLength | Length of value u'1234567890123456789012345678901234567' for field 'attach_to' must be less than or equal to 36
            card           | {"message":"x","card":"y"}                  | object  | type      | Value u'y' for field 'card' is not of type 'object'
            style          | {"message":"x","card":{}}                   | string  | required  | Required field 'style' is missing
            style          | {"message":"x","card":{"style":"y","id":"7","title":"z"}}   | string | enum | Value u'y' for field 'style' is not in the enumeration: [file, image, application, link, media]
            id             | {"message":"x","card":{"style":"link","title":"z"}}         | string | required | Required field 'id' is missing
            id             | {"message":"x","card":{"style":"link","id":7,"title":"z"}}  | string | type | Value 7 for field 'id' is not of type 'string'
            title          | {"message":"x","card":{"style":"link","id":"7"}}            | string | required | Required field 'title' is missing
            title          | {"message":"x","card":{"style":"link","id":"7","title":""}} | string | minLength | Length of value u'' for field 'title' must be greater than or equal to 1
            """)
    void anInvalidFieldIsRefusedWithHipChatsError(
            String field, String body, String expectedType, String validation, String message) {
        RefusedException refused = refusalOf(body);

        JsonObject error = refused.body().getJsonObject("error");
        assertThat(error.getMap().keySet())
                .containsExactlyInAnyOrder("code", "expected_type", "field", "message", "type", "validation", "value");
        assertThat(error.getInteger("code")).isEqualTo(400);
        assertThat(error.getString("type")).isEqualTo("Bad Request");
        assertThat(error.getString("field")).isEqualTo(field);
        assertThat(error.getString("expected_type")).isEqualTo(expectedType);
        assertThat(error.getString("validation")).isEqualTo(validation);
        assertThat(error.getString("message")).isEqualTo(message);
        JsonObject whole = new JsonObject(body);
        JsonObject owner = whole.getValue("card") instanceof JsonObject card ? card : whole;
        assertThat(error.getValue("value")).isEqualTo(owner.getValue(field));
    }

    @ParameterizedTest
    @CsvSource({"message, 10001", "from, 65"})
    void aTextThatIsTooLongIsRefused(String field, int length) {
        String body = new JsonObject()
                .put("message", "x")
                .put(field, "y".repeat(length))
                .encode();

        RefusedException refused = refusalOf(body);

        JsonObject error = refused.body().getJsonObject("error");
        assertThat(error.getString("field")).isEqualTo(field);
        assertThat(error.getString("validation")).isEqualTo("maxLength");
        assertThat(error.getString("message"))
                .as("a text that is short enough to be read in a log")
                .hasSizeLessThan(250)
                .endsWith("must be less than or equal to " + (length - 1));
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "hello", "[]", "\"text\"", "{\"message\":\"x\"} more", "{\"message\":"})
    void aBodyThatIsNoJsonObjectIsRefused(String body) {
        RefusedException refused = refusalOf(body);

        assertThat(refused.code()).isEqualTo(400);
        assertThat(refused).hasMessage("The request body is not a JSON object");
    }

    private static RefusedException refusalOf(String body) {
        return catchThrowableOfType(RefusedException.class, () -> PostedNotification.read(body));
    }
}
