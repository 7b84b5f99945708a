package io.hipchatalerts.hipchat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hipchatalerts.alert.Level;
import io.hipchatalerts.config.TestConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NotificationTest {

    @Test
    void itsJsonIsWhatHipChatExpects() throws JsonProcessingException {
        Notification notification = Notification.of(Level.CRITICAL, "cpu is CRITICAL", TestConfig.with());

        assertThat(new ObjectMapper().writeValueAsString(notification))
                .isEqualTo("{\"from\":\"kapacitor\",\"color\":\"red\",\"message\":\"cpu is CRITICAL\","
                        + "\"notify\":true,\"message_format\":\"text\"}");
    }

    @Test
    void labelAndNotifyAreConfigured() {
        Notification notification =
                Notification.of(Level.OK, "x", TestConfig.with("from", "alerts", "notify", "false"));

        assertThat(notification).isEqualTo(new Notification("alerts", "green", "x", false, "text"));
    }

    @ParameterizedTest
    @CsvSource({"OK, green, purple", "INFO, green, gray", "WARNING, yellow, random", "CRITICAL, red, yellow"})
    void eachLevelHasItsColour(Level level, String byDefault, String configured) {
        assertThat(Notification.of(level, "x", TestConfig.with()).color()).isEqualTo(byDefault);
        assertThat(Notification.of(
                                level,
                                "x",
                                TestConfig.with(
                                        "color.ok", "purple",
                                        "color.info", "gray",
                                        "color.warning", "random",
                                        "color.critical", "yellow"))
                        .color())
                .isEqualTo(configured);
    }

    @ParameterizedTest
    @CsvSource({
        "auto, plain, text",
        "auto, a < b, text",
        "auto, <no value>, text",
        "auto, <b>x</b>, html",
        "auto, a &gt; b, html",
        "html, plain, html",
        "html, a < b, html",
        "text, <b>x</b>, text"
    })
    void theFormatIsConfiguredOrFoundInTheMessage(String configured, String message, String format) {
        assertThat(Notification.of(Level.OK, message, TestConfig.with("message-format", configured))
                        .messageFormat())
                .isEqualTo(format);
    }

    @Test
    void aLongMessageIsCutBeforeItsFormatIsFound() {
        Notification notification = Notification.of(Level.OK, "x".repeat(9_998) + "<b>x</b>", TestConfig.with());

        assertThat(notification.message()).isEqualTo("x".repeat(9_998) + "<…");
        assertThat(notification.messageFormat()).isEqualTo("text");
    }

    @Test
    void aCheckNotifiesNobody() {
        Notification check = Notification.ofCheck(TestConfig.with("from", "alerts", "notify", "true"));

        assertThat(check.from()).isEqualTo("alerts");
        assertThat(check.notifies()).isFalse();
    }
}
