package io.hipchatalerts.state;

import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.impl.types.ErrorType;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * State in Redis or Valkey: one plain string under one key for each alert, so that a cluster will do as well. Calls
 * block, hence belong on worker threads.
 */
public final class RedisStore implements StateStore {

    private static final Duration LONGEST_TTL = Duration.ofDays(36_500);

    /**
     * Our own entry standing there already is a write whose answer was lost. Sent whole each time: the server keeps
     * scripts by their digest anyway, and one that was started anew knows none.
     */
    private static final String COMPARE_AND_SET = """
            local standing = redis.call('GET', KEYS[1]) or ''
            if standing == ARGV[2] then return 1 end
            if standing ~= ARGV[1] then return 0 end
            redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
            return 1
            """;

    private final Redis redis;

    /** A store on the servers that {@code redis} is connected to. */
    public RedisStore(Redis redis) {
        this.redis = redis;
    }

    @Override
    public Optional<Entry> load(String key) {
        return Optional.ofNullable(ask(key, Request.cmd(Command.GET).arg(key)))
                .map(text -> EntryText.read(key, text.toString()));
    }

    @Override
    public boolean swap(String key, Optional<Entry> expected, Entry next, Duration ttl) {
        return ask(
                                key,
                                Request.cmd(Command.EVAL)
                                        .arg(COMPARE_AND_SET)
                                        .arg(1)
                                        .arg(key)
                                        .arg(expected.map(EntryText::of).orElse(""))
                                        .arg(EntryText.of(next))
                                        .arg(milliseconds(ttl)))
                        .toInteger()
                == 1;
    }

    @Override
    public String name() {
        return "redis";
    }

    /** What the server can take: more than nothing, and not past the end of its calendar. */
    private static long milliseconds(Duration ttl) {
        return ttl.compareTo(LONGEST_TTL) > 0 ? LONGEST_TTL.toMillis() : Math.max(1, ttl.toMillis());
    }

    private Response ask(String key, Request request) {
        long end = System.nanoTime() + LONGEST_CALL.toNanos();
        try {
            // A second time, whatever went wrong: a connection from the pool may have died while it lay there, and
            // every request may be repeated.
            return send(request, end)
                    .recover(failure -> send(request, end))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(LONGEST_CALL.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException failure) {
            throw failure.getCause() instanceof ErrorType error && error.is("WRONGTYPE")
                    ? EntryText.unreadable(key, error)
                    : new StoreUnavailable(failure.getCause());
        } catch (TimeoutException mute) {
            throw new StoreUnavailable(noAnswer());
        } catch (InterruptedException goingDown) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailable(goingDown);
        }
    }

    private Future<Response> send(Request request, long end) {
        if (System.nanoTime() >= end) {
            return Future.failedFuture(noAnswer());
        }
        return redis.connect().compose(connection -> send(request, connection, end));
    }

    private static Future<Response> send(Request request, RedisConnection connection, long end) {
        // Its failure is the request's failure as well, and told there; without this it is an error in the log.
        connection.exceptionHandler(failure -> {});
        // Nobody waits for an answer any more; sent now, an old swap could still hit.
        Future<Response> answer = System.nanoTime() < end ? connection.send(request) : Future.failedFuture(noAnswer());
        return answer.eventually(() -> connection.close());
    }

    private static TimeoutException noAnswer() {
        return new TimeoutException("no answer within " + LONGEST_CALL.toMillis() + " ms");
    }
}
