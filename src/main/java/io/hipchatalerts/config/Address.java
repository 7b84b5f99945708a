package io.hipchatalerts.config;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/**
 * The address of a server. Its host name may contain an underscore, as the names in compose files do. {@link URI} sees no
 * host in such an address, and the clients that rely on it cannot connect; they need {@link #reachable} first.
 *
 * @param scheme what precedes {@code ://}, in lower case
 * @param userInfo the user and password, still percent-encoded
 * @param host the host's name or IP address; an IPv6 address is in brackets
 * @param port the port; -1 for none
 * @param rest the path and what follows it
 */
public record Address(String scheme, Optional<String> userInfo, String host, int port, String rest) {

    private static final int HIGHEST_PORT = 65_535;

    /** Looks up the IP address of a host. */
    @FunctionalInterface
    public interface Lookup {

        /**
         * Returns the IP address of {@code host}.
         *
         * @throws UnknownHostException if there is none
         */
        String ip(String host) throws UnknownHostException;
    }

    /** Returns the address that {@code text} is, or empty if it is none or names no host. */
    public static Optional<Address> parse(String text) {
        try {
            URI whole = new URI(text);
            String authority = whole.getRawAuthority();
            if (whole.getScheme() == null || authority == null) {
                return Optional.empty();
            }
            int at = authority.lastIndexOf('@');
            String server = authority.substring(at + 1);
            // A letter in the underscore's place has URI check everything else.
            URI checked = new URI("any://" + server.replace('_', 'x')).parseServerAuthority();
            Optional<String> userInfo = at < 0 ? Optional.empty() : Optional.of(authority.substring(0, at));
            // A second @ belongs to a password with characters that are not encoded.
            if ((at >= 0 && text.indexOf('@') != text.lastIndexOf('@'))
                    || checked.getHost() == null
                    || checked.getPort() == 0
                    || checked.getPort() > HIGHEST_PORT) {
                return Optional.empty();
            }
            return Optional.of(new Address(
                    whole.getScheme().toLowerCase(Locale.ROOT),
                    userInfo,
                    server.substring(0, checked.getHost().length()),
                    checked.getPort(),
                    text.substring(text.indexOf(authority) + authority.length())));
        } catch (URISyntaxException notAnAddress) {
            return Optional.empty();
        }
    }

    /** Returns whether this is an address of HTTP or HTTPS. */
    boolean isHttp() {
        return scheme.equals("http") || scheme.equals("https");
    }

    /** Returns whether {@link URI} sees no host in this address. */
    public boolean hasUnderscore() {
        return host.contains("_");
    }

    /** Returns the host and, if there is one, the port, as in a {@code Host} header. */
    public String hostAndPort() {
        return host + (port < 0 ? "" : ":" + port);
    }

    /**
     * Returns this address with the host's IP address, if its name has an underscore.
     *
     * @throws UnknownHostException if the host has no IP address
     */
    public String reachable(Lookup lookup) throws UnknownHostException {
        return at(hasUnderscore() ? lookup.ip(host) : host);
    }

    /** Returns this address with another host. */
    public String at(String other) {
        return scheme + "://" + userInfo.map(info -> info + "@").orElse("")
                + (other.contains(":") && !other.startsWith("[") ? "[" + other + "]" : other)
                + (port < 0 ? "" : ":" + port)
                + rest;
    }

    /** Looks up {@code host} as the system does. Of several IP addresses, it returns the same one every time. */
    public static String lookUp(String host) throws UnknownHostException {
        return Arrays.stream(InetAddress.getAllByName(host))
                .map(InetAddress::getHostAddress)
                .min(Comparator.naturalOrder())
                .orElseThrow(() -> new UnknownHostException(host));
    }

    /** Returns the address without the user and password. */
    @Override
    public String toString() {
        return scheme + "://" + (userInfo.isPresent() ? "***@" : "") + hostAndPort() + rest;
    }
}
