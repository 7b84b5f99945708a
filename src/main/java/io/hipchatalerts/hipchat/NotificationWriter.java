package io.hipchatalerts.hipchat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.ext.MessageBodyWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Type;

/** Writes a notification as JSON. The REST client's own writer looks for annotations of the call at each request. */
public final class NotificationWriter implements MessageBodyWriter<Notification> {

    private static final ObjectWriter JSON = new ObjectMapper().writerFor(Notification.class);

    @Override
    public boolean isWriteable(Class<?> type, Type genericType, Annotation[] annotations, MediaType mediaType) {
        return type == Notification.class;
    }

    @Override
    public void writeTo(
            Notification notification,
            Class<?> type,
            Type genericType,
            Annotation[] annotations,
            MediaType mediaType,
            MultivaluedMap<String, Object> headers,
            OutputStream body)
            throws IOException {
        body.write(JSON.writeValueAsBytes(notification));
    }
}
