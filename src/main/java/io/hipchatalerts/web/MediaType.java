package io.hipchatalerts.web;

import java.util.Locale;

/** Media types in lower case, without parameters. */
public final class MediaType {

    public static final String JSON = "application/json";
    public static final String PROBLEM = "application/problem+json";

    /** The type of one CloudEvent in structured mode. */
    public static final String CLOUD_EVENT = "application/cloudevents+json";

    /** The type of several CloudEvents, which are not accepted together. */
    static final String CLOUD_EVENTS = "application/cloudevents-batch+json";

    private MediaType() {}

    /** Returns the request's media type. The default is JSON, since Kapacitor's templates send none (K §5.2). */
    public static String of(WebRequest request) {
        return request.header("Content-Type")
                .filter(type -> !type.isBlank())
                .map(MediaType::bare)
                .orElse(JSON);
    }

    /** Returns whether it is JSON, but not a CloudEvent. */
    static boolean isJson(String mediaType) {
        return mediaType.equals(JSON)
                || (mediaType.endsWith("+json") && !mediaType.startsWith("application/cloudevents"));
    }

    static String bare(String mediaType) {
        return mediaType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    }
}
