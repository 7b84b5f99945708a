package io.hipchatalerts.lambda;

import com.fasterxml.jackson.databind.JsonNode;
import io.hipchatalerts.AlertPipeline;
import io.hipchatalerts.alert.BadAlert;
import io.hipchatalerts.outcome.Outcome;
import io.hipchatalerts.outcome.Problem;
import io.hipchatalerts.routing.Origin;
import io.hipchatalerts.web.ProblemException;
import jakarta.enterprise.context.ApplicationScoped;
import org.jboss.logging.Logger;

/** Gives alerts to the pipeline, and turns every failure into a problem. */
@ApplicationScoped
class Alerts {

    private static final Logger LOG = Logger.getLogger(Alerts.class);

    private final AlertPipeline pipeline;

    Alerts(AlertPipeline pipeline) {
        this.pipeline = pipeline;
    }

    /**
     * Handles one alert, which is in the log afterwards.
     *
     * @throws ProblemException if the alert should have been sent and was not
     */
    Outcome send(JsonNode alert, Origin origin) {
        Outcome outcome = handled(alert, origin);
        Problem.in(outcome).ifPresent(problem -> {
            throw new ProblemException(problem);
        });
        return outcome;
    }

    private Outcome handled(JsonNode alert, Origin origin) {
        try {
            return pipeline.handle(alert, origin);
        } catch (BadAlert bad) {
            throw new ProblemException(Problem.badRequest(bad.getMessage()));
        } catch (RuntimeException bug) {
            LOG.error("An alert failed because of a bug", bug);
            throw new ProblemException(Problem.bug());
        }
    }
}
