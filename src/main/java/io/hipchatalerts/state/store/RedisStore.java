package io.hipchatalerts.state.store;

import io.hipchatalerts.alert.Token;
import io.hipchatalerts.state.Pending;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;

/**
 * State in Redis or Valkey: one string under one key for each alert, and the index of pending changes under a key of
 * its own. Each call touches one key, so that a cluster works too. Calls block, so they belong on worker threads.
 */
public final class RedisStore implements StateStore {

    /**
     * Succeeds if the record is already our own: then the answer to an earlier try was lost. Each call sends the whole
     * script, because a server that has just started knows no digests of scripts.
     */
    private static final String COMPARE_AND_SET = """
            local standing = redis.call('GET', KEYS[1]) or ''
            if string.sub(standing, 1, #ARGV[2]) == ARGV[2] then return 1 end
            if ARGV[1] == '' and standing ~= '' then return 0 end
            if string.sub(standing, 1, #ARGV[1]) ~= ARGV[1] then return 0 end
            redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])
            return 1
            """;

    private static final Logger LOG = Logger.getLogger(RedisStore.class);

    /** Every request may be repeated, and connections from the pool may be dead: a burst's end all at once. */
    private static final int TRIES = 4;

    private final Redis redis;
    private final String index;
    private final Duration callTimeout;
    private final List<Token> passwords;
    private final AtomicBoolean hasForeignMembers = new AtomicBoolean();

    /**
     * Makes a store on the servers that {@code redis} is connected to.
     *
     * @param prefix the beginning of all keys; the index of pending changes is under {@code prefix:#pending}
     * @param callTimeout the longest time of a call
     * @param passwords the servers' passwords, which no exception shows
     */
    public RedisStore(Redis redis, String prefix, Duration callTimeout, List<Token> passwords) {
        this.redis = redis;
        this.index = prefix + ":#pending";
        this.callTimeout = callTimeout;
        this.passwords = passwords;
    }

    @Override
    public Optional<Versioned> load(String key) {
        return Optional.ofNullable(ask(key, Request.cmd(Command.GET).arg(key)))
                .map(text -> RecordFormat.read(key, text.toString()));
    }

    @Override
    public boolean compareAndSet(String key, Optional<Versioned> expected, Versioned next, Duration ttl) {
        Request script = Request.cmd(Command.EVAL)
                .arg(COMPARE_AND_SET)
                .arg(1)
                .arg(key)
                .arg(expected.map(RecordFormat::prefix).orElse(""))
                .arg(RecordFormat.prefix(next))
                .arg(RecordFormat.write(next))
                .arg(milliseconds(ttl));
        return ask(key, script).toInteger() == 1;
    }

    @Override
    public void announce(String key, Pending pending) {
        ask(
                index,
                Request.cmd(Command.ZADD)
                        .arg(index)
                        .arg(pending.due().toEpochMilli())
                        .arg(member(key, pending.id())));
    }

    @Override
    public void withdraw(String key, long id) {
        // Without waiting: the next poll removes an entry that stays.
        send(Request.cmd(Command.ZREM).arg(index).arg(member(key, id)), System.nanoTime() + callTimeout.toNanos());
    }

    @Override
    public List<PendingEntry> due(Instant now, int limit) {
        Response members = ask(
                index,
                Request.cmd(Command.create("ZRANGEBYSCORE"))
                        .arg(index)
                        .arg("-inf")
                        .arg(now.toEpochMilli())
                        .arg("LIMIT")
                        .arg(0)
                        .arg(limit));
        return members.stream()
                .map(Response::toString)
                .flatMap(member -> entry(member).stream())
                .toList();
    }

    private Optional<PendingEntry> entry(String member) {
        int space = member.indexOf(' ');
        try {
            return Optional.of(
                    new PendingEntry(member.substring(space + 1), Optional.of(Long.parseLong(member, 0, space, 10))));
        } catch (NumberFormatException | IndexOutOfBoundsException foreign) {
            if (!hasForeignMembers.getAndSet(true)) {
                LOG.warnf("%s has members that this program did not write; it ignores them", index);
            }
            return Optional.empty();
        }
    }

    @Override
    public long pendingCount() {
        return ask(index, Request.cmd(Command.ZCARD).arg(index)).toLong();
    }

    private static String member(String key, long id) {
        return id + " " + key;
    }

    @Override
    public String name() {
        return "redis";
    }

    /**
     * Returns {@code ttl} in milliseconds. Redis accepts no expiry of zero, and none beyond the end of its calendar.
     */
    private static long milliseconds(Duration ttl) {
        return ttl.compareTo(MAX_TTL) > 0 ? MAX_TTL.toMillis() : Math.max(1, ttl.toMillis());
    }

    private Response ask(String key, Request request) {
        long end = System.nanoTime() + callTimeout.toNanos();
        AtomicReference<Throwable> lastError = new AtomicReference<>();
        try {
            return send(request, end, TRIES, lastError)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(callTimeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException failure) {
            Throwable cause = failure.getCause();
            throw cause.getMessage() != null && cause.getMessage().startsWith("WRONGTYPE")
                    ? RecordFormat.unreadable(key, cause)
                    : unavailable(cause);
        } catch (TimeoutException mute) {
            Throwable known = lastError.get();
            throw unavailable(known == null ? noAnswer() : known);
        } catch (InterruptedException goingDown) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailable(goingDown);
        }
    }

    private StoreUnavailable unavailable(Throwable cause) {
        String text = cause.toString();
        String redacted = text;
        for (Token password : passwords) {
            redacted = password.redactedFrom(redacted);
        }
        return new StoreUnavailable(redacted.equals(text) ? cause : new IllegalStateException(redacted));
    }

    private Future<Response> send(Request request, long end, int tries, AtomicReference<Throwable> lastError) {
        Future<Response> answer = send(request, end);
        return tries == 1
                ? answer
                : answer.recover(failure -> {
                    lastError.set(failure);
                    return send(request, end, tries - 1, lastError);
                });
    }

    private Future<Response> send(Request request, long end) {
        if (System.nanoTime() >= end) {
            return Future.failedFuture(noAnswer());
        }
        return redis.connect().compose(connection -> send(request, connection, end));
    }

    private Future<Response> send(Request request, RedisConnection connection, long end) {
        // The request itself reports the failure of its connection. Without this handler the log has a second error.
        connection.exceptionHandler(failure -> {});
        // After the timeout the caller is gone, and an old write must not reach the server.
        Future<Response> answer = System.nanoTime() < end ? connection.send(request) : Future.failedFuture(noAnswer());
        return answer.eventually(() -> connection.close());
    }

    private TimeoutException noAnswer() {
        return new TimeoutException("no answer within " + callTimeout.toMillis() + " ms");
    }
}
