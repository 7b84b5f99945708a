package io.hipchatalerts.match;

import static io.hipchatalerts.match.Expression.constant;
import static java.util.stream.Collectors.joining;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.hipchatalerts.alert.BadAlert;
import io.hipchatalerts.alert.DurationText;
import io.hipchatalerts.alert.Level;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A recursive descent parser for TICKscript's expressions. Accepts what Kapacitor's own lexer and parser accept; where
 * theirs depend on a comment or pattern just before, it chooses the sensible reading.
 */
final class Parser {

    /** Each operator and parenthesis takes some stack. Nobody writes as many by hand. */
    private static final int MOST_PARTS = 500;

    private static final int LONGEST_REGEX = 1_000;

    /** RE2 expands counted repetitions, and the library does not bound the result. */
    private static final int LARGEST_REGEX = 10_000;

    private static final Pattern IGNORES_CASE = Pattern.compile("\\(\\?[a-zA-Z]*i");

    /** Finds regexes that can loop forever in the library, which has capitals for U+1C80 to U+1C88 but no way back. */
    private static final Pattern HAS_NO_CASE =
            Pattern.compile("[\\x{1C80}-\\x{1C88}]|-[\\x{1C80}-\\x{10FFFF}]|\\\\x\\{");

    private static final Pattern REPETITION = Pattern.compile("([)}?*+]?)\\{([0-9]{1,4})(?:,([0-9]{0,4}))?\\}");

    private static final Map<String, Expression> FUNCTIONS = new TreeMap<>(Map.of(
            "changed",
            new Expression(
                    Type.BOOLEAN,
                    event -> event.level() != event.previousLevel().orElse(Level.OK)),
            "level",
            new Expression(Type.INTEGER, event -> rank(event.level())),
            "name",
            new Expression(Type.TEXT, event -> event.series().name()),
            "alertDuration",
            new Expression(Type.DURATION, event -> event.duration().toNanos()),
            // Its name before Kapacitor 1.5.8.
            "duration",
            new Expression(Type.DURATION, event -> event.duration().toNanos())));

    /** The units of durations, {@code ms} before {@code m}. */
    private static final Map<String, Duration> UNITS = new TreeMap<>(Comparator.reverseOrder());

    static {
        UNITS.putAll(DurationText.UNITS);
        UNITS.put("u", Duration.ofNanos(1_000));
        UNITS.put("µ", Duration.ofNanos(1_000));
    }

    private final Source source;
    private final Set<String> tags = new LinkedHashSet<>();
    private int parts;

    Parser(String text) {
        this.source = new Source(text);
    }

    Match match() {
        Expression condition = expression(0);
        if (!source.atEnd()) {
            throw operatorExpected("the end");
        }
        if (condition.type() != Type.BOOLEAN) {
            throw source.bad(
                    0, "a match must be boolean, such as level() == CRITICAL; this one is " + condition.type());
        }
        return new Match(condition, tags);
    }

    /** Parses an expression of operators with at least the precedence {@code weakest}, and the blanks after it. */
    private Expression expression(int weakest) {
        Expression left = operand();
        Optional<Operator> operator = nextOperator(weakest);
        while (operator.isPresent()) {
            int where = source.at();
            countPart();
            source.take(operator.get().symbol);
            left = join(left, operator.get(), right(operator.get()), where);
            operator = nextOperator(weakest);
        }
        return left;
    }

    private Optional<Operator> nextOperator(int weakest) {
        source.skipSpaceAndComments();
        String word = source.peekWord();
        return Arrays.stream(Operator.values())
                .filter(operator -> word.isEmpty() ? source.startsWith(operator.symbol) : word.equals(operator.symbol))
                .findFirst()
                .filter(operator -> operator.precedence >= weakest);
    }

    private Expression right(Operator operator) {
        source.skipSpace();
        // Only here, two slashes are an empty pattern and not a comment.
        boolean pattern = operator == Operator.MATCHES || operator == Operator.MATCHES_NOT;
        return pattern && source.startsWith("/") ? regex() : expression(operator.precedence + 1);
    }

    private Expression join(Expression left, Operator operator, Expression right, int where) {
        return operator.join(left, right).orElseThrow(() -> {
            List<Type> rights = operator.rights(left.type());
            String allowed = rights.isEmpty()
                    ? "on its left it takes " + anyOf(operator.lefts())
                    : "after " + left.type() + " it takes " + anyOf(rights);
            return source.bad(
                    where,
                    BadAlert.quote(operator.symbol) + " cannot join " + left.type() + " and " + right.type() + "; "
                            + allowed + hint(left.type(), right.type(), rights));
        });
    }

    private static String hint(Type left, Type right, List<Type> rights) {
        if (EnumSet.of(left, right).equals(EnumSet.of(Type.INTEGER, Type.TEXT))) {
            return " (a level is a number, without quotes)";
        }
        return rights.contains(Type.REGEX) ? " (write a regex /between slashes/)" : "";
    }

    private static String anyOf(List<Type> types) {
        return types.stream().map(Type::toString).collect(joining(" or "));
    }

    private Expression operand() {
        source.skipSpaceAndComments();
        int where = source.at();
        if (source.take("(")) {
            return parenthesized();
        }
        if (source.take("-")) {
            return negated(where);
        }
        return source.take("!") ? not(where) : value(where);
    }

    /** In a method of its own, so that a level of nesting takes less of the stack. */
    private Expression value(int where) {
        if (source.take("'''")) {
            return constant(Type.TEXT, source.takeUntil("'''", "this text"));
        }
        if (source.take("'")) {
            return constant(Type.TEXT, source.takeUntilUnescaped('\'', "this text"));
        }
        if (source.take("\"")) {
            return tag(source.takeUntilUnescaped('"', "this tag"));
        }
        if (source.startsWith("/")) {
            return regex();
        }
        if (source.startsWith(".") || source.startsWithDigit()) {
            return number(where);
        }
        if (!source.peekWord().isEmpty()) {
            return named(where);
        }
        throw source.expected("a value such as level(), \"tag\", 'text' or 10m");
    }

    private Expression parenthesized() {
        countPart();
        Expression inner = expression(0);
        if (!source.take(")")) {
            throw operatorExpected("\")\"");
        }
        return inner;
    }

    private Expression negated(int where) {
        countPart();
        Expression number = operand();
        return switch (number.type()) {
            case INTEGER, DURATION ->
                new Expression(number.type(), event -> -(long) number.value().in(event));
            case FLOAT ->
                new Expression(Type.FLOAT, event -> -(double) number.value().in(event));
            default -> throw source.bad(where, "\"-\" takes integer, float or duration, not " + number.type());
        };
    }

    private Expression not(int where) {
        countPart();
        Expression condition = operand();
        if (condition.type() != Type.BOOLEAN) {
            throw source.bad(
                    where,
                    "\"!\" takes boolean, not " + condition.type()
                            + "; it comes before all other operators, so put a comparison in parentheses");
        }
        return new Expression(
                Type.BOOLEAN, event -> !(boolean) condition.value().in(event));
    }

    private Expression tag(String name) {
        tags.add(name);
        return new Expression(Type.TEXT, event -> event.series().tags().get(name));
    }

    private Expression regex() {
        int where = source.at();
        source.take("/");
        String regex = source.takeUntilUnescaped('/', "this regex");
        if (regex.length() > LONGEST_REGEX || expandedSize(regex) > LARGEST_REGEX) {
            throw source.bad(
                    where,
                    "this regex is too large; allowed are " + LONGEST_REGEX + " characters, and " + LARGEST_REGEX
                            + " with all {repetitions} expanded");
        }
        if (IGNORES_CASE.matcher(regex).find() && HAS_NO_CASE.matcher(regex).find()) {
            throw source.bad(
                    where,
                    "this regex ignores case, so it must not contain \\x{...}, a range beyond U+1C7F or U+1C80 to U+1C88");
        }
        try {
            return constant(Type.REGEX, Pattern.compile(regex));
        } catch (PatternSyntaxException bad) {
            throw source.bad(where, "this is not a regex in RE2's syntax: " + bad.getDescription());
        }
    }

    /** Returns an upper bound of the regex's size, as if each repeated group contained all others. */
    private static double expandedSize(String regex) {
        double single = regex.length();
        double groups = 1;
        Matcher repetition = REPETITION.matcher(regex);
        while (repetition.find()) {
            String most = repetition.group(3);
            int times = Math.max(
                    Integer.parseInt(repetition.group(2)), most == null || most.isEmpty() ? 1 : Integer.parseInt(most));
            if (repetition.group(1).isEmpty()) {
                single += times;
            } else {
                groups *= Math.max(1, times);
            }
        }
        return single * groups;
    }

    /** Parses a number or a duration. A duration has one integer and one unit. A leading zero makes a number octal. */
    private Expression number(int where) {
        String whole = source.takeDigits();
        if (source.take(".")) {
            String fraction = source.takeDigits();
            return number(where, whole + "." + fraction);
        }
        try {
            for (Map.Entry<String, Duration> unit : UNITS.entrySet()) {
                if (source.take(unit.getKey())) {
                    return constant(
                            Type.DURATION,
                            Math.multiplyExact(
                                    Long.parseLong(whole), unit.getValue().toNanos()));
                }
            }
            return constant(Type.INTEGER, Long.parseLong(whole, whole.startsWith("0") ? 8 : 10));
        } catch (ArithmeticException | NumberFormatException unfit) {
            throw source.bad(
                    where, "this number is too large, or an octal number (with a leading 0) that contains 8 or 9");
        }
    }

    private Expression number(int where, String digits) {
        if (digits.equals(".")) {
            throw source.bad(where, "expected a number, found \".\"");
        }
        double number = Double.parseDouble(digits);
        if (Double.isInfinite(number)) {
            throw source.bad(where, "this number is too large");
        }
        return constant(Type.FLOAT, number);
    }

    private Expression named(int where) {
        String word = source.peekWord();
        source.take(word);
        source.skipSpaceAndComments();
        if (source.take("(")) {
            return function(word, where);
        }
        if (word.equals("TRUE") || word.equals("FALSE")) {
            return constant(Type.BOOLEAN, word.equals("TRUE"));
        }
        return Arrays.stream(Level.values())
                .filter(level -> level.name().equals(word))
                .findFirst()
                .map(level -> constant(Type.INTEGER, rank(level)))
                .orElseThrow(() -> source.bad(where, unknownName(word)));
    }

    private static long rank(Level level) {
        return List.of(Level.values()).indexOf(level);
    }

    private Expression function(String name, int where) {
        source.skipSpaceAndComments();
        Expression function = FUNCTIONS.get(name);
        if (function == null) {
            throw source.bad(
                    where,
                    BadAlert.quote(name + "()") + " is not a function of an event; known are "
                            + FUNCTIONS.keySet().stream()
                                    .map(known -> known + "()")
                                    .collect(joining(", ")));
        }
        if (!source.take(")")) {
            throw source.expected("\")\": " + name + "() takes no argument");
        }
        return function;
    }

    private String unknownName(String word) {
        if (word.equals("lambda") && source.startsWith(":")) {
            return "write a match without \"lambda:\"";
        }
        return "unknown name " + BadAlert.quote(word)
                + (FUNCTIONS.containsKey(word)
                        ? "; write " + word + "()"
                        : "; known are OK, INFO, WARNING, CRITICAL, TRUE and FALSE; put text in 'single quotes'");
    }

    private BadMatch operatorExpected(String orElse) {
        String hint = "";
        if (source.startsWith("=")) {
            hint = "; equality is ==";
        } else if (source.startsWith("&") || source.peekWord().equals("and")) {
            hint = "; write AND";
        } else if (source.startsWith("|") || source.peekWord().equals("or")) {
            hint = "; write OR";
        } else if (source.startsWithDigit()) {
            hint = "; a duration has one number and one unit, such as 90m";
        }
        return new BadMatch(
                source.expected("an operator such as == or AND, or " + orElse).getMessage() + hint);
    }

    private void countPart() {
        if (++parts > MOST_PARTS) {
            throw source.bad(source.at(), "a match has at most " + MOST_PARTS + " operators and parentheses");
        }
    }
}
