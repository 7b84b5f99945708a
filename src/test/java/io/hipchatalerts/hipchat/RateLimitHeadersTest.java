package io.hipchatalerts.hipchat;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RateLimitHeadersTest {

    /** In Unix seconds 1777713330. */
    private static final Instant NOW = Instant.parse("2026-05-02T09:15:30Z");

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Retry-After: 0                                                                      |
            Retry-After: 1                                                                      | 2026-05-02T09:15:31Z
            Retry-After: 120                                                                    | 2026-05-02T09:17:30Z
            Retry-After: -5                                                                     |
            Retry-After: 1.5                                                                    | 2026-05-02T09:15:32Z
            Retry-After: Sat, 02 May 2026 09:16:00 GMT                                          | 2026-05-02T09:16:00Z
            Retry-After: Fri, 02 May 2026 09:16:00 GMT                                          | 2026-05-02T09:16:00Z
            Retry-After: Saturday, 02-May-26 09:16:00 GMT                                       | 2026-05-02T09:16:00Z
            Retry-After: Sat May  2 09:16:00 2026                                               | 2026-05-02T09:16:00Z
            Retry-After: Sat, 02 May 2026 09:15:00 GMT                                          |
            Retry-After: 2026-05-02T09:16:00Z                                                   |
            Retry-After: soon                                                                   |
            Retry-After: 99999999999                                                            | 2026-05-03T09:15:30Z
            Retry-After: 99999999999999999999                                                   |
            Retry-After: a sentence of more than sixty-four characters, which is no date at all |
            Retry-After: 1; Retry-After: 3                                                      | 2026-05-02T09:15:33Z
            """)
    void retryAfterIsSecondsOrADate(String headers, Instant retryAt) {
        assertThat(retryAt(headers)).isEqualTo(Optional.ofNullable(retryAt));
        assertThat(RateLimitHeaders.usedUpUntil(values(headers), NOW)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            LIMIT-Reset: 1777713360                        | 2026-05-02T09:16:00Z
            LIMIT-Reset: 1777713360; LIMIT-Remaining: 0    | 2026-05-02T09:16:00Z
            LIMIT-Reset: 1777713360; LIMIT-Remaining: -1   | 2026-05-02T09:16:00Z
            LIMIT-Reset: 1777713360; LIMIT-Remaining: 1    |
            LIMIT-Reset: 1777713360; LIMIT-Remaining: 29   |
            LIMIT-Reset: 1777713360; LIMIT-Remaining: none | 2026-05-02T09:16:00Z
            LIMIT-Reset: 1777713360; LIMIT-Limit: 30       | 2026-05-02T09:16:00Z
            LIMIT-Remaining: 0                             |
            LIMIT-Reset: 1777713330                        |
            LIMIT-Reset: 1777713300                        |
            LIMIT-Reset: 0                                 |
            LIMIT-Reset: 30                                |
            LIMIT-Reset: -1777713360                       |
            LIMIT-Reset: 1777713360000                     |
            LIMIT-Reset: 1777713630                        | 2026-05-02T09:20:30Z
            LIMIT-Reset: 1777713631                        | 2026-05-02T09:20:31Z
            LIMIT-Reset: 1777713632                        |
            LIMIT-Reset: 1777713930                        |
            LIMIT-Reset: 1777716930                        |
            LIMIT-Reset: 1777713930; LIMIT-Remaining: 0    |
            LIMIT-Reset: 9999999999                        |
            LIMIT-Reset: 99999999999999999999              |
            LIMIT-Reset: 1777713360.5                      | 2026-05-02T09:16:01Z
            LIMIT-Reset: Sat, 02 May 2026 09:16:00 GMT     |
            LIMIT-Reset: tomorrow                          |
            """)
    void aResetCountsWhenNothingRemainsAndItMakesSense(String headers, Instant retryAt) {
        for (String limit : List.of("X-FloodControl", "X-Ratelimit")) {
            assertThat(retryAt(headers.replace("LIMIT", limit))).isEqualTo(Optional.ofNullable(retryAt));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Retry-After: 10; X-FloodControl-Reset: 1777713350; X-Ratelimit-Reset: 1777713360                                       | 2026-05-02T09:16:00Z
            Retry-After: 10; X-FloodControl-Reset: 1777713360; X-Ratelimit-Reset: 1777713350                                       | 2026-05-02T09:16:00Z
            Retry-After: 30; X-FloodControl-Reset: 1777713340; X-Ratelimit-Reset: 1777713350                                       | 2026-05-02T09:16:00Z
            Retry-After: soon; X-FloodControl-Reset: 1777713360                                                                    | 2026-05-02T09:16:00Z
            X-FloodControl-Reset: 1777713300; X-Ratelimit-Reset: 1777713360                                                        | 2026-05-02T09:16:00Z
            X-FloodControl-Remaining: 5; X-FloodControl-Reset: 1777713390; X-Ratelimit-Remaining: 0; X-Ratelimit-Reset: 1777713360 | 2026-05-02T09:16:00Z
            X-FloodControl-Remaining: 0; X-FloodControl-Reset: 1777713360; X-Ratelimit-Remaining: 9; X-Ratelimit-Reset: 1777713390 | 2026-05-02T09:16:00Z
            X-FloodControl-Remaining: 5; X-FloodControl-Reset: 1777713390; X-Ratelimit-Remaining: 9; X-Ratelimit-Reset: 1777713390 |
            """)
    void ofSeveralMomentsTheLatestCounts(String headers, Instant retryAt) {
        assertThat(retryAt(headers)).isEqualTo(Optional.ofNullable(retryAt));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            LIMIT-Remaining: 0; LIMIT-Reset: 1777713360                  | 2026-05-02T09:16:00Z
            LIMIT-Remaining: 0; LIMIT-Reset: 1777713360; Retry-After: 90 | 2026-05-02T09:16:00Z
            LIMIT-Remaining: 1; LIMIT-Reset: 1777713360                  |
            LIMIT-Limit: 30; LIMIT-Reset: 1777713360                     |
            LIMIT-Remaining: 0; OTHER-Reset: 1777713360                  |
            LIMIT-Remaining: 0; LIMIT-Reset: 1777713300                  |
            LIMIT-Remaining: 0; LIMIT-Reset: 1777713632                  |
            LIMIT-Remaining: 0; LIMIT-Reset: 1777713360000               |
            """)
    void aRoomIsUsedUpWhenALimitSaysThatNothingRemains(String headers, Instant until) {
        for (String limit : List.of("X-FloodControl", "X-Ratelimit")) {
            String other = limit.equals("X-Ratelimit") ? "X-FloodControl" : "X-Ratelimit";
            String named = headers.replace("LIMIT", limit).replace("OTHER", other);

            assertThat(RateLimitHeaders.usedUpUntil(values(named), NOW)).isEqualTo(Optional.ofNullable(until));
        }
    }

    /** HipChat's clock is a minute behind ours, an hour ahead of it, or unknown. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Date: Sat, 02 May 2026 09:14:30 GMT; X-Ratelimit-Remaining: 0; X-Ratelimit-Reset: 1777713290 | 2026-05-02T09:15:50Z
            Date: Sat, 02 May 2026 10:15:30 GMT; X-Ratelimit-Remaining: 0; X-Ratelimit-Reset: 1777716950 | 2026-05-02T09:15:50Z
            Date: Sat, 02 May 2026 10:15:30 GMT; X-Ratelimit-Remaining: 0; X-Ratelimit-Reset: 1777713350 |
            Date: Sat, 02 May 2026 10:15:30 GMT; X-Ratelimit-Remaining: 0; X-Ratelimit-Reset: 1777717230 | 2026-05-02T09:20:30Z
            Date: Sat, 02 May 2026 10:15:30 GMT; X-Ratelimit-Remaining: 0; X-Ratelimit-Reset: 1777717232 |
            Date: today; X-Ratelimit-Remaining: 0; X-Ratelimit-Reset: 1777713350                         | 2026-05-02T09:15:50Z
            """)
    void momentsAreThoseOfHipChatsOwnClock(String headers, Instant until) {
        assertThat(retryAt(headers)).isEqualTo(Optional.ofNullable(until));
        assertThat(RateLimitHeaders.usedUpUntil(values(headers), NOW)).isEqualTo(Optional.ofNullable(until));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Date: Sat, 02 May 2026 09:14:30 GMT; Retry-After: 20
            Date: Sat, 02 May 2026 09:14:30 GMT; Retry-After: Sat, 02 May 2026 09:14:50 GMT
            Date: Sat, 02 May 2026 10:15:30 GMT; Retry-After: 20
            Date: Sat, 02 May 2026 10:15:30 GMT; Retry-After: Sat, 02 May 2026 10:15:50 GMT
            """)
    void retryAfterCountsFromHipChatsOwnClock(String headers) {
        assertThat(retryAt(headers)).contains(NOW.plusSeconds(20));
    }

    private static Optional<Instant> retryAt(String headers) {
        return RateLimitHeaders.retryAt(values(headers), NOW);
    }

    private static Function<String, List<String>> values(String headers) {
        Map<String, List<String>> values = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String header : headers.split("; ", -1)) {
            String[] parts = header.split(": ", 2);
            values.computeIfAbsent(parts[0], first -> new ArrayList<>()).add(parts[1]);
        }
        return name -> values.getOrDefault(name, List.of());
    }
}
