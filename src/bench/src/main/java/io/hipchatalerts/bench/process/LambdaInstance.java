package io.hipchatalerts.bench.process;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.hipchatalerts.bench.load.Alerts;
import io.hipchatalerts.bench.load.Call;
import io.hipchatalerts.bench.load.Mistakes;
import io.hipchatalerts.fake.FakeHipChat;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A function as an instance on AWS Lambda, and the Runtime API, which it asks for work. */
public final class LambdaInstance implements AutoCloseable {

    private static final String API = "/2018-06-01/runtime/";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int LOOK = 100;
    private static final String ARN = "arn:aws:lambda:eu-central-1:123456789012:function:hipchat-alerts";

    /** Settings as in {@code deploy/lambda}, but for the store and the JVM's options there. */
    private static final Map<String, String> SETTINGS = Map.of(
            "AWS_LAMBDA_FUNCTION_NAME", "hipchat-alerts",
            "AWS_LAMBDA_FUNCTION_VERSION", "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512",
            "AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/hipchat-alerts",
            "AWS_LAMBDA_LOG_STREAM_NAME", "1",
            "DISABLE_SIGNAL_HANDLERS", "true",
            "HIPCHAT_GLOBAL", "true",
            "HIPCHAT_STATE_CHANGES_ONLY", "true");

    /** A request of the function: for work, or with an answer. */
    private record Request(long at, String path, String body, HttpExchange exchange) {}

    private final Variant variant;
    private final Mistakes mistakes;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();
    private final long start;
    private final Child child;
    private HttpExchange idle;

    /** Starts an instance. */
    public LambdaInstance(Variant variant, Path taskRoot, FakeHipChat hipChat, Mistakes mistakes) throws IOException {
        this.variant = variant;
        this.mistakes = mistakes;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext(API, this::serve);
        server.start();
        Map<String, String> settings = new TreeMap<>(SETTINGS);
        settings.put(
                "AWS_LAMBDA_RUNTIME_API", "127.0.0.1:" + server.getAddress().getPort());
        // Lambda's Java runtime loads the function from the folder in which it starts.
        settings.put("LAMBDA_TASK_ROOT", taskRoot.toAbsolutePath().toString());
        start = System.nanoTime();
        child = Child.start(variant, hipChat, taskRoot, settings);
    }

    private void serve(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        long now = System.nanoTime();
        String path = exchange.getRequestURI().getPath().substring(API.length());
        // Before the answer, or the next request could come first.
        requests.add(new Request(now, path, body, exchange));
        if (!path.equals("invocation/next")) {
            exchange.sendResponseHeaders(202, -1);
            exchange.close();
        }
    }

    /** Waits until the function asks for work; returns the nanoseconds from the start until then. */
    public long untilIdle() throws IOException, InterruptedException {
        Request request = next("does not ask for work");
        if (!request.path().equals("invocation/next")) {
            throw new IllegalStateException(variant.name() + " posted to " + request.path() + ": " + request.body());
        }
        idle = request.exchange();
        return request.at() - start;
    }

    /** Invokes it with an alert; returns the nanoseconds until its answer. */
    public long invoke(int number) throws IOException, InterruptedException {
        byte[] event = Alerts.event(number, number, "CRITICAL").getBytes(StandardCharsets.UTF_8);
        long deadline = System.currentTimeMillis() + PATIENCE.toMillis();
        Headers headers = idle.getResponseHeaders();
        headers.set("Content-Type", "application/json");
        headers.set("Lambda-Runtime-Aws-Request-Id", "request-" + number);
        headers.set("Lambda-Runtime-Deadline-Ms", String.valueOf(deadline));
        headers.set("Lambda-Runtime-Invoked-Function-Arn", ARN);
        long begin = System.nanoTime();
        try (HttpExchange exchange = idle) {
            exchange.sendResponseHeaders(200, event.length);
            exchange.getResponseBody().write(event);
        }
        Request answer = next("does not answer");
        String posted = answer.path() + ": " + answer.body();
        mistakes.check(variant.isBare() ? Call.ANSWERED : Call.SENT, posted);
        mistakes.check("request-" + number + "/response", posted);
        return answer.at() - begin;
    }

    private Request next(String trouble) throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        Request request = null;
        while (request == null) {
            if (System.nanoTime() > end || (!child.process().isAlive() && requests.isEmpty())) {
                throw child.trouble(trouble);
            }
            request = requests.poll(LOOK, TimeUnit.MILLISECONDS);
        }
        return request;
    }

    /** Returns its process. */
    public Child child() {
        return child;
    }

    @Override
    public void close() {
        child.close();
        server.stop(0);
        threads.shutdownNow();
    }
}
