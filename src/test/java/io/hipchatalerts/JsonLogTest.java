package io.hipchatalerts;

import static io.hipchatalerts.alert.Level.OK;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hipchatalerts.outcome.LogLine;
import io.hipchatalerts.outcome.LogText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.Level;
import org.junit.jupiter.api.Test;

class JsonLogTest {

    private final JsonLog.Lines lines = new JsonLog.Lines();

    @Test
    void anExceptionIsInsideTheObject() {
        ExtLogRecord record = record("it broke");
        record.setThrown(new IllegalStateException("first\nsecond", new IOException("cause")));

        JsonNode line = line(record);

        assertThat(line.path("message").asText()).isEqualTo("it broke");
        assertThat(line.path("stackTrace").asText())
                .contains("java.lang.IllegalStateException: first\nsecond", "\tat ", "Caused by: ", "cause");
    }

    @Test
    void aLineThatIsNoEventsHasNoAlert() {
        ExtLogRecord record = record("%s of %s");
        record.setParameters(new Object[] {1, 2});

        assertThat(line(record).path("message").asText()).isEqualTo("1 of 2");
        assertThat(line(record).has("alert")).isFalse();
        record.setParameters(new Object[0]);
        assertThat(line(record).has("alert")).isFalse();
    }

    @Property(seed = "20260502")
    void noTextBreaksALineOrChanges(@ForAll String text) {
        ExtLogRecord record = record("%s");
        record.setParameters(new Object[] {text});
        assertThat(line(record).path("message").asText()).isEqualTo(text);

        record.setParameters(
                new Object[] {LogLine.of(text, OK, Optional.empty()).plain("ms", 2L)});

        JsonNode line = line(record);

        assertThat(line.path("message").asText()).isEqualTo("id=" + LogText.quoted(text) + " level=OK topic=- ms=2");
        assertThat(line.at("/alert/id").asText()).isEqualTo(text);
        assertThat(line.at("/alert/ms").isNumber()).isTrue();
    }

    private static ExtLogRecord record(String message) {
        return new ExtLogRecord(Level.INFO, message, ExtLogRecord.FormatStyle.PRINTF, "io.hipchatalerts.alert");
    }

    private JsonNode line(ExtLogRecord record) {
        String line = lines.format(record);
        assertThat(line).matches("[ -~]+\n");
        try {
            return new ObjectMapper().readTree(line);
        } catch (IOException notJson) {
            throw new UncheckedIOException(line, notJson);
        }
    }
}
