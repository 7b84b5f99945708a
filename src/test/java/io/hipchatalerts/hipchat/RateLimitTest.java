package io.hipchatalerts.hipchat;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RateLimitTest {

    /** In Unix seconds 1777713330. */
    private static final Instant NOW = Instant.parse("2026-05-02T09:15:30Z");

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Retry-After: 0                                                           |
            Retry-After: 1                                                           | 2026-05-02T09:15:31Z
            Retry-After: 120                                                         | 2026-05-02T09:17:30Z
            Retry-After: -5                                                          |
            Retry-After: 1.5                                                         | 2026-05-02T09:15:32Z
            Retry-After: Saturday, 02-May-26 09:16:00 GMT                            | 2026-05-02T09:16:00Z
            Retry-After: Sat May  2 09:16:00 2026                                    | 2026-05-02T09:16:00Z
            Retry-After: soon                                                        |
            Retry-After: 99999999999                                                 | 5195-03-17T19:02:09Z
            Retry-After: 99999999999999999999                                        |
            Retry-After: a sentence of more than sixty-four characters, which is no date at all |
            Retry-After: Sat, 02 May 2026 09:16:00 GMT                               | 2026-05-02T09:16:00Z
            Retry-After: Sat, 02 May 2026 09:15:00 GMT                               |
            Retry-After: Fri, 02 May 2026 09:16:00 GMT                               | 2026-05-02T09:16:00Z
            Retry-After: 2026-05-02T09:16:00Z                                        |
            """)
    void retryAfterIsSecondsOrADate(String headers, Instant notBefore) {
        assertNotBefore(headers, notBefore);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            LIMIT-Reset: 1777713360                              | 2026-05-02T09:16:00Z
            LIMIT-Reset: 1777713360; LIMIT-Remaining: 0          | 2026-05-02T09:16:00Z
            LIMIT-Reset: 1777713360; LIMIT-Remaining: -1         | 2026-05-02T09:16:00Z
            LIMIT-Reset: 1777713360; LIMIT-Remaining: 1          |
            LIMIT-Reset: 1777713360; LIMIT-Remaining: 29         |
            LIMIT-Reset: 1777713360; LIMIT-Remaining: none       | 2026-05-02T09:16:00Z
            LIMIT-Reset: 1777713360; LIMIT-Limit: 30             | 2026-05-02T09:16:00Z
            LIMIT-Remaining: 0                                   |
            LIMIT-Reset: 1777713330                              |
            LIMIT-Reset: 1777713300                              |
            LIMIT-Reset: 0                                       |
            LIMIT-Reset: 30                                      |
            LIMIT-Reset: -1777713360                             |
            LIMIT-Reset: 1777713360000                           |
            LIMIT-Reset: 1777899999                              |
            LIMIT-Reset: 9999999999                              |
            LIMIT-Reset: 99999999999999999999                    |
            LIMIT-Reset: 1777713360.5                            | 2026-05-02T09:16:01Z
            LIMIT-Reset: Sat, 02 May 2026 09:16:00 GMT           |
            LIMIT-Reset: tomorrow                                |
            """)
    void aResetCountsWhenNothingRemainsAndItMakesSense(String headers, Instant notBefore) {
        assertNotBefore(headers.replace("LIMIT", "X-FloodControl"), notBefore);
        assertNotBefore(headers.replace("LIMIT", "X-Ratelimit"), notBefore);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Retry-After: 10; X-FloodControl-Reset: 1777713350; X-Ratelimit-Reset: 1777713360     | 2026-05-02T09:16:00Z
            Retry-After: 10; X-FloodControl-Reset: 1777713360; X-Ratelimit-Reset: 1777713350     | 2026-05-02T09:16:00Z
            Retry-After: 30; X-FloodControl-Reset: 1777713340; X-Ratelimit-Reset: 1777713350     | 2026-05-02T09:16:00Z
            Retry-After: soon; X-FloodControl-Reset: 1777713360                                  | 2026-05-02T09:16:00Z
            X-FloodControl-Reset: 1777713300; X-Ratelimit-Reset: 1777713360                      | 2026-05-02T09:16:00Z
            X-FloodControl-Remaining: 5; X-FloodControl-Reset: 1777713390; X-Ratelimit-Remaining: 0; X-Ratelimit-Reset: 1777713360 | 2026-05-02T09:16:00Z
            X-FloodControl-Remaining: 0; X-FloodControl-Reset: 1777713360; X-Ratelimit-Remaining: 9; X-Ratelimit-Reset: 1777713390 | 2026-05-02T09:16:00Z
            X-FloodControl-Remaining: 5; X-FloodControl-Reset: 1777713390; X-Ratelimit-Remaining: 9; X-Ratelimit-Reset: 1777713390 |
            """)
    void ofSeveralTheLatestCounts(String headers, Instant notBefore) {
        assertNotBefore(headers, notBefore);
    }

    private static void assertNotBefore(String headers, Instant notBefore) {
        Map<String, String> values = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String header : headers.split("; ", -1)) {
            String[] parts = header.split(": ", 2);
            values.put(parts[0], parts[1]);
        }

        if (notBefore == null) {
            assertThat(RateLimit.notBefore(
                            name -> Optional.ofNullable(values.get(name)).stream()
                                    .toList(),
                            NOW))
                    .isEmpty();
        } else {
            assertThat(RateLimit.notBefore(
                            name -> Optional.ofNullable(values.get(name)).stream()
                                    .toList(),
                            NOW))
                    .contains(notBefore);
        }
    }

    @Test
    void ofAHeaderSentTwiceTheLatestCounts() {
        assertThat(RateLimit.notBefore(name -> name.equals("Retry-After") ? List.of("1", "3") : List.of(), NOW))
                .contains(NOW.plusSeconds(3));
    }
}
