package io.hipchatalerts;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.config.HipChatConfig.LogFormat;
import io.hipchatalerts.outcome.LogLine;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;
import java.io.IOException;
import java.io.Writer;
import java.util.Map;
import java.util.logging.Handler;
import org.jboss.logmanager.ExtHandler;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.LogContext;
import org.jboss.logmanager.formatters.StructuredFormatter;

/** Writes the log as JSON, one object per line, if {@code hipchat.log-format} says so. */
@ApplicationScoped
class JsonLog {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Runs before the program's other observers can log. */
    void atStart(@Observes @Priority(Interceptor.Priority.PLATFORM_BEFORE) StartupEvent start, HipChatConfig config) {
        if (config.logFormat() == LogFormat.JSON) {
            write(LogContext.getLogContext().getLogger("").getHandlers(), new Lines());
        }
    }

    /**
     * Sets the formatter of nested handlers, too: Quarkus wraps its handlers in a handler that delays the first lines.
     */
    private static void write(Handler[] handlers, Lines lines) {
        for (Handler handler : handlers) {
            handler.setFormatter(lines);
            if (handler instanceof ExtHandler outer) {
                write(outer.getHandlers(), lines);
            }
        }
    }

    /**
     * Writes the log manager's own fields. The fields of an event are under {@code alert}, because both have a
     * {@code level}. The log manager's own JSON formatter needs a library that its class loader cannot see.
     */
    static final class Lines extends StructuredFormatter {

        Lines() {
            setExceptionOutputType(ExceptionOutputType.FORMATTED);
        }

        @Override
        protected Generator createGenerator(Writer writer) throws IOException {
            // Plain ASCII contains nothing that breaks or reorders a line, and suits every console's encoding.
            return new Json(JSON.createGenerator(writer).setHighestNonEscapedChar('~'));
        }

        @Override
        protected void after(Generator line, ExtLogRecord record) throws Exception {
            Object[] parameters = record.getParameters();
            if (parameters != null && parameters.length > 0 && parameters[0] instanceof LogLine alert) {
                line.add("alert", alert.fields());
            }
        }

        private record Json(JsonGenerator json) implements Generator {

            @Override
            public Generator begin() throws IOException {
                json.writeStartObject();
                return this;
            }

            @Override
            public Generator add(String key, int value) throws IOException {
                json.writeNumberField(key, value);
                return this;
            }

            @Override
            public Generator add(String key, long value) throws IOException {
                json.writeNumberField(key, value);
                return this;
            }

            @Override
            public Generator add(String key, Map<String, ?> value) throws IOException {
                json.writePOJOField(key, value);
                return this;
            }

            @Override
            public Generator add(String key, String value) throws IOException {
                json.writeStringField(key, value);
                return this;
            }

            @Override
            public Generator startObject(String key) throws IOException {
                json.writeObjectFieldStart(key);
                return this;
            }

            @Override
            public Generator endObject() throws IOException {
                json.writeEndObject();
                return this;
            }

            @Override
            public Generator end() throws IOException {
                json.writeEndObject();
                json.close();
                return this;
            }
        }
    }
}
