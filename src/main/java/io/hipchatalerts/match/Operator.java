package io.hipchatalerts.match;

import static io.hipchatalerts.match.Type.BOOLEAN;
import static io.hipchatalerts.match.Type.DURATION;
import static io.hipchatalerts.match.Type.FLOAT;
import static io.hipchatalerts.match.Type.INTEGER;
import static io.hipchatalerts.match.Type.REGEX;
import static io.hipchatalerts.match.Type.TEXT;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.re2j.Pattern;
import io.hipchatalerts.match.Expression.Value;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * TICKscript's binary operators with their precedences and types. All are left-associative. An operator comes before
 * those whose symbols are a prefix of its own.
 */
enum Operator {
    OR("OR", 0),
    AND("AND", 1),
    EQUAL("==", 2),
    NOT_EQUAL("!=", 2),
    MATCHES("=~", 2),
    MATCHES_NOT("!~", 2),
    LESS_OR_EQUAL("<=", 3),
    LESS("<", 3),
    GREATER_OR_EQUAL(">=", 3),
    GREATER(">", 3),
    PLUS("+", 4),
    MINUS("-", 4),
    TIMES("*", 5),
    DIVIDED_BY("/", 5),
    MODULO("%", 5);

    private static final int UNORDERED = 2;
    private static final Map<Operands, Operation> OPERATIONS = new HashMap<>();

    final String symbol;
    final int precedence;

    Operator(String symbol, int precedence) {
        this.symbol = symbol;
        this.precedence = precedence;
    }

    static {
        OR.joins(
                BOOLEAN,
                BOOLEAN,
                BOOLEAN,
                (left, right) -> event -> (boolean) left.in(event) || (boolean) right.in(event));
        AND.joins(
                BOOLEAN,
                BOOLEAN,
                BOOLEAN,
                (left, right) -> event -> (boolean) left.in(event) && (boolean) right.in(event));

        EQUAL.joins(BOOLEAN, BOOLEAN, BOOLEAN, eager(Object::equals));
        NOT_EQUAL.joins(BOOLEAN, BOOLEAN, BOOLEAN, eager((left, right) -> !left.equals(right)));
        EQUAL.compares(order -> order == 0);
        NOT_EQUAL.compares(order -> order != 0);
        LESS.compares(order -> order == -1);
        LESS_OR_EQUAL.compares(order -> order == -1 || order == 0);
        GREATER.compares(order -> order == 1);
        GREATER_OR_EQUAL.compares(order -> order == 1 || order == 0);

        MATCHES.joins(TEXT, REGEX, BOOLEAN, eager((text, regex) -> found((Pattern) regex, (String) text)));
        MATCHES_NOT.joins(TEXT, REGEX, BOOLEAN, eager((text, regex) -> !found((Pattern) regex, (String) text)));

        // As in Go, integers and durations overflow silently, and a division drops the fraction.
        PLUS.joins(INTEGER, INTEGER, INTEGER, eager((a, b) -> (long) a + (long) b));
        PLUS.joins(FLOAT, FLOAT, FLOAT, eager((a, b) -> (double) a + (double) b));
        PLUS.joins(DURATION, DURATION, DURATION, eager((a, b) -> (long) a + (long) b));
        PLUS.joins(TEXT, TEXT, TEXT, eager((a, b) -> (String) a + (String) b));
        MINUS.joins(INTEGER, INTEGER, INTEGER, eager((a, b) -> (long) a - (long) b));
        MINUS.joins(FLOAT, FLOAT, FLOAT, eager((a, b) -> (double) a - (double) b));
        MINUS.joins(DURATION, DURATION, DURATION, eager((a, b) -> (long) a - (long) b));
        TIMES.joins(INTEGER, INTEGER, INTEGER, eager((a, b) -> (long) a * (long) b));
        TIMES.joins(FLOAT, FLOAT, FLOAT, eager((a, b) -> (double) a * (double) b));
        TIMES.joins(DURATION, INTEGER, DURATION, eager((a, b) -> (long) a * (long) b));
        TIMES.joins(INTEGER, DURATION, DURATION, eager((a, b) -> (long) a * (long) b));
        TIMES.joins(DURATION, FLOAT, DURATION, eager((a, b) -> (long) ((long) a * (double) b)));
        TIMES.joins(FLOAT, DURATION, DURATION, eager((a, b) -> (long) ((double) a * (long) b)));
        DIVIDED_BY.joins(INTEGER, INTEGER, INTEGER, eager((a, b) -> (long) a / divisor(b)));
        DIVIDED_BY.joins(FLOAT, FLOAT, FLOAT, eager((a, b) -> (double) a / (double) b));
        DIVIDED_BY.joins(DURATION, INTEGER, DURATION, eager((a, b) -> (long) a / divisor(b)));
        DIVIDED_BY.joins(DURATION, FLOAT, DURATION, eager((a, b) -> (long) ((long) a / (double) b)));
        DIVIDED_BY.joins(DURATION, DURATION, INTEGER, eager((a, b) -> (long) a / divisor(b)));
        MODULO.joins(INTEGER, INTEGER, INTEGER, eager((a, b) -> (long) a % divisor(b)));
    }

    /** Joins the two, or returns empty if this operator does not take their types. */
    Optional<Expression> join(Expression left, Expression right) {
        return Optional.ofNullable(OPERATIONS.get(new Operands(this, left.type(), right.type())))
                .map(operation -> new Expression(operation.result, operation.how.of(left.value(), right.value())));
    }

    /** Returns the types that can stand on the left. */
    List<Type> lefts() {
        return Arrays.stream(Type.values())
                .filter(left -> !rights(left).isEmpty())
                .toList();
    }

    /** Returns the types that can stand on the right of {@code left}. */
    List<Type> rights(Type left) {
        return Arrays.stream(Type.values())
                .filter(right -> OPERATIONS.containsKey(new Operands(this, left, right)))
                .toList();
    }

    private void joins(Type left, Type right, Type result, Join how) {
        OPERATIONS.put(new Operands(this, left, right), new Operation(result, how));
    }

    private void compares(IntPredicate wanted) {
        joins(TEXT, TEXT, BOOLEAN, eager((a, b) -> wanted.test(order((String) a, (String) b))));
        joins(DURATION, DURATION, BOOLEAN, eager((a, b) -> wanted.test(Long.compare((long) a, (long) b))));
        joins(INTEGER, INTEGER, BOOLEAN, eager((a, b) -> wanted.test(Long.compare((long) a, (long) b))));
        joins(INTEGER, FLOAT, BOOLEAN, eager((a, b) -> wanted.test(order((double) (long) a, (double) b))));
        joins(FLOAT, INTEGER, BOOLEAN, eager((a, b) -> wanted.test(order((double) a, (double) (long) b))));
        joins(FLOAT, FLOAT, BOOLEAN, eager((a, b) -> wanted.test(order((double) a, (double) b))));
    }

    /** Compares as Go does. {@code Double.compare} says that NaN equals itself, and that zero and minus zero differ. */
    private static int order(double a, double b) {
        return a < b ? -1 : a > b ? 1 : a == b ? 0 : UNORDERED;
    }

    /** Compares by code points, as Go does. Java's own order puts U+10000 before U+FFFF. */
    private static int order(String a, String b) {
        return Integer.signum(Arrays.compareUnsigned(a.getBytes(UTF_8), b.getBytes(UTF_8)));
    }

    private static boolean found(Pattern regex, String text) {
        return regex.matcher(text).find();
    }

    private static long divisor(Object number) throws MatchFailed {
        if ((long) number == 0) {
            throw new MatchFailed("it divides by zero");
        }
        return (long) number;
    }

    private static Join eager(OnValues how) {
        return (left, right) -> event -> how.of(left.in(event), right.in(event));
    }

    private record Operands(Operator operator, Type left, Type right) {}

    private record Operation(Type result, Join how) {}

    private interface Join {
        Value of(Value left, Value right);
    }

    private interface OnValues {
        Object of(Object left, Object right) throws MatchFailed;
    }
}
