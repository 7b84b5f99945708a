package io.hipchatalerts.lambda;

import com.fasterxml.jackson.databind.JsonNode;
import io.hipchatalerts.AlertPipeline;
import io.hipchatalerts.alert.BadAlert;
import io.hipchatalerts.outcome.Answer;
import io.hipchatalerts.outcome.Problem;
import io.hipchatalerts.routing.Origin;
import io.hipchatalerts.web.ProblemException;
import jakarta.enterprise.context.ApplicationScoped;
import org.jboss.logging.Logger;

/** Gives alerts to the pipeline, and turns every failure into a problem. */
@ApplicationScoped
class AlertSender {

    private static final Logger LOG = Logger.getLogger(AlertSender.class);

    private final AlertPipeline pipeline;

    AlertSender(AlertPipeline pipeline) {
        this.pipeline = pipeline;
    }

    /**
     * Handles one alert or flush, which is in the log afterwards.
     *
     * @throws ProblemException if the alert should have been sent and was not
     */
    Answer send(JsonNode alert, Origin origin) {
        Answer answer = handled(alert, origin);
        Problem.in(answer).ifPresent(problem -> {
            throw new ProblemException(problem);
        });
        return answer;
    }

    private Answer handled(JsonNode alert, Origin origin) {
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
