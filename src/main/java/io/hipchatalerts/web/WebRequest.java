package io.hipchatalerts.web;

import java.util.Optional;

/** The head of an HTTP request, as far as it matters here. */
public interface WebRequest {

    /** The verb, in capitals. */
    String method();

    /** A header's value; the name in any case. */
    Optional<String> header(String name);

    /** A query parameter's value, decoded. */
    Optional<String> query(String name);
}
