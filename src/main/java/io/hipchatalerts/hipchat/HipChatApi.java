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
import org.eclipse.microprofile.rest.client.annotation.RegisterProvider;
import org.eclipse.microprofile.rest.client.inject.RegisterRestClient;
import org.jboss.resteasy.reactive.RestResponse;

/**
 * The one call of HipChat's v2 REST API that this program makes (K §7). The settings under
 * {@code quarkus.rest-client.hipchat} configure it.
 */
@RegisterRestClient(configKey = "hipchat")
@RegisterProvider(NotificationWriter.class)
@RegisterProvider(UnderscoreHost.class)
@Path("/")
public interface HipChatApi {

    /**
     * Sends a room notification.
     *
     * @param room the room's name or number, already percent-encoded as one path segment
     * @param authorization the header's value; null if the query carries the token
     * @param token the query's {@code auth_token}; null if the header carries the token
     * @param authTest true to check room and token without a message in the room; null otherwise (K §7.5)
     * @param notification the message
     * @return the answer of any status, as soon as its head has arrived: a body that breaks off or never ends must not
     *     leave an accepted message in doubt. The caller closes the answer. Cancelling ends the request
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
