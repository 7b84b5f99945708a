package io.hipchatalerts.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.alert.Token;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedisPasswordsTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            redis://localhost:6379                          | ''
            redis://:s3cr3t@localhost:6379                  | s3cr3t
            redis://user:s3cr3t@localhost:6379/3            | s3cr3t
            redis://s3cr3t@localhost                        | s3cr3t
            redis://:p%40ss+w@localhost                     | p@ss+w
            redis://:p@ss@localhost                         | p@ss
            redis://:a:b@localhost                          | a:b
            redis://:50%@localhost                          | 50%
            redis://localhost?user=u&password=s3cr3t&db=1   | s3cr3t
            redis://:one@a:6379,redis://:two@b:6379         | one two
            redis://:@localhost                             | ''
            """)
    void passwordsInAddressesAreFound(String hosts, String passwords) {
        assertThat(found(Map.of("quarkus.redis.hosts", hosts))).isEqualTo(passwords);
    }

    @Test
    void theSeparatePasswordIsFound() {
        assertThat(found(Map.of("quarkus.redis.password", "s3cr3t"))).isEqualTo("s3cr3t");
        assertThat(found(Map.of())).isEmpty();
    }

    private static String found(Map<String, String> settings) {
        return String.join(
                " ",
                RedisPasswords.of(new SmallRyeConfigBuilder()
                                .withSources(new PropertiesConfigSource(settings, "test", 100))
                                .build())
                        .stream()
                        .map(Token::value)
                        .toList());
    }
}
