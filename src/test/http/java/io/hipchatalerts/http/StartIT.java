package io.hipchatalerts.http;

import static io.hipchatalerts.http.Stopped.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A bad configuration stops the start of the real program: one clear line, no stack trace, no token, exit code not 0. One
 * setting stands for each kind; {@code SettingsTest} has all of them.
 */
class StartIT {

    @ParameterizedTest(name = "{0}={1}")
    @CsvSource(delimiter = '|', textBlock = """
            HIPCHAT_ENABLED                    | perhaps       | hipchat.enabled                     | true
            HIPCHAT_URL                        | ftp://x/room  | hipchat.url                         | https
            _PROD_HIPCHAT_URL                  | ftp://x/room  | hipchat.url                         | https
            KAPACITOR_HIPCHAT_URL              | nonsense      | hipchat.url                         | allowed is an absolute http or https address
            HIPCHAT_DEADLINE                   | 0s            | hipchat.deadline                    | 10m
            HIPCHAT_COLOR_CRITICAL             | orange        | hipchat.color.critical              | purple
            HIPCHAT_DIGEST_FROM                | x             | hipchat.digest.from                 | from 2 on
            HIPCHAT_FROM                       | ''            | hipchat.from                        | leave it out
            QUARKUS_HTTP_IDLE_TIMEOUT          | soon          | quarkus.http.idle-timeout           | not valid
            HIPCHAT_COLOR_OK                   | ''            | hipchat.color.ok                    | leave it out
            HIPCHAT_FROM                       | 12345678901234567890123456789012345678901234567890123456789012345 | hipchat.from | 64
            """)
    void aBadValueStopsTheStart(String variable, String value, String key, String allowed) throws Exception {
        assertThat(refusal(Map.of(variable, value, "HIPCHAT_TOKEN", "s3cret", "HIPCHAT_INBOUND_TOKEN", "s3cret")))
                .startsWith(key + " is \"" + value + "\"; ")
                .contains(allowed)
                .doesNotContain("\tat ", "s3cret");
    }

    @Test
    void enabledWithoutAddressStopsTheStart() throws Exception {
        assertThat(refusal(Map.of("HIPCHAT_ENABLED", "true"))).contains("hipchat.url", "hipchat.enabled");
    }

    @Test
    void anInvalidTokenStopsTheStartAndIsNotShown() throws Exception {
        assertThat(refusal(Map.of("HIPCHAT_TOKEN", "s3cret\u0007")))
                .contains("hipchat.token")
                .doesNotContain("s3cret");
    }

    @Test
    void aTokenInTheAddressIsNotShown() throws Exception {
        assertThat(refusal(Map.of(
                        "HIPCHAT_URL",
                        "https://u:s3cret@x.hipchat.com/v2/room/ops/notification?auth_token=s3cret&a=b")))
                .contains("hipchat.url", "auth_token=***&a=b", "allowed")
                .doesNotContain("s3cret");
    }

    /** Cases 02, 03 and 04 of the field, and their like, in the settings of Quarkus. */
    @ParameterizedTest(name = "{0}={1}")
    @CsvSource(delimiter = '|', textBlock = """
            QUARKUS_REDIS_HOSTS                               | localhost:6379                      | quarkus.redis.hosts is "localhost:6379"; allowed
            QUARKUS_REDIS_HOSTS                               | redis://:my@s3cretPW@127.0.0.1:6379 | quarkus.redis.hosts is "redis://***@127.0.0.1:6379"; allowed
            QUARKUS_REDIS_HOSTS                               | redis://:my%s3cretPW@127.0.0.1:6379 | quarkus.redis.hosts is "redis://***@127.0.0.1:6379"; allowed
            QUARKUS_REDIS_HOSTS                               | redis://:p@s3/w:rd#1@127.0.0.1:6379 | quarkus.redis.hosts is "redis://***@127.0.0.1:6379"; allowed
            QUARKUS_REDIS_HOSTS                               | redis://a:1,redis://b:1             | quarkus.redis.hosts is "redis://a:1,redis://b:1"; allowed
            QUARKUS_REDIS_CLIENT_TYPE                         | ring                                | quarkus.redis.client-type is "ring"; allowed
            QUARKUS_REDIS_TLS_CONFIGURATION_NAME              | nosuch                              | quarkus.redis.tls-configuration-name is "nosuch"; allowed
            QUARKUS_REST_CLIENT_HIPCHAT_TLS_CONFIGURATION_NAME| nosuch                              | quarkus.rest-client.hipchat.tls-configuration-name is "nosuch"; allowed
            QUARKUS_REST_CLIENT_HIPCHAT_PROXY_ADDRESS         | http://u:s3cret@proxy:80            | proxy-address is "http://***@proxy:80"; allowed
            QUARKUS_TLS_REDIS_TRUST_STORE_PEM_CERTS           | /no/such/ca.pem                     | quarkus.tls.redis.trust-store.pem.certs is "/no/such/ca.pem"; allowed
            QUARKUS_DYNAMODB_AWS_REGION                       | eu west                             | quarkus.dynamodb.aws.region is "eu west"; allowed
            QUARKUS_DYNAMODB_AWS_CREDENTIALS_TYPE             | magic                               | quarkus.dynamodb.aws.credentials.type is "magic"; allowed
            QUARKUS_DYNAMODB_AWS_CREDENTIALS_TYPE             | static                              | quarkus.dynamodb.aws.credentials.static-provider
            QUARKUS_DYNAMODB_ENDPOINT_OVERRIDE                | http://u:s3cret@localhost:8000      | quarkus.dynamodb.endpoint-override is "http://***@localhost:8000"; allowed
            HIPCHAT_URL                                       | http://u:s3cret@127.0.0.1/v2/room   | hipchat.url is "http://***@127.0.0.1/v2/room"; with hipchat.auth=header
            HIPCHAT_URL                                       | http://u:p@s3cret@127.0.0.1/v2/room | hipchat.url is "http://***@127.0.0.1/v2/room"; allowed
            """)
    void aBadSettingOfQuarkusStopsTheStartInTheSameWay(String variable, String value, String said) throws Exception {
        Map<String, String> settings =
                new TreeMap<>(Map.of("HIPCHAT_STATE_STORE", "redis", "QUARKUS_REDIS_HOSTS", "redis://localhost:6379"));
        if (variable.contains("DYNAMODB")) {
            settings.putAll(Map.of("HIPCHAT_STATE_STORE", "dynamodb", "AWS_REGION", "eu-central-1"));
        }
        settings.put(variable, value);

        assertThat(refusal(settings)).contains(said).doesNotContain("s3");
    }

    @Test
    void aStoreWithoutARegionStopsTheStartInOneLine() throws Exception {
        assertThat(refusal(Map.of("HIPCHAT_STATE_STORE", "dynamodb", "AWS_EC2_METADATA_DISABLED", "true")))
                .startsWith("quarkus.dynamodb.aws.region ")
                .hasSizeLessThan(400);
    }

    @Test
    void aBooleanThatKapacitorWouldRefuseStopsTheStart() throws Exception {
        assertThat(refusal(Map.of("KAPACITOR_HIPCHAT_GLOBAL", "perhaps", "KAPACITOR_HIPCHAT_TOKEN", "s3cret")))
                .isEqualTo("KAPACITOR_HIPCHAT_GLOBAL is \"perhaps\";"
                        + " allowed are 1 t T TRUE true True and 0 f F FALSE false False");
    }
}
