package io.hipchatalerts.state;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;
import java.util.TreeMap;

/** A Redis server that comes and goes, and a configuration that keeps state in it. */
public final class RedisResource implements QuarkusTestResourceLifecycleManager {

    private static RedisProcess server;

    private Map<String, String> settings = Map.of();

    @Override
    public void init(Map<String, String> initArgs) {
        settings = initArgs;
    }

    @Override
    public Map<String, String> start() {
        server = RedisProcess.started();
        Map<String, String> config =
                new TreeMap<>(Map.of("hipchat.state.store", "redis", "quarkus.redis.hosts", server.address()));
        config.putAll(settings);
        return config;
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
