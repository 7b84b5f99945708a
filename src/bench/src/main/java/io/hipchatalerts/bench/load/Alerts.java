package io.hipchatalerts.bench.load;

import java.time.Instant;
import java.util.stream.LongStream;

/** Alert events as Kapacitor posts them. Their times grow with their number, so that none is stale. */
public final class Alerts {

    /** The number of ids whose level is sent first; the others are quiet from the start. */
    public static final int SENT_IDS = 1_000;

    /** The path of the function with state changes only. */
    public static final String STATEFUL = "/hipchat?stateChangesOnly=true";

    private static final Instant FIRST = Instant.parse("2026-01-01T00:00:00Z");
    private static final int VISITS_PER_LEVEL = 10;

    private Alerts() {}

    /** Returns the event with this number of the alert with this id. */
    public static String event(long number, long id, String level) {
        return """
                {"id":"cpu:host=web-%1$d","message":"cpu:host=web-%1$d is %2$s at 97.3 %%","details":"","time":"%3$s",\
                "duration":60000000000,"level":"%2$s","previousLevel":"%2$s","recoverable":true,"data":{"series":[\
                {"name":"cpu","tags":{"cpu":"cpu-total","host":"web-%1$d"},"columns":["time","usage_user",\
                "usage_system","usage_idle"],"values":[["%3$s",81.2,16.1,2.7]]}]}}""".formatted(id, level, FIRST.plusMillis(number));
    }

    /** Returns the request that the function makes of an event, for a caller that goes straight to HipChat. */
    static String notification(long id) {
        return """
                {"from":"kapacitor","color":"red","message":"cpu:host=web-%d is CRITICAL at 97.3 %%","notify":true,\
                "message_format":"text"}""".formatted(id);
    }

    /** Returns the level that all events of an id have, so that only the first can be news. */
    public static String repeated(long id) {
        return id < SENT_IDS ? "CRITICAL" : "OK";
    }

    /** Returns a level that changes with every tenth event of an id. */
    static String changing(long number) {
        return number / SENT_IDS / VISITS_PER_LEVEL % 2 == 0 ? "CRITICAL" : "OK";
    }

    static boolean isChange(long number) {
        return number / SENT_IDS % VISITS_PER_LEVEL == 0;
    }

    /** Returns the number of changes among the events with these numbers. */
    public static long changes(long from, long to) {
        return LongStream.range(from, to).filter(Alerts::isChange).count();
    }
}
