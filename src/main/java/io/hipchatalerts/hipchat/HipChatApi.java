package io.hipchatalerts.hipchat;

import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.Encoded;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.io.InputStream;
import org.eclipse.microprofile.rest.client.inject.RegisterRestClient;
import org.jboss.resteasy.reactive.RestResponse;

/** HipChat's v2 REST API, as far as it is used here (K §7). Its settings are under {@code quarkus.rest-client.hipchat}. */
@RegisterRestClient(configKey = "hipchat")
@Path("/")
public interface HipChatApi {

    /**
     * Sends a room notification.
     *
     * @param room the room's name or number, percent-encoded already: as one path segment, whatever it holds
     * @param authorization the header's value; null where the token travels in the query
     * @param token the query's {@code auth_token}; null where the token travels in the header
     * @param authTest true to have room and token tried and nothing told; null otherwise (K §7.5)
     * @param notification the message
     * @return any answer of any status, as soon as its head is there: a body that breaks off or never ends must not make
     *     an accepted message look unclear. Whoever gets it closes it. Cancelling cancels the request
     */
    @POST
    @Path("{room}/notification")
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    Uni<RestResponse<InputStream>> send(
            @Encoded @PathParam("room") String room,
            @HeaderParam(HttpHeaders.AUTHORIZATION) String authorization,
            @QueryParam("auth_token") String token,
            @QueryParam("auth_test") Boolean authTest,
            Notification notification);
}
