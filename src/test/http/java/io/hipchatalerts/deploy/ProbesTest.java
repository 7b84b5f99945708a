package io.hipchatalerts.deploy;

import static io.restassured.RestAssured.when;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Probe;
import io.quarkus.test.junit.QuarkusTest;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The running program answers the probes of the manifests. */
@QuarkusTest
class ProbesTest {

    static Stream<Overlay> overlays() {
        return ManifestsTest.overlays();
    }

    /** Knative makes one of the readiness probe. */
    static Stream<Overlay> overlaysWithAStartupProbe() {
        return overlays().filter(overlay -> container(overlay).getStartupProbe() != null);
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void theReadinessProbeAsksTheStore(Overlay overlay) {
        when().get(path(container(overlay).getReadinessProbe()))
                .then()
                .statusCode(200)
                .body("checks.name", hasItem("state store"));
    }

    /** A restart does not help a store that is unavailable. */
    @ParameterizedTest
    @MethodSource("overlays")
    void theLivenessProbeDoesNotAskTheStore(Overlay overlay) {
        when().get(path(container(overlay).getLivenessProbe()))
                .then()
                .statusCode(200)
                .body("status", is("UP"))
                .body("checks.name", not(hasItem("state store")));
    }

    @ParameterizedTest
    @MethodSource("overlaysWithAStartupProbe")
    void theStartupProbeSucceedsOnceTheProgramRuns(Overlay overlay) {
        when().get(path(container(overlay).getStartupProbe()))
                .then()
                .statusCode(200)
                .body("status", is("UP"));
    }

    private static Container container(Overlay overlay) {
        return overlay.program().container();
    }

    private static String path(Probe probe) {
        return probe.getHttpGet().getPath();
    }
}
