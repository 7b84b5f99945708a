package io.hipchatalerts.lambda;

import io.restassured.path.json.JsonPath;

/** A running function, wherever it runs. */
interface Function {

    /** Hands an event over, as Lambda would, and waits for what comes of it. */
    Answer invoke(String event);

    /**
     * What Lambda was answered.
     *
     * @param failed whether it was an error
     * @param body the answer or error as JSON
     */
    record Answer(boolean failed, String body) {

        JsonPath json() {
            return JsonPath.from(body);
        }
    }
}
