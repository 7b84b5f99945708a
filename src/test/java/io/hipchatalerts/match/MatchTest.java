package io.hipchatalerts.match;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Timeout.ThreadMode.SEPARATE_THREAD;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.hipchatalerts.alert.Level;
import io.hipchatalerts.alert.Series;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The expressions of Kapacitor's {@code match} that an event can answer (K §3.2). */
class MatchTest {

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
            "host" == 'serverA' AND level() == CRITICAL   | true
            changed() == TRUE                             | true
            changed()                                     | true
            !changed()                                    | false
            level() >= WARNING                            | true
            level() == 3                                  | true
            level() < CRITICAL                            | false
            level() - 1 == WARNING                        | true
            name() == 'cpu'                               | true
            alertDuration() > 5m                          | true
            duration() >= 6m                              | true
            alertDuration() / 2 == 3m                     | true
            alertDuration() / 1m == 6                     | true
            "host" =~ /^server[AB]$/                      | true
            "host" =~ /erv/                               | true
            "host" !~ /^erv/                              | true
            "data center" == 'eu'                         | true
            "say \\"hi\\"" == 'yes'                       | true
            "host" < 'serverB'                            | true
            "host" + '.' + "data center" == 'serverA.eu'  | true
            FALSE                                         | false
            """)
    void aMatchReadsTheEvent(String match, boolean accepted) throws MatchFailed {
        assertThat(Match.parse(match).accepts(Events.CRITICAL)).isEqualTo(accepted);
    }

    @ParameterizedTest
    @CsvSource({
        "OK,       -,        false",
        "CRITICAL, -,        true",
        "OK,       OK,       false",
        "OK,       CRITICAL, true",
        "WARNING,  WARNING,  false",
        "INFO,     WARNING,  true"
    })
    void changedIsTheLevelAgainstTheOneBeforeWhichIsOkWhenAbsent(String now, String before, boolean changed)
            throws MatchFailed {
        Optional<Level> previous = Level.named(before);

        boolean accepted = Match.parse("changed()")
                .accepts(Events.event(Level.valueOf(now), previous, Duration.ZERO, Series.NONE));

        assertThat(accepted).isEqualTo(changed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"name() == ''", "alertDuration() == 0s", "level() == INFO", "changed()"})
    void aMissingFieldIsEmptyOrZero(String match) throws MatchFailed {
        assertThat(Match.parse(match).accepts(Events.BARE)).isTrue();
    }

    @Test
    void theLongestDurationIsLongerThanAnyOther() throws MatchFailed {
        assertThat(Match.parse("alertDuration() > 15000w")
                        .accepts(Events.event(
                                Level.OK, Optional.empty(), Duration.ofNanos(Long.MAX_VALUE), Series.NONE)))
                .isTrue();
    }

    /** The looser operator is last; other brackets would give another result or a type error. */
    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
            TRUE OR TRUE AND FALSE          | true
            (TRUE OR TRUE) AND FALSE        | false
            FALSE AND FALSE OR TRUE         | true
            FALSE AND FALSE == FALSE        | false
            FALSE == TRUE OR TRUE           | true
            FALSE == 2 < 1                  | true
            1 < 2 == 3 > 2                  | true
            'a' =~ /a/ == TRUE              | true
            TRUE == FALSE == FALSE          | true
            TRUE == (FALSE == TRUE)         | false
            1 + 1 < 1 + 2                   | true
            1 + 2 * 3 == 7                  | true
            (1 + 2) * 3 == 9                | true
            10 - 4 - 3 == 3                 | true
            10 - (4 - 3) == 9               | true
            100 / 10 / 2 == 5               | true
            7 % 4 * 2 == 6                  | true
            2 * 7 % 4 == 2                  | true
            -2 + 3 == 1                     | true
            -(2 + 3) == -5                  | true
            2--1 == 3                       | true
            0.5--1.5 == 2.0                 | true
            --2 == 2                        | true
            -2 * -3 == 6                    | true
            !FALSE AND FALSE                | false
            !(FALSE AND FALSE)              | true
            !TRUE == FALSE                  | true
            !!TRUE                          | true
            """)
    void operatorsBindAsInTickscript(String match, boolean accepted) throws MatchFailed {
        assertThat(Match.parse(match).accepts(Events.BARE)).isEqualTo(accepted);
    }

    /** Each row has several matches. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiterString = " : ", textBlock = """
            short durations        : 1000u == 1ms; 1000µ == 1ms; 1000ms == 1s; 60s == 1m
            long durations         : 60m == 1h; 24h == 1d; 7d == 1w
            signs of durations     : -1m < 0s
            octal numbers          : 010 == 8; 0 == 00; 010m == 10m
            numbers with a point   : 1.5 > 1; 1 < 1.5; .5 == 0.5; 5. == 5; 1.0 == 1
            division               : -7 / 2 == -3; -7 % 2 == -1; 7.0 / 2.0 == 3.5
            parts of durations     : 1m * 1.5 == 90s; 2 * 3m == 6m; 1.5 * 1m == 90s; 1m / 1.5 == 40s
            the limit of integers  : 9223372036854775807 + 1 < 0
            the limits of floats   : 0.0 / 0.0 != 0.0 / 0.0; 0.0 == -0.0; !(0.0 / 0.0 > 1.0) AND !(0.0 / 0.0 <= 1)
            """)
    void numbersMeanWhatTheyMeanInTickscript(String what, String matches) {
        assertThat(matches.split("; ", -1))
                .allSatisfy(match ->
                        assertThat(Match.parse(match).accepts(Events.BARE)).isTrue());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'it\\'s' == '''it's'''",
                "'''a''' == 'a'",
                "'' == ''''''",
                "'a\\b' == '''a\\b'''",
                "'a\\\\b' == '''a\\\\b'''",
                "'a\nb' =~ /a\\sb/",
                "'a/b' =~ /^a\\/b$/",
                "'a' =~ //",
                "'a' =~ // AND TRUE",
                "'a' =~\n  /A|a/",
                "'a' =~ (/a/)",
                "'é' =~ /^.$/ AND '💥' =~ /^.$/",
                "'A' =~ /(?i)a/",
                "'\uFFFF' < '💥'",
                "TRUE // the rest is left out",
                "// first\nTRUE // then\n// and\n AND TRUE",
                "6 / 3 // halves\n == 2",
                " \t\r\n\u00a0TRUE ",
                "level ( ) == INFO",
                "level()==INFO AND(TRUE)",
                "level() == 1AND TRUE"
            })
    void literalsAreWrittenAsInTickscript(String match) throws MatchFailed {
        assertThat(Match.parse(match).accepts(Events.BARE)).isTrue();
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
            "rack" == 'a'                         | the event has no tag "rack"
            TRUE OR "rack" == 'a'                 | the event has no tag "rack"
            FALSE AND "rack" == 'a'               | the event has no tag "rack"
            "host" == 'a' AND "rack" == "row"     | the event has no tag "rack"
            level() / 0 == 1                      | it divides by zero
            level() % 0 == 1                      | it divides by zero
            1m / 0 == 1m                          | it divides by zero
            1m / alertDuration() * 0 == 1m / 0s   | it divides by zero
            """)
    void aMatchThatCannotBeEvaluatedNamesTheReason(String match, String reason) {
        Match parsed = Match.parse(match);

        assertThatThrownBy(() -> parsed.accepts(Events.CRITICAL))
                .isInstanceOf(MatchFailed.class)
                .hasMessage(reason);
    }

    @ParameterizedTest
    @CsvSource({"TRUE OR 1 / 0 == 1, true", "FALSE AND 1 / 0 == 1, false"})
    void anOperandThatCannotDecideIsNotEvaluated(String match, boolean accepted) throws MatchFailed {
        assertThat(Match.parse(match).accepts(Events.BARE)).isEqualTo(accepted);
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
            level()                     | column 1: a match must be boolean, such as level() == CRITICAL; this one is integer
            "host"                      | column 1: a match must be boolean, such as level() == CRITICAL; this one is text
            level() == 'CRITICAL'       | column 9: "==" cannot join integer and text; after integer it takes integer or float (a level is a number, without quotes)
            "host" == CRITICAL          | column 8: "==" cannot join text and integer; after text it takes text (a level is a number, without quotes)
            alertDuration() > 300       | column 17: ">" cannot join duration and integer; after duration it takes duration
            changed() == 1              | column 11: "==" cannot join boolean and integer; after boolean it takes boolean
            changed() < TRUE            | column 11: "<" cannot join boolean and boolean; on its left it takes integer or float or text or duration
            TRUE AND level()            | column 6: "AND" cannot join boolean and integer; after boolean it takes boolean
            level() OR TRUE             | column 9: "OR" cannot join integer and boolean; on its left it takes boolean
            name() =~ 'cpu'             | column 8: "=~" cannot join text and text; after text it takes regex (write a regex /between slashes/)
            name() == /cpu/             | column 8: "==" cannot join text and regex; after text it takes text
            level() !~ /3/              | column 9: "!~" cannot join integer and regex; on its left it takes text
            1 + 1.5 > 2                 | column 3: "+" cannot join integer and float; after integer it takes integer
            2.0 % 2.0 == 0.0            | column 5: "%" cannot join float and float; on its left it takes integer
            !level() == OK              | column 1: "!" takes boolean, not integer; it comes before all other operators, so put a comparison in parentheses
            -name() == 'a'              | column 1: "-" takes integer, float or duration, not text
            TRUE == -TRUE               | column 9: "-" takes integer, float or duration, not boolean
            """)
    void mismatchedTypesAreReportedWithTheirPlace(String match, String message) {
        assertThatThrownBy(() -> Match.parse(match))
                .isInstanceOf(BadMatch.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
            ``                          | column 1: expected a value such as level(), "tag", 'text' or 10m, found the end
            // nothing                  | column 11: expected a value such as level(), "tag", 'text' or 10m, found the end
            TRUE AND                    | column 9: expected a value such as level(), "tag", 'text' or 10m, found the end
            TRUE AND )                  | column 10: expected a value such as level(), "tag", 'text' or 10m, found ")"
            == 1                        | column 1: expected a value such as level(), "tag", 'text' or 10m, found "=="
            (changed()                  | column 11: expected an operator such as == or AND, or ")", found the end
            changed())                  | column 10: expected an operator such as == or AND, or the end, found ")"
            level() = 3                 | column 9: expected an operator such as == or AND, or the end, found "="; equality is ==
            TRUE and TRUE               | column 6: expected an operator such as == or AND, or the end, found "and"; write AND
            TRUE && TRUE                | column 6: expected an operator such as == or AND, or the end, found "&&"; write AND
            (TRUE or TRUE)              | column 7: expected an operator such as == or AND, or ")", found "or"; write OR
            alertDuration() > 1h30m     | column 21: expected an operator such as == or AND, or the end, found "30m"; a duration has one number and one unit, such as 90m
            alertDuration() > 10min     | column 22: expected an operator such as == or AND, or the end, found "in"
            1e5 > 1                     | column 2: expected an operator such as == or AND, or the end, found "e5"
            lambda: changed()           | column 1: write a match without "lambda:"
            taskName() == 'x'           | column 1: "taskName()" is not a function of an event; known are alertDuration(), changed(), duration(), level(), name()
            strContains("a", 'b')       | column 1: "strContains()" is not a function of an event; known are alertDuration(), changed(), duration(), level(), name()
            level(1) == 2               | column 7: expected ")": level() takes no argument, found "1)"
            level == 2                  | column 1: unknown name "level"; write level()
            host == 'a'                 | column 1: unknown name "host"; known are OK, INFO, WARNING, CRITICAL, TRUE and FALSE; put text in 'single quotes'
            level() == critical         | column 12: unknown name "critical"; known are OK, INFO, WARNING, CRITICAL, TRUE and FALSE; put text in 'single quotes'
            "host == 'a'                | column 1: this tag has no end; expected "
            name() == 'a                | column 11: this text has no end; expected '
            name() == '''a''            | column 11: this text has no end; expected '''
            name() == 'a\\'             | column 11: this text has no end; expected '
            name() =~ /a                | column 11: this regex has no end; expected /
            name() =~ /[a/              | column 11: this is not a regex in RE2's syntax: missing closing ]
            name() =~ /(?=a)/           | column 11: this is not a regex in RE2's syntax: invalid or unsupported Perl syntax
            '💥' == 08                  | column 8: this number is too large, or an octal number (with a leading 0) that contains 8 or 9
            9223372036854775808 > 1     | column 1: this number is too large, or an octal number (with a leading 0) that contains 8 or 9
            15251w > 1w                 | column 1: this number is too large, or an octal number (with a leading 0) that contains 8 or 9
            . == 1                      | column 1: expected a number, found "."
            """)
    void aSyntaxErrorIsReportedWithItsPlaceAndTheExpectedText(String match, String message) {
        assertThatThrownBy(() -> Match.parse(match))
                .isInstanceOf(BadMatch.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 1", "2, 1, 2", "4, 3, 1"})
    void anErrorInSeveralLinesNamesItsLine(int lines, int line, int column) {
        String match = "//\n".repeat(line - 1) + " ".repeat(column - 1) + "%" + "\n//".repeat(lines - 1);

        assertThatThrownBy(() -> Match.parse(match))
                .hasMessageStartingWith((lines == 1 ? "" : "line " + line + ", ") + "column " + column + ": expected ");
    }

    /** A level takes between 300 and 1 000 bytes, as the JIT has compiled the parser by then. */
    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
            (    | TRUE  | )          | 500
            !    | TRUE  | ``         | 500
            -    | `0 == 0` | ``      | 499
            ``   | TRUE  | ` OR TRUE` | 500
            `TRUE == (` | TRUE | )    | 250
            """)
    void noNestingThatIsTakenFillsTheStack(String before, String core, String after, int most)
            throws InterruptedException {
        String taken = before.repeat(most) + core + after.repeat(most);

        assertThat(inTheUsualStack(taken)).isEqualTo("true");
        assertThat(inTheUsualStack(before + taken + after))
                .endsWith(": a match has at most 500 operators and parentheses");
        assertThat(inTheUsualStack(before.repeat(100_000) + core + after.repeat(100_000)))
                .endsWith(": a match has at most 500 operators and parentheses");
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
            ((a{1000}){1000}){1000}
            (?:(?:(?:(?:x{10}){10}){10}){10}){10}
            ((a{2,}){500,}){500,}
            (?:a{1000}?){1000}?
            ([)]a{1000}){1000}
            (\\pL{900}){900}
            """)
    void aRegexThatGrowsBeyondBoundsIsRefused(String regex) {
        assertThatThrownBy(() -> Match.parse("name() =~ /" + regex + "/"))
                .hasMessage("column 11: this regex is too large; allowed are 1000 characters, and 10000 with all"
                        + " {repetitions} expanded");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void aRegexMayBeAsLargeAsTheLimits(String what, String largest, String tooLarge) throws MatchFailed {
        assertThat(Match.parse("'x' =~ /" + largest + "/").accepts(Events.BARE)).isFalse();
        assertThatThrownBy(() -> Match.parse("'x' =~ /" + tooLarge + "/"))
                .hasMessageContaining("this regex is too large");
    }

    static Stream<Arguments> aRegexMayBeAsLargeAsTheLimits() {
        return Stream.of(
                arguments("1 000 characters", "a".repeat(1_000), "a".repeat(1_001)),
                arguments("10 characters a thousand times", "(aa){1000}", "(aaa){1000}"));
    }

    /** The library would not return from any of them. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "(?i)\u1c80",
                "(?si)[\u1c88]",
                "(?i:[a-\u2000])",
                "(?i)[!-\ud83d]",
                "(?i)[^!-💥]",
                "(?i)\\x{1C80}",
                "(?i)[a-\\x{10FFFF}]"
            })
    @Timeout(value = 60, threadMode = SEPARATE_THREAD)
    void aRegexThatWouldHangTheLibraryIsRefused(String regex) {
        assertThatThrownBy(() -> Match.parse("name() =~ /" + regex + "/"))
                .hasMessageStartingWith("column 11: this regex ignores case, so it must not contain \\x{...}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(?i)[x-z]|磁盘|É|\\pN{2}\\x42",
                "(\\d{1,3}\\.){3}\\d{1,3}",
                "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
                "a{1000}",
                "(a*)*(a*)*(a*)*(a*)*b"
            })
    void aSensibleRegexIsAccepted(String regex) throws MatchFailed {
        assertThat(Match.parse("'" + "a".repeat(900) + "' =~ /" + regex + "/").accepts(Events.BARE))
                .isFalse();
    }

    private static String inTheUsualStack(String match) throws InterruptedException {
        String[] result = new String[1];
        Thread thread = new Thread(
                () -> {
                    try {
                        result[0] = String.valueOf(Match.parse(match).accepts(Events.BARE));
                    } catch (BadMatch | MatchFailed | StackOverflowError failed) {
                        result[0] = failed.toString();
                    }
                },
                "of the usual stack");
        thread.start();
        thread.join();
        return result[0];
    }
}
