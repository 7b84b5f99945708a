package io.hipchatalerts.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.restassured.RestAssured;
import java.io.IOException;
import java.net.Socket;

/** Requests of which a test writes every byte. An HTTP client would correct them. */
final class RawHttp {

    private RawHttp() {}

    static String post(String address, String headers, String body) {
        return "POST " + address + " HTTP/1.1\r\n" + headers + "Content-Length: " + body.length() + "\r\n\r\n" + body;
    }

    static String answer(String request) throws IOException {
        try (Socket caller = sent(request)) {
            return new String(caller.getInputStream().readAllBytes(), UTF_8);
        }
    }

    static Socket sent(String request) throws IOException {
        Socket caller = new Socket("localhost", RestAssured.port);
        caller.setSoTimeout(30_000);
        caller.getOutputStream().write(request.getBytes(UTF_8));
        return caller;
    }
}
