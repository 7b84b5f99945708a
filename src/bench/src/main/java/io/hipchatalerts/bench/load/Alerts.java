package io.hipchatalerts.bench.load;

import java.time.Instant;

/** Alert events as Kapacitor posts them. Their times grow with their number, so that none is stale. */
public final class Alerts {

    /** The number of different ids in loads that name no other. */
    public static final int IDS = 1_000;

    /** The path of the function. */
    public static final String STATELESS = "/hipchat";

    /** The path of the function with state changes only. */
    public static final String STATEFUL = "/hipchat?stateChangesOnly=true";

    static final String ROOM = "/v2/room/alerts/notification";

    private static final Instant FIRST = Instant.parse("2026-01-01T00:00:00Z");

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
}
