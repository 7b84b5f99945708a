package io.hipchatalerts.bench.process;

import io.hipchatalerts.state.RedisProcess;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import redis.clients.jedis.Jedis;

/** The Redis of the tests, which keeps nothing on disk, and a connection to it. One thread at a time may use that. */
public record RedisServer(RedisProcess process, Jedis jedis) implements AutoCloseable {

    /** The number in the id of the alert that is copied. */
    public static final int MARK = 123_456_789;

    private static final String INDEX = "hipchat-alerts:#pending";
    private static final int TIMEOUT = 300_000;
    private static final Pattern USED = Pattern.compile("(?m)^used_memory:(\\d+)");
    private static final Pattern CONNECTIONS = Pattern.compile("(?m)^mem_clients_normal:(\\d+)");
    private static final Pattern CALLS = Pattern.compile("(?m)^cmdstat_(?:get|z\\w+):calls=(\\d+)");
    private static final Pattern BYTES = Pattern.compile("(?m)^total_net_(?:in|out)put_bytes:(\\d+)");
    private static final Pattern CPU = Pattern.compile("(?m)^used_cpu_(?:sys|user):([\\d.]+)");
    private static final String FILL = """
            redis.call('SELECT', 1)
            for id = 0, ARGV[1] - 1 do
              redis.call('COPY', KEYS[1], string.gsub(KEYS[1], ARGV[2], id), 'DB', 0)
            end
            """;

    /** Starts a server. */
    public static RedisServer started() {
        RedisProcess process = RedisProcess.started();
        return new RedisServer(process, connect(process));
    }

    private static Jedis connect(RedisProcess process) {
        return new Jedis("127.0.0.1", process.port(), TIMEOUT);
    }

    /** Returns a connection of the caller's own. */
    public Jedis connect() {
        return connect(process);
    }

    /** Returns the settings of a program that uses it. */
    public Map<String, String> settings() {
        return Map.of("HIPCHAT_STATE_STORE", "redis", "QUARKUS_REDIS_HOSTS", process.address());
    }

    /** Puts the record of the only alert that the program has had aside; returns its key, which has the mark in it. */
    public String putAside() {
        String key = jedis.keys("*" + MARK + "*").iterator().next();
        jedis.move(key, 1);
        return key;
    }

    /** Makes it remember so many copies of that alert and nothing else; returns the bytes that each of them takes. */
    public double fill(String key, int alerts) {
        jedis.flushDB();
        double empty = usedBytes();
        jedis.eval(FILL, List.of(key), List.of("" + alerts, "" + MARK));
        return (usedBytes() - empty) / alerts;
    }

    /** Returns the number of alerts that it remembers. */
    public long alerts() {
        return jedis.dbSize() - (jedis.exists(INDEX) ? 1 : 0);
    }

    /** Returns the number of changes that are pending. */
    public long pending() {
        return jedis.zcard(INDEX);
    }

    /** Returns the used memory without that of the connections, which come and go. */
    private double usedBytes() {
        return sum(USED, "memory") - sum(CONNECTIONS, "memory");
    }

    /** Returns the number of calls of the program. Each of its scripts makes one GET, which counts for the script. */
    public double calls() {
        return sum(CALLS, "commandstats");
    }

    /** Returns the bytes that the server has received and sent. */
    public double networkBytes() {
        return sum(BYTES, "stats");
    }

    /** Returns the server's processor time so far in microseconds, user and system. */
    public double cpuMicros() {
        return 1e6 * sum(CPU, "cpu");
    }

    private double sum(Pattern figure, String section) {
        return figure.matcher(jedis.info(section))
                .results()
                .mapToDouble(found -> Double.parseDouble(found.group(1)))
                .sum();
    }

    @Override
    public void close() {
        jedis.close();
        process.stop();
    }
}
