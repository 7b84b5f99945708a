package io.hipchatalerts.hipchat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hipchatalerts.config.HipChatConfig;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.resteasy.reactive.RestResponse;

/** A HipChat without a network. It answers each request as the test decides, and records it. */
public final class ScriptedHipChat implements HipChatApi {

    /** No test needs as many; a loop that does not end gets an error, which ends it. */
    private static final int TOO_MANY = 1_000;

    /** A request and the moment at which it was made. */
    public record Request(
            Instant at, String room, String authorization, String token, Boolean authTest, Notification notification) {}

    /** The answer to one request. */
    @FunctionalInterface
    public interface Answer {

        Uni<RestResponse<InputStream>> get();

        /** Runs {@code step} before this answer. */
        default Answer after(Runnable step) {
            return () -> {
                step.run();
                return get();
            };
        }
    }

    private final InstantSource clock;
    private final List<Request> requests = new ArrayList<>();
    private final AtomicInteger cancelled = new AtomicInteger();
    private final Deque<Answer> next = new ArrayDeque<>();
    private Answer always = status(204);

    public ScriptedHipChat(InstantSource clock) {
        this.clock = clock;
    }

    /** Returns the client of this HipChat. */
    public HipChatClient client(HipChatConfig config, RoomThrottle throttle, MeterRegistry metrics) {
        return new HipChatClient(this, Runnable::run, config, clock, throttle, metrics);
    }

    /** Returns an empty throttle. */
    public static RoomThrottle throttle(InstantSource clock) {
        return new RoomThrottle(clock, new java.util.Random(7));
    }

    /** Answers the next requests like this, one each. */
    public void answers(Answer... answers) {
        next.addAll(List.of(answers));
    }

    /** Answers all other requests like this; at first, with 204. */
    public void alwaysAnswers(Answer answer) {
        always = answer;
    }

    /** Returns an answer with this status and these headers, each name followed by its value. */
    public static Answer status(int status, Object... headers) {
        return () -> answer(status, InputStream.nullInputStream(), headers);
    }

    /** Returns an answer with this status and body. */
    public static Answer body(int status, String body) {
        return body(status, new ByteArrayInputStream(body.getBytes(UTF_8)));
    }

    static Answer body(int status, InputStream body) {
        return () -> answer(status, body);
    }

    /** Returns an answer that never comes. */
    public Answer nothing() {
        return () -> Uni.createFrom()
                .<RestResponse<InputStream>>nothing()
                .onCancellation()
                .invoke(cancelled::incrementAndGet);
    }

    /** Returns a failure in place of an answer. */
    public static Answer failure(Throwable failure) {
        return () -> Uni.createFrom().failure(failure);
    }

    /** Returns all requests, oldest first. */
    public List<Request> requests() {
        return List.copyOf(requests);
    }

    /** Returns the moments of all requests, oldest first. */
    public List<Instant> times() {
        return requests.stream().map(Request::at).toList();
    }

    /** Returns how many requests were given up. */
    public int cancelled() {
        return cancelled.get();
    }

    @Override
    public Uni<RestResponse<InputStream>> send(
            String room, String authorization, String token, Boolean authTest, Notification notification) {
        requests.add(new Request(clock.instant(), room, authorization, token, authTest, notification));
        if (requests.size() > TOO_MANY) {
            throw new AssertionError("too many requests");
        }
        return (next.isEmpty() ? always : next.remove()).get();
    }

    private static Uni<RestResponse<InputStream>> answer(int status, InputStream body, Object... headers) {
        RestResponse.ResponseBuilder<InputStream> answer = RestResponse.ResponseBuilder.create(status, "");
        for (int i = 0; i < headers.length; i += 2) {
            answer.header(headers[i].toString(), headers[i + 1]);
        }
        return Uni.createFrom().item(answer.entity(body).build());
    }
}
