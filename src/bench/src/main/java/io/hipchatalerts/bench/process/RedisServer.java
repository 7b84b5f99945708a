package io.hipchatalerts.bench.process;

import io.hipchatalerts.bench.load.Alerts;
import io.hipchatalerts.bench.load.Call;
import io.hipchatalerts.bench.load.Connection;
import io.hipchatalerts.fake.FreePort;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.embedded.core.ExecutableProvider;

/** A Redis server of the benchmark's own, which keeps nothing on disk, and a connection to it. */
public final class RedisServer implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final int TIMEOUT = 300_000;
    private static final int MARK = 123_456_789;
    private static final Pattern USED = Pattern.compile("(?m)^used_memory:(\\d+)");
    private static final Pattern CONNECTIONS = Pattern.compile("(?m)^mem_clients_normal:(\\d+)");
    private static final Pattern CALLS = Pattern.compile("(?m)^cmdstat_(?:get|z\\w+):calls=(\\d+)");
    private static final Pattern BYTES = Pattern.compile("(?m)^total_net_(?:in|out)put_bytes:(\\d+)");
    private static final String FILL = """
            for id = 0, ARGV[1] - 1 do
              redis.call('SET', ARGV[2] .. id .. ARGV[3], ARGV[4], 'PX', ARGV[5])
            end
            """;

    private final int port = FreePort.any();
    private final Child child;
    private final Jedis jedis;

    /**
     * An alert as the program keeps it.
     *
     * @param head the key up to the id's number
     * @param tail the key from there on
     * @param entry the record
     * @param ttl its time to live in milliseconds
     */
    public record Filling(String head, String tail, String entry, String ttl) {}

    /** Starts this server; if it is empty, the first of those on the {@code PATH}, or else the tests' own. */
    public RedisServer(String server) throws IOException, InterruptedException {
        String executable = server.isEmpty() ? anyServer() : server;
        child = Child.start(
                new ProcessBuilder(
                        executable, "--port", "" + port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"),
                Child.RESULTS.resolve("redis-server.log"));
        jedis = connected();
    }

    private Jedis connected() throws InterruptedException {
        Polling.until(
                PATIENCE,
                Duration.ofMillis(10),
                () -> listens() || !child.process().isAlive());
        try {
            return connect();
        } catch (JedisConnectionException neverListened) {
            child.close();
            throw child.trouble("does not listen");
        }
    }

    private boolean listens() {
        try (Jedis first = connect()) {
            return first.isConnected();
        } catch (JedisConnectionException notYet) {
            return false;
        }
    }

    private static String anyServer() throws IOException {
        String[] folders = System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1);
        Optional<String> installed = Stream.of("redis-server", "valkey-server")
                .flatMap(name -> Stream.of(folders).map(folder -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
        return installed.isPresent()
                ? installed.get()
                : ExecutableProvider.newJarResourceProvider().get().toString();
    }

    /** Returns the settings of a program that uses it. */
    public Map<String, String> settings() {
        return Map.of("HIPCHAT_STATE_STORE", "redis", "QUARKUS_REDIS_HOSTS", "redis://127.0.0.1:" + port);
    }

    /** Returns a connection of the caller's own. */
    public Jedis connect() {
        return new Jedis("127.0.0.1", port, TIMEOUT);
    }

    /** Returns the connection. One thread at a time may use it. */
    public Jedis jedis() {
        return jedis;
    }

    /** Lets the program send one alert, and finds out what it keeps of it. */
    public Filling learn(Program program) throws IOException {
        jedis.flushAll();
        try (Connection connection = new Connection(program.port())) {
            String event = Alerts.event(0, MARK, Alerts.repeated(0));
            connection.post(Call.post(program.port(), Alerts.STATEFUL, event, ""));
        }
        String key = String.valueOf(jedis.randomKey());
        String[] around = key.split(String.valueOf(MARK), -1);
        if (around.length != 2) {
            throw new IllegalStateException("The program kept nothing under the alert's id, but: " + key);
        }
        return new Filling(around[0], around[1], jedis.get(key), String.valueOf(jedis.pttl(key)));
    }

    /** Makes it remember so many alerts and no others; returns the bytes that each of them takes. */
    public double fill(Filling alert, int alerts) {
        jedis.flushAll();
        long empty = usedBytes();
        jedis.eval(FILL, List.of(), List.of("" + alerts, alert.head, alert.tail, alert.entry, alert.ttl));
        return (double) (usedBytes() - empty) / alerts;
    }

    /** Returns the used memory without that of the connections, which come and go. */
    private long usedBytes() {
        String memory = jedis.info("memory");
        return sum(USED, memory) - sum(CONNECTIONS, memory);
    }

    /** Returns the number of calls of the program. Each of its scripts makes one GET, which counts for the script. */
    public long calls() {
        return sum(CALLS, jedis.info("commandstats"));
    }

    /** Returns the bytes that the server has received and sent. */
    public long networkBytes() {
        return sum(BYTES, jedis.info("stats"));
    }

    private static long sum(Pattern figure, String info) {
        return figure.matcher(info)
                .results()
                .mapToLong(found -> Long.parseLong(found.group(1)))
                .sum();
    }

    /** Returns its process. */
    public Child child() {
        return child;
    }

    @Override
    public void close() {
        jedis.close();
        child.close();
    }
}
