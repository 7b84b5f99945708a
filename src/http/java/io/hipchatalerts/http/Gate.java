package io.hipchatalerts.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hipchatalerts.Journal;
import io.hipchatalerts.alert.BadAlert;
import io.hipchatalerts.alert.RequestOptions;
import io.hipchatalerts.alert.StateChangesOnly;
import io.hipchatalerts.alert.Token;
import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.outcome.Problem;
import io.hipchatalerts.routing.Origin;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.impl.RoutingContextInternal;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Stands before the function: lets in only what Funqy can take and turns everything else into the contract's problems.
 * What it lets in is plain JSON or a CloudEvent whose body is known to be JSON, with {@code application/json} as the
 * media type whatever the caller called it.
 */
@ApplicationScoped
class Gate {

    private static final List<String> PATHS = List.of("/", "/hipchat");
    private static final String ORIGIN = Gate.class.getName() + ".origin";
    private static final String ARRIVED = Gate.class.getName() + ".arrived";
    private static final String JSON_TYPE = "application/json";

    /** Strict where Funqy's is not: one JSON text and nothing after it. */
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final HipChatConfig config;
    private final Journal journal;
    private final Problems problems;
    private final InstantSource clock;

    Gate(HipChatConfig config, Journal journal, Problems problems, InstantSource clock) {
        this.clock = clock;
        this.config = config;
        this.journal = journal;
        this.problems = problems;
    }

    void open(@Observes Router router) {
        for (String path : PATHS) {
            // Before the body is read: who calls, how, and with what. After it, and before Funqy: the body itself.
            router.route(path).order(Integer.MIN_VALUE).handler(this::admit).failureHandler(problems::answer);
            router.route(path).order(0).handler(this::read);
        }
    }

    /** How the request got here, as {@link #read} left it for the function. */
    static Origin originOf(RoutingContext request) {
        return request.get(ORIGIN);
    }

    private void admit(RoutingContext request) {
        request.put(ARRIVED, clock.instant());
        if (config.inboundToken().isPresent()
                && !InboundToken.isPresentedBy(
                        request.request().getHeader(HttpHeaders.AUTHORIZATION),
                        config.inboundToken().get())) {
            refuse(
                    request,
                    401,
                    "Unauthorized",
                    "Present hipchat.inbound-token as Authorization: Bearer, or as the"
                            + " password of Authorization: Basic");
        } else if (!request.request().method().equals(HttpMethod.POST)) {
            refuse(request, 405, "Method Not Allowed", "POST an alert event here");
        } else if (!isJson(mediaType(request)) && !mediaType(request).equals(CloudEvents.STRUCTURED)) {
            refuse(
                    request,
                    415,
                    "Unsupported Media Type",
                    "Send Content-Type: application/json, a single CloudEvent, or" + " none at all, not "
                            + BadAlert.quote(mediaType(request)));
        } else {
            request.next();
        }
    }

    private void read(RoutingContext request) {
        try {
            boolean structured = mediaType(request).equals(CloudEvents.STRUCTURED);
            boolean binary =
                    !structured && CloudEvents.isBinary(request.request().headers());
            JsonNode body = json(bytes(request.body().buffer()), structured ? "The CloudEvent" : "The body");
            Optional<String> extension = Optional.empty();
            if (structured) {
                extension = CloudEvents.checkStructured(body);
                makeFitForFunqy(request, (ObjectNode) body);
            } else {
                if (binary) {
                    extension = CloudEvents.checkBinary(request.request().headers());
                }
                request.request().headers().set(HttpHeaders.CONTENT_TYPE, JSON_TYPE);
            }
            request.put(ORIGIN, origin(request, !structured && !binary, extension));
        } catch (BadAlert bad) {
            journal.invalid(bad.getMessage());
            request.fail(400, new ProblemException(Problem.badRequest(bad.getMessage())));
            return;
        }
        request.next();
    }

    private static Origin origin(RoutingContext request, boolean pointToPoint, Optional<String> extension) {
        RequestOptions options = new RequestOptions(
                query(request, "room"),
                Optional.ofNullable(request.request().getHeader("X-HipChat-Token"))
                        .filter(token -> !token.isEmpty())
                        .map(Token::new),
                query(request, "stateChangesOnly").map(StateChangesOnly::parse));
        return new Origin(pointToPoint, extension.or(() -> query(request, "topic")), options, request.get(ARRIVED));
    }

    private static Optional<String> query(RoutingContext request, String name) {
        return request.queryParam(name).stream().findFirst().filter(value -> !value.isEmpty());
    }

    /** Funqy reads data only under {@code data}, and only when it is called {@code application/json}. */
    private static void makeFitForFunqy(RoutingContext request, ObjectNode event) {
        String dataType = event.path("datacontenttype").asText(JSON_TYPE);
        if (!isJson(bare(dataType))) {
            throw new BadAlert("The CloudEvent's datacontenttype must be JSON, not " + BadAlert.quote(dataType));
        }
        CloudEvents.base64Data(event).ifPresent(data -> event.set("data", json(data, "The CloudEvent's data_base64")));
        if (!event.hasNonNull("data")) {
            throw new BadAlert("The CloudEvent has no data; it must hold Kapacitor's alert event");
        }
        event.set("datacontenttype", JsonNodeFactory.instance.textNode(JSON_TYPE));
        event.remove("data_base64");
        // Funqy takes whatever has a ce-id for binary mode, and looks for its own exact spelling of the media type.
        request.request().headers().remove("ce-id").set(HttpHeaders.CONTENT_TYPE, CloudEvents.STRUCTURED);
        ((RoutingContextInternal) request).setBody(Buffer.buffer(event.toString()));
    }

    private static JsonNode json(byte[] bytes, String what) {
        try {
            JsonNode read = JSON.readTree(bytes);
            if (read.isMissingNode()) {
                throw new BadAlert(what + " is empty; send Kapacitor's alert event as JSON");
            }
            return read;
        } catch (StreamConstraintsException tooMuch) {
            throw new BadAlert(what + " is nested too deeply, or holds too long a number or name");
        } catch (JsonProcessingException notJson) {
            throw new BadAlert(what + " is not one JSON text" + place(notJson));
        } catch (IOException notText) {
            throw new BadAlert(what + " is not JSON in UTF-8");
        }
    }

    /** The place alone: Jackson's own words quote the body, where a token may stand. */
    private static String place(JsonProcessingException notJson) {
        return notJson.getLocation() == null
                ? ""
                : "; it goes wrong at line " + notJson.getLocation().getLineNr() + ", column "
                        + notJson.getLocation().getColumnNr();
    }

    private static byte[] bytes(Buffer body) {
        return body == null ? new byte[0] : body.getBytes();
    }

    /** The bare media type in lower case; JSON's where there is none, since Kapacitor's templates send none (K §5.2). */
    private static String mediaType(RoutingContext request) {
        String type = request.request().getHeader(HttpHeaders.CONTENT_TYPE);
        return type == null || type.isBlank() ? JSON_TYPE : bare(type);
    }

    private static String bare(String mediaType) {
        return mediaType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    }

    private static boolean isJson(String mediaType) {
        return mediaType.equals(JSON_TYPE)
                || (mediaType.endsWith("+json") && !mediaType.startsWith("application/cloudevents"));
    }

    private void refuse(RoutingContext request, int status, String title, String detail) {
        journal.invalid(detail);
        request.fail(status, new ProblemException(Problem.of(status, title, detail)));
    }
}
