package io.hipchatalerts.http;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.MappingBuilder;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.stubbing.ServeEvent;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** HipChat, as far as a real HTTP server with prepared answers can be it, and a configuration that points to it. */
public final class FakeHipChat implements QuarkusTestResourceLifecycleManager {

    /** The configured token; no output of the program may hold it. */
    public static final String TOKEN = "s3cret-hipchat-token";

    private static final WireMockServer SERVER = new WireMockServer(options().dynamicPort());

    private Map<String, String> settings = Map.of();

    @Override
    public void init(Map<String, String> initArgs) {
        settings = initArgs;
    }

    @Override
    public Map<String, String> start() {
        SERVER.start();
        acceptsEverything();
        Map<String, String> config = new TreeMap<>(Map.of(
                "hipchat.enabled", "true",
                "hipchat.url", SERVER.baseUrl() + "/v2/room",
                "hipchat.room", "alerts",
                "hipchat.token", TOKEN,
                "hipchat.deadline", "3s",
                "hipchat.request-timeout", "3s"));
        config.putAll(settings);
        // An empty one stands for "not set here".
        config.values().removeIf(String::isEmpty);
        return config;
    }

    @Override
    public void stop() {
        SERVER.stop();
    }

    /** Forgets all requests and prepared answers; from now on every request is accepted. */
    public static void acceptsEverything() {
        SERVER.resetAll();
        SERVER.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(204)));
    }

    /** Answers requests for {@code room} in its own way. */
    public static void answers(String room, ResponseDefinitionBuilder response) {
        SERVER.stubFor(any(urlPathEqualTo(path(room))).willReturn(response));
    }

    /** Prepares an answer that only some requests get. */
    public static void answers(MappingBuilder mapping) {
        SERVER.stubFor(mapping);
    }

    /** The requests that came for {@code room}, as it stands in the address. */
    public static List<LoggedRequest> requests(String room) {
        return all().stream()
                .filter(request -> request.getUrl().startsWith(path(room)))
                .toList();
    }

    /** Every request that came, newest first. */
    public static List<LoggedRequest> all() {
        return SERVER.getAllServeEvents().stream().map(ServeEvent::getRequest).toList();
    }

    public static String path(String room) {
        return "/v2/room/" + room + "/notification";
    }
}
