package io.hipchatalerts.bench.soak;

import io.hipchatalerts.bench.process.Program;
import io.hipchatalerts.bench.process.Variant;
import io.hipchatalerts.fake.FakeHipChat;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The two instances of the program. */
record Fleet(List<Program> instances) implements AutoCloseable {

    private static final Pattern PENDING = Pattern.compile("\"pending\":(\\d+)");

    static Fleet started(Variant variant, FakeHipChat hipChat) throws IOException {
        Fleet fleet =
                new Fleet(List.of(instance("instance-1", variant, hipChat), instance("instance-2", variant, hipChat)));
        fleet.untilListening();
        return fleet;
    }

    private static Program instance(String name, Variant variant, FakeHipChat hipChat) throws IOException {
        return new Program(variant.named(name).with(Map.of("HIPCHAT_FROM", name)), hipChat);
    }

    void untilListening() throws IOException {
        for (Program instance : instances) {
            instance.untilListening();
        }
    }

    /** Flushes at an instance. Returns the number of changes that are pending all the same, or -1. */
    long flush() throws IOException, InterruptedException {
        URI hipchat = URI.create("http://127.0.0.1:" + instances.get(0).port() + "/hipchat");
        HttpRequest flush = HttpRequest.newBuilder(hipchat)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"flush\": true}"))
                .build();
        String answer = HttpClient.newHttpClient()
                .send(flush, HttpResponse.BodyHandlers.ofString())
                .body();
        Matcher pending = PENDING.matcher(answer);
        return pending.find() ? Long.parseLong(pending.group(1)) : -1;
    }

    @Override
    public void close() {
        instances.forEach(Program::close);
    }
}
