package io.hipchatalerts.hipchat;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.hipchatalerts.alert.KebabCase;
import io.hipchatalerts.alert.Level;
import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.config.HipChatConfig.Color;

/**
 * A room notification (K §7.2).
 *
 * @param from the label beside the sender's name, at most 64 characters
 * @param color one of HipChat's colours
 * @param message 1 to 10 000 characters
 * @param notifies whether HipChat alerts its users to the message
 * @param messageFormat {@code html} or {@code text}
 */
public record Notification(
        String from,
        String color,
        String message,
        @JsonProperty("notify") boolean notifies,
        @JsonProperty("message_format") String messageFormat) {

    /** Returns the notification for an alert. It cuts {@code message} to the length that HipChat accepts. */
    public static Notification of(Level level, String message, HipChatConfig config) {
        String cut = MessageFormat.cut(message);
        return of(level, cut, format(cut, config.messageFormat()), config);
    }

    /** Returns the notification for a digest, whose worst level is {@code level}. */
    public static Notification ofDigest(Level level, String text, HipChatConfig config) {
        return of(level, text, "text", config);
    }

    private static Notification of(Level level, String message, String format, HipChatConfig config) {
        return new Notification(
                config.from(), KebabCase.of(color(level, config.color())), message, config.notifies(), format);
    }

    /**
     * Returns the notification of a check. The room shows it if this HipChat does not support {@code auth_test}
     * (K §7.5).
     */
    static Notification ofCheck(HipChatConfig config) {
        return new Notification(config.from(), "gray", "hipchat-alerts checks its room and token", false, "text");
    }

    private static Color color(Level level, HipChatConfig.ColorConfig colors) {
        return switch (level) {
            case OK -> colors.ok();
            case INFO -> colors.info();
            case WARNING -> colors.warning();
            case CRITICAL -> colors.critical();
        };
    }

    private static String format(String message, HipChatConfig.Format format) {
        return switch (format) {
            case HTML, TEXT -> KebabCase.of(format);
            case AUTO -> MessageFormat.holdsHtml(message) ? "html" : "text";
        };
    }
}
