package io.hipchatalerts.web;

import java.util.Locale;

/** Media types, bare and in lower case. */
public final class MediaType {

    public static final String JSON = "application/json";
    public static final String PROBLEM = "application/problem+json";

    /** One CloudEvent in structured mode. */
    public static final String CLOUD_EVENT = "application/cloudevents+json";

    private MediaType() {}

    /** The request's; JSON's where there is none, since Kapacitor's templates send none (K §5.2). */
    public static String of(WebRequest request) {
        return request.header("Content-Type")
                .filter(type -> !type.isBlank())
                .map(MediaType::bare)
                .orElse(JSON);
    }

    /** Whether it says that there is JSON, other than CloudEvents. */
    static boolean isJson(String mediaType) {
        return mediaType.equals(JSON)
                || (mediaType.endsWith("+json") && !mediaType.startsWith("application/cloudevents"));
    }

    static String bare(String mediaType) {
        return mediaType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    }
}
