package io.hipchatalerts;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jboss.logmanager.formatters.PatternFormatter;

/** The lines of one logger, from now on until it is closed. */
public final class CapturedLog implements AutoCloseable {

    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Logger logger;
    private final Handler handler;

    /**
     * Captures a logger's lines.
     *
     * @param logger its name; empty for the lines of all loggers
     * @param pattern the form of each line, as for {@link PatternFormatter}
     */
    public CapturedLog(String logger, String pattern) {
        PatternFormatter formatter = new PatternFormatter(pattern);
        this.logger = Logger.getLogger(logger);
        this.handler = new Handler() {
            @Override
            public void publish(LogRecord line) {
                lines.add(formatter.format(line));
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        this.logger.addHandler(handler);
    }

    /** Returns the lines so far. The list grows with the log. */
    public List<String> lines() {
        return lines;
    }

    @Override
    public void close() {
        logger.removeHandler(handler);
    }
}
