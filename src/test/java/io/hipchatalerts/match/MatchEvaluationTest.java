package io.hipchatalerts.match;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.alert.AlertEvent;
import java.util.List;
import java.util.Random;
import java.util.function.BinaryOperator;
import java.util.function.Supplier;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** An expression that is built from parts of known meaning has that meaning when it is read. */
class MatchEvaluationTest {

    private static final AlertEvent EVENT = Events.CRITICAL;
    private static final int TIGHTEST = 6;

    /** A text, the precedence of its outermost operator, and Java's result for the same expression. */
    record Written<T>(String text, int precedence, Supplier<T> meaning) {

        private String within(boolean bare, Random random) {
            return bare && random.nextInt(8) > 0 ? text : "(" + blank(random) + text + blank(random) + ")";
        }
    }

    @Property(seed = "20260502", tries = 20_000)
    void aWrittenExpressionIsReadWithTheSameMeaning(@ForAll Random random) {
        Written<Boolean> written = condition(random, 4);

        assertThat(accepts(written.text())).as(written.text()).isEqualTo(meaning(written));
    }

    private static String accepts(String text) {
        try {
            return String.valueOf(Match.parse(text).accepts(EVENT));
        } catch (MatchFailed failed) {
            return failed.getMessage();
        }
    }

    private static String meaning(Written<Boolean> written) {
        try {
            return String.valueOf(written.meaning().get());
        } catch (ArithmeticException byZero) {
            return "it divides by zero";
        }
    }

    private static Written<Boolean> condition(Random random, int depth) {
        if (depth == 0) {
            return any(
                    random,
                    List.of(
                            leaf("TRUE", true),
                            leaf("FALSE", false),
                            leaf("changed()", true),
                            leaf("duration( )>6m", 3, false)));
        }
        Written<Boolean> left = condition(random, depth - 1);
        Written<Boolean> right = condition(random, depth - 1);
        return switch (random.nextInt(8)) {
            case 0 -> joined(left, "OR", 0, right, () -> left.meaning.get() || right.meaning.get(), random);
            case 1 -> joined(left, "AND", 1, right, () -> left.meaning.get() && right.meaning.get(), random);
            case 2 -> joined(left, "==", 2, right, (a, b) -> a.equals(b), random);
            case 3 -> joined(left, "!=", 2, right, (a, b) -> !a.equals(b), random);
            case 4 ->
                new Written<>(
                        "!" + left.within(left.precedence == TIGHTEST, random), TIGHTEST, () -> !left.meaning.get());
            case 5 -> compared(text(random, depth - 1), text(random, depth - 1), random);
            case 6 -> {
                Written<String> text = text(random, depth - 1);
                boolean not = random.nextBoolean();
                yield new Written<>(
                        text.within(text.precedence > 2, random) + (not ? "!~" : "=~ ") + "/^[a-c]*$/",
                        2,
                        () -> not != text.meaning.get().chars().allMatch(c -> c >= 'a' && c <= 'c'));
            }
            default -> compared(number(random, depth - 1), number(random, depth - 1), random);
        };
    }

    private static <T extends Comparable<T>> Written<Boolean> compared(
            Written<T> left, Written<T> right, Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> joined(left, "==", 2, right, order(left, right, List.of(0)), random);
            case 1 -> joined(left, "!=", 2, right, order(left, right, List.of(-1, 1)), random);
            case 2 -> joined(left, "<", 3, right, order(left, right, List.of(-1)), random);
            case 3 -> joined(left, "<=", 3, right, order(left, right, List.of(-1, 0)), random);
            case 4 -> joined(left, ">", 3, right, order(left, right, List.of(1)), random);
            default -> joined(left, ">=", 3, right, order(left, right, List.of(0, 1)), random);
        };
    }

    private static <T extends Comparable<T>> Supplier<Boolean> order(
            Written<T> left, Written<T> right, List<Integer> wanted) {
        return () -> wanted.contains(Integer.signum(left.meaning.get().compareTo(right.meaning.get())));
    }

    private static Written<Long> number(Random random, int depth) {
        if (depth == 0) {
            return any(
                    random,
                    List.of(leaf("0", 0L), leaf("7", 7L), leaf("012", 10L), leaf("level()", 3L), leaf("WARNING", 2L)));
        }
        Written<Long> left = number(random, depth - 1);
        Written<Long> right = number(random, depth - 1);
        return switch (random.nextInt(6)) {
            case 0 -> joined(left, "+", 4, right, (a, b) -> a + b, random);
            case 1 -> joined(left, "-", 4, right, (a, b) -> a - b, random);
            case 2 -> joined(left, "*", 5, right, (a, b) -> a * b, random);
            case 3 -> joined(left, "/", 5, right, (a, b) -> a / b, random);
            case 4 -> joined(left, "%", 5, right, (a, b) -> a % b, random);
            default ->
                new Written<>(
                        "-" + left.within(left.precedence == TIGHTEST, random), TIGHTEST, () -> -left.meaning.get());
        };
    }

    private static Written<String> text(Random random, int depth) {
        if (depth == 0) {
            return any(
                    random,
                    List.of(
                            leaf("'abc'", "abc"),
                            leaf("''", ""),
                            leaf("name()", "cpu"),
                            leaf("\"host\"", "serverA"),
                            leaf("'''// b'''", "// b")));
        }
        return joined(text(random, depth - 1), "+", 4, text(random, depth - 1), (a, b) -> a + b, random);
    }

    private static <T> Written<T> leaf(String text, T value) {
        return leaf(text, TIGHTEST, value);
    }

    private static <T> Written<T> leaf(String text, int precedence, T value) {
        return new Written<>(text, precedence, () -> value);
    }

    private static <T> Written<T> joined(
            Written<T> left, String operator, int precedence, Written<T> right, BinaryOperator<T> how, Random random) {
        return joined(
                left, operator, precedence, right, () -> how.apply(left.meaning.get(), right.meaning.get()), random);
    }

    /** Adds parentheses if the precedence requires them, and sometimes if it does not. */
    private static <T, R> Written<R> joined(
            Written<T> left, String operator, int precedence, Written<T> right, Supplier<R> meaning, Random random) {
        String space = Character.isLetter(operator.charAt(0)) || operator.equals("/") ? " " : "";
        return new Written<>(
                left.within(left.precedence >= precedence, random)
                        + space
                        + blank(random)
                        + operator
                        + space
                        + blank(random)
                        + right.within(right.precedence > precedence, random),
                precedence,
                meaning);
    }

    private static String blank(Random random) {
        return any(random, List.of("", "", " ", "\n", "\t ", " // a comment\n"));
    }

    private static <T> T any(Random random, List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}
