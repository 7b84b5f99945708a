package io.hipchatalerts.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import org.jboss.logging.MDC;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RequestIdTest {

    private final RequestId filter = new RequestId();

    @AfterEach
    void leaveNoInvocation() {
        MDC.remove(RequestId.KEY);
        RequestId.begin();
    }

    @Test
    void aLineHasTheIdOfTheInvocationAndNotThatOfItsThread() {
        MDC.put(RequestId.KEY, "first");
        ExtLogRecord line = line();
        MDC.put(RequestId.KEY, "second");
        RequestId.begin();

        assertThat(filter.isLoggable(line)).isTrue();
        assertThat(line.getMdc(RequestId.KEY)).isEqualTo("second");
    }

    @Test
    void aLineBeforeTheFirstInvocationHasNone() {
        ExtLogRecord line = line();

        assertThat(filter.isLoggable(line)).isTrue();
        assertThat(line.getMdcCopy()).doesNotContainKey(RequestId.KEY);
    }

    /** A line that was written with the log's context of its thread. */
    private static ExtLogRecord line() {
        ExtLogRecord line = new ExtLogRecord(Level.INFO, "text", ExtLogRecord.FormatStyle.NO_FORMAT, "logger");
        line.copyMdc();
        return line;
    }
}
