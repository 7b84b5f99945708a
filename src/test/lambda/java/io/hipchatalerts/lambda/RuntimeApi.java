package io.hipchatalerts.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.hipchatalerts.lambda.Function.Answer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Lambda's side of a function: the Runtime API, version 2018-06-01, that runtimes fetch invocations from. */
final class RuntimeApi implements Function, AutoCloseable {

    private static final String BASE = "/2018-06-01/runtime/";
    private static final int LONGEST_INVOCATION = 90;

    private record Invocation(String id, String event) {}

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        return thread;
    });
    private volatile String lastRequestId;
    private final BlockingQueue<Invocation> invocations = new LinkedBlockingQueue<>();
    private final Map<String, CompletableFuture<Answer>> underWay = new ConcurrentHashMap<>();
    private final CompletableFuture<String> initError = new CompletableFuture<>();
    private final Queue<RuntimeException> unexpected = new ConcurrentLinkedQueue<>();

    RuntimeApi() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        server.setExecutor(threads);
        server.createContext(BASE, this::serve);
        server.start();
    }

    String address() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    /** The id of the last invocation. */
    String lastRequestId() {
        return lastRequestId;
    }

    @Override
    public Answer invoke(String event) {
        String id = UUID.randomUUID().toString();
        lastRequestId = id;
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        underWay.put(id, answer);
        invocations.add(new Invocation(id, event));
        return within(answer);
    }

    /** What the runtime reported in the place of asking for work. */
    String initError() {
        return within(initError);
    }

    private static <T> T within(CompletableFuture<T> future) {
        try {
            return future.get(LONGEST_INVOCATION, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException failure) {
            throw new IllegalStateException("no answer from the function", failure);
        }
    }

    /** Stops, and throws what the function asked for or reported that no function may. */
    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
        if (!unexpected.isEmpty()) {
            AssertionError failure = new AssertionError("the function does not keep to the Runtime API");
            unexpected.forEach(failure::addSuppressed);
            throw failure;
        }
    }

    private void serve(HttpExchange request) throws IOException {
        try {
            answer(request);
        } catch (RuntimeException broken) {
            // The server would only log it.
            unexpected.add(broken);
            throw broken;
        }
    }

    private void answer(HttpExchange request) throws IOException {
        try (request) {
            String[] path =
                    request.getRequestURI().getPath().substring(BASE.length()).split("/", -1);
            String body = new String(request.getRequestBody().readAllBytes(), UTF_8);
            if (path[0].equals("init")) {
                initError.complete(body);
            } else if (path[1].equals("next")) {
                next(request);
                return;
            } else {
                Optional.ofNullable(underWay.remove(path[1]))
                        .orElseThrow(() -> new IllegalStateException("an answer to no open invocation: " + body))
                        .complete(new Answer(path[2].equals("error"), body));
            }
            request.sendResponseHeaders(202, -1);
        }
    }

    private void next(HttpExchange request) throws IOException {
        try {
            Invocation next = invocations.take();
            byte[] event = next.event().getBytes(UTF_8);
            request.getResponseHeaders().set("Content-Type", "application/json");
            request.getResponseHeaders().set("Lambda-Runtime-Aws-Request-Id", next.id());
            request.getResponseHeaders().set("Lambda-Runtime-Deadline-Ms", String.valueOf(Long.MAX_VALUE / 1_000_000));
            request.getResponseHeaders()
                    .set(
                            "Lambda-Runtime-Invoked-Function-Arn",
                            "arn:aws:lambda:eu-central-1:123456789012:function:hipchat-alerts");
            request.sendResponseHeaders(200, event.length);
            request.getResponseBody().write(event);
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }
}
