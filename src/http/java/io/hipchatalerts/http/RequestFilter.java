package io.hipchatalerts.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hipchatalerts.EventLog;
import io.hipchatalerts.alert.BadAlert;
import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.outcome.Problem;
import io.hipchatalerts.routing.Origin;
import io.hipchatalerts.web.Admission;
import io.hipchatalerts.web.MediaType;
import io.hipchatalerts.web.ProblemException;
import io.hipchatalerts.web.WebRequest;
import io.quarkus.runtime.LaunchMode;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.impl.RoutingContextInternal;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Runs before all else, lets in only requests that Funqy can handle, and answers all others with problems. It lets in
 * plain JSON and CloudEvents with valid JSON, and sets the media types that Funqy expects. It leaves alone the paths that
 * others answer: Quarkus' own and the HipChat stand-in's.
 */
@ApplicationScoped
class RequestFilter {

    private static final List<String> PATHS = List.of("/", "/hipchat");
    private static final String ORIGIN = RequestFilter.class.getName() + ".origin";
    private static final String ARRIVED = RequestFilter.class.getName() + ".arrived";
    private static final String STAGE = RequestFilter.class.getName() + ".stage";

    /** The stage that a request has reached. */
    private enum Stage {
        BODY_IS_READ,
        BODY_WAS_READ,
        PIPELINE
    }

    private final HipChatConfig config;
    private final EventLog eventLog;
    private final Problems problems;
    private final ConcurrencyLimit concurrencyLimit;
    private final InstantSource clock;

    RequestFilter(
            HipChatConfig config,
            EventLog eventLog,
            Problems problems,
            ConcurrencyLimit concurrencyLimit,
            InstantSource clock) {
        this.concurrencyLimit = concurrencyLimit;
        this.clock = clock;
        this.config = config;
        this.eventLog = eventLog;
        this.problems = problems;
    }

    void open(@Observes Router router) {
        // The first handler runs before the body is read, the second between that and Funqy.
        router.route().order(Integer.MIN_VALUE).handler(this::admit).failureHandler(problems::answer);
        PATHS.forEach(path -> router.route(path).order(0).handler(this::read));
        // No route of Quarkus or the stand-in has answered.
        router.errorHandler(404, problems::answer);
    }

    /** Returns the request's origin, which {@link #read} has stored. From now on the pipeline logs and counts the event. */
    static Origin handOver(RoutingContext request) {
        request.put(STAGE, Stage.PIPELINE);
        return request.get(ORIGIN);
    }

    /** Returns whether the pipeline got the event of {@code request}. */
    static boolean isHandedOver(RoutingContext request) {
        return request.get(STAGE) == Stage.PIPELINE;
    }

    /** Returns whether the body of {@code request} is still being read, which only the caller can make fail. */
    static boolean isReadingBody(RoutingContext request) {
        return request.get(STAGE) == Stage.BODY_IS_READ && !request.request().isEnded();
    }

    /**
     * Returns whether somebody else answers {@code request}: Quarkus, or in dev mode the HipChat stand-in. The router
     * compares the normalized path, so {@code /q/..} is the function's.
     */
    static boolean isOfOthers(RoutingContext request) {
        String path = request.request().path();
        try {
            return path != null && isOfOthers(path) && isOfOthers(request.normalizedPath());
        } catch (IllegalArgumentException malformed) {
            return false;
        }
    }

    private static boolean isOfOthers(String path) {
        return path.equals("/q")
                || path.startsWith("/q/")
                || (LaunchMode.current().isDevOrTest() && path.startsWith("/dev/"));
    }

    private void admit(RoutingContext request) {
        String path = request.request().path();
        Connections.closeAfterError(request);
        request.put(ARRIVED, clock.instant());
        try {
            boolean isOfOthers = isOfOthers(request);
            if (!isOfOthers) {
                Admission.authorize(head(request), config.inboundToken());
            }
            RequestTarget.check(request.request().uri());
            if (isOfOthers) {
                request.next();
                return;
            }
            if (!PATHS.contains(path)) {
                throw new ProblemException(Problems.notFound(path));
            }
            Admission.check(head(request));
        } catch (BadAlert malformed) {
            refuse(request, new ProblemException(Problem.badRequest(malformed.getMessage())));
            return;
        } catch (ProblemException refusal) {
            refuse(request, refusal);
            return;
        }
        try {
            concurrencyLimit.check();
        } catch (ProblemException refusal) {
            request.fail(refusal.problem().status(), refusal);
            return;
        }
        endsInTime(request);
        request.put(STAGE, Stage.BODY_IS_READ);
        request.next();
    }

    /** Ends the request at the deadline if its body is not complete by then. */
    private void endsInTime(RoutingContext request) {
        long timer = request.vertx().setTimer(config.deadline().toMillis(), late -> {
            if (!request.request().isEnded()) {
                refuse(request, new ProblemException(Admission.tooSlow()));
            }
        });
        request.addEndHandler(ended -> request.vertx().cancelTimer(timer));
    }

    private void read(RoutingContext request) {
        if (request.response().ended()) {
            // The body was complete too late.
            return;
        }
        if (request.get(STAGE) != Stage.BODY_IS_READ) {
            // Whatever led here, nothing has checked the token, the method or the media type.
            refuse(request, new ProblemException(Problems.notFound(request.normalizedPath())));
            return;
        }
        request.put(STAGE, Stage.BODY_WAS_READ);
        try {
            Admission admission =
                    Admission.of(head(request), bytes(request.body().buffer()), request.get(ARRIVED));
            request.put(ORIGIN, admission.origin());
            adaptToFunqy(request, admission);
        } catch (BadAlert bad) {
            refuse(request, new ProblemException(Problem.badRequest(bad.getMessage())));
            return;
        }
        request.next();
    }

    /**
     * Adapts the request to Funqy. Funqy takes every request with a {@code ce-id} for one in binary mode, needs an exact
     * spelling of the media types, and reads data only from {@code data} and only as {@code application/json}.
     */
    private static void adaptToFunqy(RoutingContext request, Admission admission) {
        MultiMap headers = request.request().headers();
        if (!MediaType.of(head(request)).equals(MediaType.CLOUD_EVENT)) {
            headers.set(HttpHeaders.CONTENT_TYPE, MediaType.JSON);
            return;
        }
        ObjectNode event = (ObjectNode) admission.body();
        event.set("data", admission.alert());
        event.put("datacontenttype", MediaType.JSON);
        event.remove("data_base64");
        headers.remove("ce-id").set(HttpHeaders.CONTENT_TYPE, MediaType.CLOUD_EVENT);
        // There is no public API to replace a body that has been read.
        ((RoutingContextInternal) request).setBody(Buffer.buffer(event.toString()));
    }

    private static byte[] bytes(Buffer body) {
        return body == null ? new byte[0] : body.getBytes();
    }

    private static WebRequest head(RoutingContext request) {
        return new WebRequest() {
            @Override
            public String method() {
                return request.request().method().name();
            }

            @Override
            public Optional<String> header(String name) {
                return Optional.ofNullable(request.request().getHeader(name));
            }

            @Override
            public Optional<String> query(String name) {
                return request.queryParam(name).stream().findFirst();
            }
        };
    }

    private void refuse(RoutingContext request, ProblemException refusal) {
        eventLog.invalid(refusal.problem());
        request.fail(refusal.problem().status(), refusal);
    }
}
