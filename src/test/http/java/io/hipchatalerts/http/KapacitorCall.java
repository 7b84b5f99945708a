package io.hipchatalerts.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.hipchatalerts.deploy.KapacitorExamples;
import io.restassured.RestAssured;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Base64;

/**
 * A request like those of Kapacitor's {@code post} handler (K §5.2). It goes to the function under test, whatever its
 * host.
 */
final class KapacitorCall {

    record Answer(int status, String body) {}

    private KapacitorCall() {}

    /**
     * Sends through a topic handler file: to its url, or to the endpoint that it names.
     *
     * @param more the name and value of an additional header
     */
    static Answer byHandler(String file, String event, String... more) {
        JsonNode options = KapacitorExamples.handler(file).path("options");
        return options.has("endpoint")
                ? byEndpoint(options.path("endpoint").asText(), event, more)
                : byUrl(options.path("url").asText(), event);
    }

    /** Sends to a url: Kapacitor's own JSON, with the media type as the only header. */
    static Answer byUrl(String url, String event) {
        return send(to(url).header("Content-Type", "application/json"), event + ".json");
    }

    /**
     * Sends with an endpoint's headers and password. If the endpoint has a template, its body is sent without a media
     * type.
     */
    static Answer byEndpoint(String name, String event, String... more) {
        JsonNode endpoint = KapacitorExamples.endpoint(name);
        HttpRequest.Builder request = to(endpoint.path("url").asText());
        endpoint.path("headers")
                .properties()
                .forEach(header ->
                        request.header(header.getKey(), header.getValue().asText()));
        if (endpoint.has("basic-auth")) {
            request.header("Authorization", basic(endpoint.path("basic-auth")));
        }
        if (more.length > 0) {
            request.headers(more);
        }
        return endpoint.has("alert-template")
                ? send(request, event + "." + name + ".json")
                : send(request.setHeader("Content-Type", "application/json"), event + ".json");
    }

    private static String basic(JsonNode auth) {
        String credentials =
                auth.path("username").asText() + ":" + auth.path("password").asText();
        return "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(UTF_8));
    }

    /**
     * Returns the address: a url of the function keeps its path and query, and a Broker delivers to the function's
     * root.
     */
    private static HttpRequest.Builder to(String url) {
        URI named = URI.create(url);
        String query = named.getRawQuery() == null ? "" : "?" + named.getRawQuery();
        String path = named.getHost().startsWith("broker-ingress.") ? "/" : named.getRawPath() + query;
        return HttpRequest.newBuilder(URI.create("http://localhost:" + RestAssured.port + path));
    }

    private static Answer send(HttpRequest.Builder request, String body) {
        try {
            HttpResponse<String> answer = HttpClient.newHttpClient()
                    .send(
                            request.POST(BodyPublishers.ofString(KapacitorExamples.rendered(body)))
                                    .build(),
                            BodyHandlers.ofString());
            return new Answer(answer.statusCode(), answer.body());
        } catch (IOException | InterruptedException broken) {
            throw new AssertionError(broken);
        }
    }
}
