package io.hipchatalerts.match;

import static org.junit.jupiter.api.Timeout.ThreadMode.SEPARATE_THREAD;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Timeout;

/** A million random expressions, in parts: each is accepted or refused, and none of them hangs. */
class MatchFuzzTest {

    private static final long SEED = 20_260_502;
    private static final int PARTS_OF_ALL = 20;
    private static final int EXPRESSIONS = 50_000;

    private static final List<String> VALID = List.of(
            "\"host\" == 'serverA' AND level() == CRITICAL",
            "changed() == TRUE OR !changed() AND level() >= WARNING",
            "alertDuration() > 5m AND name() =~ /^cpu[0-9]+\\/(a|b)*$/",
            "(level() + 1) * 2 % 3 != -4 / 5 // as before\nOR TRUE",
            "'it\\'s' + '''it's''' < \"say \\\"hi\\\"\" OR 1.5 <= .25",
            "duration() / 10u == 3 AND 1w - 2d * 3 > 4h + 5ms",
            "name() !~ /(?i)[^a-z]{2,3}(?:x{5}|\\pL+?)\\b/ == FALSE");

    /** Parts of expressions, separated by spaces; a space itself is one, too. */
    private static final List<String> PARTS = Stream.concat(
                    Stream.of(" ", "\n"), Stream.of("""
            ( ) ! - + * / // % == != =~ !~ < <= > >= = AND OR TRUE FALSE OK CRITICAL
            level() changed() name() duration() taskName() lambda: , _ ٣
            " ' ''' \\ \\' 0 08 1 9223372036854775807 99999999999999999999 . 5m 1u 3µ 10w
            \u00a0 \u0000 \ud83d 💥 é {1000} {9} [ ] [^ (? (?: | ^ $ \\pL \\Q \\E [[:alpha:]]
            """.strip().split("[ \n]", -1)))
            .toList();

    private Random random;

    /** A part takes less than a second; a busy machine takes its time. */
    @RepeatedTest(PARTS_OF_ALL)
    @Timeout(value = 120, threadMode = SEPARATE_THREAD)
    void aMillionRandomExpressionsAreAcceptedOrRefused(RepetitionInfo part) {
        long seed = SEED + part.getCurrentRepetition();
        random = new Random(seed);
        int taken = 0;
        for (int i = 0; i < EXPRESSIONS; i++) {
            String expression = i % 4 == 0 ? random() : mutated();
            if (isTaken(expression, seed, i)) {
                taken++;
            }
        }
        if (taken < EXPRESSIONS / 100 || taken > EXPRESSIONS / 2) {
            throw new AssertionError(
                    "Seed " + seed + ": of " + EXPRESSIONS + " expressions, " + taken + " were taken: no good mixture");
        }
    }

    @SuppressWarnings("CatchAndPrintStackTrace")
    private static boolean isTaken(String expression, long seed, int number) {
        try {
            Match.parse(expression).accepts(Events.CRITICAL);
            return true;
        } catch (MatchFailed failed) {
            return true;
        } catch (BadMatch bad) {
            return false;
        } catch (RuntimeException | Error unforeseen) {
            throw new AssertionError("Seed " + seed + ", expression " + number + ": " + expression, unforeseen);
        }
    }

    private String mutated() {
        StringBuilder expression = new StringBuilder(any(VALID));
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
            int from = random.nextInt(expression.length() + 1);
            int to = Math.min(expression.length(), from + random.nextInt(4));
            switch (random.nextInt(4)) {
                case 0 -> expression.delete(from, to);
                case 1 -> expression.insert(from, any(PARTS));
                case 2 -> expression.replace(from, to, any(PARTS));
                default -> {
                    String other = any(VALID);
                    expression.insert(from, other, random.nextInt(other.length()), other.length());
                }
            }
        }
        return expression.toString();
    }

    private String random() {
        StringBuilder expression = new StringBuilder();
        for (int length = random.nextInt(20); length > 0; length--) {
            if (random.nextInt(3) == 0) {
                expression.append((char) random.nextInt(random.nextBoolean() ? 0x80 : 0x10000));
            } else {
                expression.append(any(PARTS));
            }
        }
        return expression.toString();
    }

    private String any(List<String> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}
