package io.hipchatalerts.hipchat;

import io.hipchatalerts.config.Address;
import jakarta.ws.rs.client.ClientRequestContext;
import jakarta.ws.rs.client.ClientRequestFilter;
import jakarta.ws.rs.core.HttpHeaders;
import java.net.URI;
import java.net.UnknownHostException;

/**
 * Lets a request reach a host whose name has an underscore. {@link URI} sees no host in such an address, and the REST
 * client would call localhost.
 */
final class UnderscoreHost implements ClientRequestFilter {

    private final Address.Lookup lookup;

    /** Creates the filter; the REST client needs this constructor. */
    public UnderscoreHost() {
        this(Address::lookUp);
    }

    UnderscoreHost(Address.Lookup lookup) {
        this.lookup = lookup;
    }

    @Override
    public void filter(ClientRequestContext request) throws UnknownHostException {
        URI uri = request.getUri();
        if (uri.getHost() == null) {
            Address address = Address.parse(uri.toString())
                    .orElseThrow(() -> new IllegalStateException("hipchat.url was validated at start"));
            request.getHeaders().putSingle(HttpHeaders.HOST, address.hostAndPort());
            request.setUri(URI.create(address.reachable(lookup)));
        }
    }
}
