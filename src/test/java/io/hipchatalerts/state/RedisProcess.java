package io.hipchatalerts.state;

import io.hipchatalerts.fake.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import redis.embedded.RedisServer;
import redis.embedded.core.RedisServerBuilder;

/** A real Redis server on a port of its own. It is of the oldest version that has to do: 6.2. */
public final class RedisProcess {

    private static RedisProcess shared;

    private final int port = FreePort.any();
    private final RedisServer server;

    private RedisProcess(String... settings) {
        RedisServerBuilder builder = RedisServer.newRedisServer()
                .port(port)
                .setting("save \"\"")
                // What nobody reads would fill the pipe and bring the server to a stop.
                .soutListener(line -> {});
        for (String setting : settings) {
            builder.setting(setting);
        }
        try {
            server = builder.build();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** One for all tests that do it no harm. */
    public static synchronized RedisProcess shared() {
        if (shared == null) {
            shared = started();
        }
        return shared;
    }

    /** One of the test's own. */
    public static RedisProcess started(String... settings) {
        RedisProcess process = new RedisProcess(settings);
        process.start();
        return process;
    }

    /** Starts it, empty, and on the same port each time. */
    public void start() {
        try {
            server.start();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    public void stop() {
        try {
            server.stop();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    public int port() {
        return port;
    }

    public String address() {
        return "redis://127.0.0.1:" + port;
    }
}
