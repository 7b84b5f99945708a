package io.hipchatalerts.state.store;

import io.hipchatalerts.config.Address;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * A Redis client for hosts whose names have an underscore. Vert.x' client reads addresses with {@link java.net.URI}, which
 * sees no host there. So it gets the hosts' IP addresses, and a new client takes over when they change.
 */
final class LookedUpRedis implements Redis {

    private final List<Address> hosts;
    private final Address.Lookup lookup;
    private final Vertx vertx;
    private final Function<List<String>, Redis> clients;

    private List<String> reachable = List.of();
    private Redis client;

    LookedUpRedis(List<Address> hosts, Address.Lookup lookup, Vertx vertx, Function<List<String>, Redis> clients) {
        this.hosts = hosts;
        this.lookup = lookup;
        this.vertx = vertx;
        this.clients = clients;
    }

    @Override
    public Future<RedisConnection> connect() {
        return current().compose(Redis::connect);
    }

    @Override
    public Future<Response> send(Request request) {
        return current().compose(redis -> redis.send(request));
    }

    @Override
    public Future<List<Response>> batch(List<Request> requests) {
        return current().compose(redis -> redis.batch(requests));
    }

    @Override
    public synchronized void close() {
        if (client != null) {
            client.close();
        }
    }

    /** A lookup can block for longer than a caller may wait. */
    private Future<Redis> current() {
        return vertx.executeBlocking(this::lookedUp, false);
    }

    private synchronized Redis lookedUp() throws UnknownHostException {
        List<String> now = new ArrayList<>();
        for (Address host : hosts) {
            now.add(host.reachable(lookup));
        }
        if (!now.equals(reachable)) {
            close();
            client = clients.apply(now);
            reachable = now;
        }
        return client;
    }
}
