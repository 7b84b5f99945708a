package io.hipchatalerts.hipchat;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.alert.Unicode;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessageFormatTest {

    private static final int LIMIT = 10_000;
    private static final int MEBIBYTE = 1 << 20;

    @Property(seed = "20260502", tries = 200)
    void aMessageWithinTheLimitStaysAsItIs(@ForAll("messagesWithin") String message) {
        assertThat(MessageFormat.cut(message)).isEqualTo(message);
    }

    @Property(seed = "20260502", tries = 200)
    void aLongerMessageIsCutBetweenCharacters(@ForAll("messagesBeyond") String message) {
        String cut = MessageFormat.cut(message);

        assertThat(cut.codePointCount(0, cut.length())).isEqualTo(LIMIT);
        assertThat(cut).endsWith("…");
        assertThat(message).startsWith(cut.substring(0, cut.length() - 1));
        assertThat(Unicode.isWhole(cut)).isTrue();
    }

    @Provide
    static Arbitrary<String> messagesWithin() {
        return messages(0, LIMIT);
    }

    @Provide
    static Arbitrary<String> messagesBeyond() {
        return messages(LIMIT + 1, LIMIT + 200);
    }

    /** Characters of one and two chars, in any order, with lengths close to the limit. */
    private static Arbitrary<String> messages(int shortest, int longest) {
        return Arbitraries.of("a", "é", "…", "🔥", "a🔥", "🔥🔥b")
                .list()
                .ofMinSize(1)
                .ofMaxSize(30)
                .map(parts -> String.join("", parts))
                .flatMap(pattern -> Arbitraries.integers()
                        .between(shortest, longest)
                        .map(length -> pattern.repeat(length)
                                .substring(0, pattern.repeat(length).offsetByCodePoints(0, length))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<b>x</b>",
                "disk is <strong>full</strong>",
                "<i>x</i>",
                "<em>x</em>",
                "a<br>b",
                "a<br/>b",
                "a<br />b",
                "<a href=\"https://example.com\">graph</a>",
                "<a href='https://example.com'>graph</a>",
                "<a href=https://example.com>graph</a>",
                "<a href=\"https://example.com/?a=1&amp;b=2\" rel=\"nofollow\">graph</a>",
                "<a href=\"a > b\">graph</a>",
                "<a data-target=\"x\" data-target-options='{\"a\":1}'>graph</a>",
                "<img src=\"https://example.com/g.png\" width=\"100\"/>",
                "<a\n  href = \"https://example.com\"\n>graph</a>",
                "<pre>a < b</pre>",
                "<code>x</code>",
                "<ul><li>x</li></ul>",
                "<ol><li>x</li></ol>",
                "<li>x",
                "<table><tr><td colspan=\"2\">x</td></tr></table>",
                "<thead>",
                "<tbody>",
                "<tfoot>",
                "<tr valign=\"top\">",
                "<th>x</th>",
                "<td>x</td>",
                "<span style=\"color: red\">x</span>",
                "<B>LOUD</B>",
                "<A HREF=\"https://example.com\">GRAPH</A>",
                "<BR/>",
                "<<b>x",
                "a < b but <b>bold</b>",
                "load &gt; 5",
                "a&nbsp;b",
                "it&#39;s down",
                "&#x1F525;",
                "&AMP;"
            })
    void aTagThatHipChatRendersOrACharacterReferenceMakesHtml(String message) {
        assertThat(MessageFormat.holdsHtml(message)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "cpu:host=web01 is CRITICAL",
                "a < b",
                "a <b and c> d",
                "a<b and b>c",
                "a <b",
                "load <1 and >0",
                "Status code <no value> on ",
                "<nil>",
                "<unknown>",
                "@all look at this (facepalm)",
                "@here: <https://example.com>",
                "<script>alert(1)</script>",
                "<script src=\"x\">",
                "<style>",
                "<h1>x</h1>",
                "<div>x</div>",
                "<p>x</p>",
                "<bold>",
                "<abbr>",
                "<ahref=\"x\">",
                "<imgx>",
                "< b>x</ b>",
                "</b>",
                "<!-- b -->",
                "a & b",
                "a && b;",
                "/?a=1&b=2",
                "& gt;",
                "&gt",
                "&;",
                "&#;",
                "&#x;",
                "&#39",
                "&#1f;",
                "<a href=>",
                "<a href=\"never closed>graph</a>",
                "<a href",
                "<",
                "<>",
                "x<y && y>z"
            })
    void anythingElseIsText(String message) {
        assertThat(MessageFormat.holdsHtml(message)).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            <a
            `<a `
            <a href="
            <a href='
            `<a href="'<a href='"`
            `<a b="<a c='" d='`
            `<a b=" b="<a `
            ` b=""`
            ` b=b`
            `<a b=b `
            b=
            `< `
            &
            &a
            &#
            &#1
            &#x1
            <
            """)
    @Timeout(60)
    void aHostileMessageIsReadQuickly(String piece) {
        String message = "<a" + piece.repeat(MEBIBYTE / piece.length());

        assertThat(MessageFormat.holdsHtml(message)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {" ", "\t\n", "<a href", "\"", "=", "'\""})
    @Timeout(60)
    void aHostileMessageWithOneOpenTagIsReadQuickly(String piece) {
        assertThat(MessageFormat.holdsHtml("<a b=" + piece.repeat(MEBIBYTE / piece.length())))
                .isFalse();
        assertThat(MessageFormat.holdsHtml("<a " + piece.repeat(MEBIBYTE / piece.length())))
                .isFalse();
    }
}
