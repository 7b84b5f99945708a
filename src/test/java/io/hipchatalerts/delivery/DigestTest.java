package io.hipchatalerts.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.hipchatalerts.alert.Level;
import io.hipchatalerts.config.HipChatConfig;
import io.hipchatalerts.config.TestConfig;
import io.hipchatalerts.hipchat.Notification;
import io.hipchatalerts.state.Change;
import io.hipchatalerts.state.Pending;
import io.hipchatalerts.state.PendingAlert;
import io.hipchatalerts.state.StoredAlert;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class DigestTest {

    private static final Instant START = Instant.parse("2026-05-02T09:15:30Z");

    @Test
    void aDigestCountsTheLevelsAndHasOneLineForEachAlert() {
        Digest digest = Digest.of(List.of(
                alert("cpu", Level.OK, 1, "cpu is at 3 %"),
                alert("disk", Level.CRITICAL, 2, "disk is full"),
                alert("memory", Level.WARNING, 3, "memory is at 90 %"),
                alert("net", Level.CRITICAL, 1, "net is down")));

        assertThat(digest.text()).isEqualTo("""
                4 alerts changed: 2 CRITICAL, 1 WARNING, 1 OK
                CRITICAL net is down
                CRITICAL disk is full
                WARNING memory is at 90 %
                OK cpu is at 3 %""");
        assertThat(ids(digest)).containsExactly("net", "disk", "memory", "cpu");
    }

    @Test
    void theFirstLineNamesEachLevelWorstFirst() {
        Digest digest = Digest.of(Stream.of(Level.values())
                .map(level -> alert(level.name(), level, 0, "x"))
                .toList());

        assertThat(digest.text().lines()).first().isEqualTo("4 alerts changed: 1 CRITICAL, 1 WARNING, 1 INFO, 1 OK");
    }

    @Test
    void alertsAreOrderedByLevelThenByTimeThenById() {
        List<PendingAlert> ordered = List.of(
                alert("b", Level.CRITICAL, 1, "x"),
                alert("a", Level.CRITICAL, 2, "x"),
                alert("b2", Level.CRITICAL, 2, "x"),
                alert("c", Level.WARNING, 0, "x"),
                alert("d", Level.INFO, 0, "x"),
                alert("a", Level.OK, 0, "x"));
        List<PendingAlert> reversed = new ArrayList<>(ordered);
        Collections.reverse(reversed);

        assertThat(Digest.of(reversed).alerts()).isEqualTo(ordered);
    }

    static List<Arguments> messages() {
        return List.of(
                arguments("a\nb", "a b"),
                arguments("a\r\n\t  b", "a b"),
                arguments("  a  ", "a"),
                arguments("a\u0000\u0007b", "a b"),
                arguments("a\u0085b\u009fc", "a b c"),
                arguments("a\u00a0b\u2003c\u3000d", "a b c d"),
                arguments("a\u2028b\u2029c", "a b c"),
                arguments("\u3000a\u00a0", "a"),
                arguments("<b>a</b>", "<b>a</b>"),
                arguments("", "id is OK"),
                arguments(" \n\u2003\u0000 ", "id is OK"),
                arguments("x".repeat(200), "x".repeat(200)),
                arguments("x".repeat(201), "x".repeat(199) + "…"),
                arguments("😀".repeat(200), "😀".repeat(200)),
                arguments("😀".repeat(201), "😀".repeat(199) + "…"),
                arguments(" x".repeat(100) + " ", "x ".repeat(100).trim()));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void aMessageIsShownOnOneShortLine(String message, String shown) {
        Digest digest = Digest.of(List.of(alert("id", Level.OK, 0, message), alert("z", Level.OK, 1, "z")));

        assertThat(digest.text()).isEqualTo("2 alerts changed: 2 OK\nOK " + shown + "\nOK z");
    }

    @Test
    void anIdInPlaceOfAMessageIsShownOnOneShortLineToo() {
        Digest digest = Digest.of(
                List.of(alert("a\nb", Level.WARNING, 0, " "), alert("x".repeat(300), Level.WARNING, 1, "\u2028")));

        assertThat(digest.text())
                .isEqualTo("2 alerts changed: 2 WARNING\nWARNING a b is WARNING\nWARNING " + "x".repeat(199) + "…");
    }

    @Test
    void theFirstAlertsThatFitAreCoveredAndCounted() {
        List<PendingAlert> alerts = IntStream.range(0, 60)
                .mapToObj(i -> alert("id" + i, i < 10 ? Level.CRITICAL : Level.OK, i, "x".repeat(200)))
                .toList();

        Digest digest = Digest.of(alerts);

        // 37 + 10 × (1 + 9 + 200) + 38 × (1 + 3 + 200) = 9 889
        assertThat(digest.text().lines()).first().isEqualTo("48 alerts changed: 10 CRITICAL, 38 OK");
        assertThat(digest.text()).hasSize(9_889);
        assertThat(digest.alerts()).isEqualTo(alerts.subList(0, 48));
    }

    @Test
    void aMessageOfExactlyTenThousandCodePointsIsComplete() {
        List<PendingAlert> alerts = new ArrayList<>(IntStream.range(0, 49)
                .mapToObj(i -> alert("id" + i, Level.OK, i, "😀".repeat(199)))
                .toList());
        int left = 10_000 - "50 alerts changed: 50 OK".length() - 49 * (1 + 3 + 199);
        alerts.add(alert("last", Level.OK, 100, "x".repeat(left - 4)));
        List<PendingAlert> oneMore = new ArrayList<>(alerts.subList(0, 49));
        oneMore.add(alert("last", Level.OK, 100, "x".repeat(left - 3)));

        String text = Digest.of(alerts).text();

        assertThat(text.codePointCount(0, text.length())).isEqualTo(10_000);
        assertThat(Digest.of(alerts).alerts()).hasSize(50);
        assertThat(Digest.of(oneMore).alerts()).hasSize(49);
        assertThat(Digest.of(oneMore).text()).startsWith("49 alerts changed: 49 OK\n");
    }

    @ParameterizedTest
    @CsvSource({
        "CRITICAL, OK, red",
        "OK, CRITICAL, red",
        "WARNING, INFO, yellow",
        "INFO, OK, gray",
        "OK, OK, green",
        "CRITICAL, CRITICAL, red"
    })
    void aDigestIsTextInTheColorOfTheWorstLevel(Level one, Level other, String color) {
        HipChatConfig config =
                TestConfig.with("color.info", "gray", "message-format", "html", "from", "k", "notify", "false");
        Digest digest = Digest.of(List.of(alert("a", one, 0, "<b>x</b>"), alert("b", other, 0, "y")));

        Notification notification = Notification.ofDigest(digest.level(), digest.text(), config);

        assertThat(notification).isEqualTo(new Notification("k", color, digest.text(), false, "text"));
    }

    @Property(seed = "20260502", tries = 200)
    void noDigestIsTooLongAndEachCoveredAlertHasOneLine(@ForAll("alerts") List<PendingAlert> alerts) {
        Digest digest = Digest.of(alerts);

        List<PendingAlert> covered = digest.alerts();
        assertThat(digest.text().codePointCount(0, digest.text().length())).isLessThanOrEqualTo(10_000);
        assertThat(covered)
                .isEqualTo(alerts.stream()
                        .sorted(Digest.ORDER)
                        .limit(covered.size())
                        .toList())
                .isNotEmpty();
        List<String> lines = List.of(digest.text().split("\n", -1));
        assertThat(lines).hasSize(covered.size() + 1);
        assertThat(lines.get(0)).startsWith(covered.size() + " alerts changed: ");
        for (int i = 0; i < covered.size(); i++) {
            String level = covered.get(i).pending().change().level().name();
            assertThat(lines.get(i + 1)).startsWith(level + " ").doesNotContainPattern("[\\p{Cc}\\p{Zl}\\p{Zp}]");
            String message = lines.get(i + 1).substring(level.length() + 1);
            assertThat(message.codePointCount(0, message.length())).isBetween(1, 200);
        }
    }

    @Provide
    static Arbitrary<List<PendingAlert>> alerts() {
        Arbitrary<String> message = Arbitraries.oneOf(
                Arbitraries.strings().ofMaxLength(20),
                Arbitraries.strings().ofMinLength(190).ofMaxLength(400),
                Arbitraries.of("😀".repeat(250), "\u2028", ""));
        return Combinators.combine(
                        Arbitraries.strings().ofMinLength(1).ofMaxLength(8),
                        Arbitraries.of(Level.class),
                        Arbitraries.integers().between(0, 5),
                        message)
                .as(DigestTest::alert)
                .list()
                .ofMinSize(1)
                .ofMaxSize(120);
    }

    private static List<String> ids(Digest digest) {
        return digest.alerts().stream().map(alert -> alert.alert().id()).toList();
    }

    private static PendingAlert alert(String id, Level level, int second, String message) {
        Instant time = START.plusSeconds(second);
        return new PendingAlert(
                "key of " + id,
                new Pending(
                        second,
                        new Change(level, Optional.empty(), time, Optional.empty()),
                        time,
                        time,
                        Optional.of(new StoredAlert(id, Optional.empty(), Optional.empty(), "room", message))));
    }
}
