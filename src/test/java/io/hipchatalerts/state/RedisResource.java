package io.hipchatalerts.state;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;

/** A Redis server that comes and goes, and a configuration that keeps state in it. */
public final class RedisResource implements QuarkusTestResourceLifecycleManager {

    private static RedisProcess server;

    @Override
    public Map<String, String> start() {
        server = RedisProcess.started();
        return Map.of("hipchat.state.store", "redis", "quarkus.redis.hosts", server.address());
    }

    @Override
    public void stop() {
        server.stop();
    }

    /** Returns the server's address. */
    public static String address() {
        return server.address();
    }

    /** The server goes, and all that it knows with it. */
    public static void goes() {
        server.stop();
    }

    /** The server comes back, knowing nothing. */
    public static void comesBack() {
        server.start();
    }
}
