package io.hipchatalerts.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.UnknownHostException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            http://chat.example.com/v2/room      | http   |          | chat.example.com | -1   | /v2/room
            HTTPS://chat.example.com             | https  |          | chat.example.com | -1   | ''
            http://my_chat:8080/v2/room          | http   |          | my_chat          | 8080 | /v2/room
            redis://my_redis                     | redis  |          | my_redis         | -1   | ''
            redis://:p%40ss@my_redis.some_net:1  | redis  | :p%40ss  | my_redis.some_net| 1    | ''
            redis://u:p@127.0.0.1:6379/3?x=y     | redis  | u:p      | 127.0.0.1        | 6379 | /3?x=y
            http://[::1]:80/a                    | http   |          | [::1]            | 80   | /a
            """)
    void anAddressHasItsParts(String text, String scheme, String userInfo, String host, int port, String rest) {
        assertThat(Address.parse(text)).contains(new Address(scheme, Optional.ofNullable(userInfo), host, port, rest));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "localhost:6379",
                "//localhost",
                "http:///v2/room",
                "http://",
                "http://:80",
                "http://a b/",
                "http://a:0",
                "http://a:65536",
                "http://a:port",
                "http://a:1:2",
                "http://-/",
                "http://a,b",
                "redis://:my@secretPW@127.0.0.1:6379",
                "redis://:my%secretPW@127.0.0.1:6379",
                "redis://:p@ss/w:rd#1@127.0.0.1:6379"
            })
    void anythingElseIsNoAddress(String text) {
        assertThat(Address.parse(text)).isEmpty();
    }

    @Test
    void onlyAHostWithAnUnderscoreIsLookedUp() throws Exception {
        assertThat(address("http://u:p@my_chat:80/v2").reachable(host -> host.equals("my_chat") ? "10.0.0.7" : "no"))
                .isEqualTo("http://u:p@10.0.0.7:80/v2");
        assertThat(address("redis://my_redis").reachable(host -> "fd00::7")).isEqualTo("redis://[fd00::7]");
        assertThat(address("http://[::1]/v2").reachable(host -> "no")).isEqualTo("http://[::1]/v2");
        assertThat(address("http://chat/v2").reachable(host -> "no")).isEqualTo("http://chat/v2");
    }

    @Test
    void aHostWithoutAnAddressIsUnknown() {
        assertThatThrownBy(() -> address("http://my_chat.invalid").reachable(Address::lookUp))
                .isInstanceOf(UnknownHostException.class);
    }

    @Test
    void theTextContainsNoUserAndPassword() {
        assertThat(address("http://gate:s3cret@my_chat:80/v2")).hasToString("http://***@my_chat:80/v2");
    }

    private static Address address(String text) {
        return Address.parse(text).orElseThrow();
    }
}
