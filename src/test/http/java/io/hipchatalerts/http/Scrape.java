package io.hipchatalerts.http;

import static io.restassured.RestAssured.given;

/** The metrics of the running function, as Prometheus sees them. */
final class Scrape {

    private Scrape() {}

    /** Returns the sum of all samples whose name and labels begin with {@code series}. */
    static double sum(String series) {
        return given().get("/q/metrics")
                .asString()
                .lines()
                .filter(line -> line.startsWith(series))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** Returns the number of events with {@code status} and no reason. */
    static double events(String status) {
        return sum("hipchat_alerts_total{reason=\"none\",status=\"" + status + "\"}");
    }
}
