package io.hipchatalerts.web;

import java.util.Optional;

/** The parts of an HTTP request's head that this program uses. */
public interface WebRequest {

    /** Returns the method in capitals. */
    String method();

    /** Returns a header's value; the name may be in upper or lower case. */
    Optional<String> header(String name);

    /** Returns a query parameter's decoded value. */
    Optional<String> query(String name);
}
