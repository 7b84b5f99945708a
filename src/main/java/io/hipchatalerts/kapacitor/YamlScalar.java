package io.hipchatalerts.kapacitor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The types that go-yaml 2, Kapacitor's YAML reader, gives to plain scalars. They are those of YAML 1.1, with {@code y}
 * and {@code n} as booleans and with Go's integers, but without numbers of base 60. Dates stay text.
 */
final class YamlScalar {

    private static final Set<String> NULL = Set.of("", "~", "null", "Null", "NULL");
    private static final Set<String> TRUE =
            Set.of("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON");
    private static final Set<String> FALSE =
            Set.of("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF");
    private static final Pattern NOT_FINITE = Pattern.compile("[-+]?\\.(?:inf|Inf|INF)|\\.(?:nan|NaN|NAN)");

    /** One group for the sign, then one for each of {@link #RADIXES}. */
    private static final Pattern INTEGER =
            Pattern.compile("([-+]?)(?:0[bB]([01]+)|0[oO]([0-7]+)|0([0-7]*)|0[xX]([0-9a-fA-F]+)|([1-9][0-9]*))");

    private static final int[] RADIXES = {2, 8, 8, 16, 10};
    private static final Pattern FLOAT = Pattern.compile("[-+]?(?:\\.[0-9]+|[0-9]+(?:\\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?");

    private static final BigInteger MIN_INT64 = BigInteger.valueOf(Long.MIN_VALUE);
    private static final BigInteger MAX_INT64 = BigInteger.valueOf(Long.MAX_VALUE);
    private static final BigInteger MAX_UINT64 = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);

    private YamlScalar() {}

    /** Returns the value that the plain scalar {@code text} means. */
    static JsonNode of(String text) {
        if (NULL.contains(text)) {
            return NullNode.instance;
        }
        if (TRUE.contains(text) || FALSE.contains(text)) {
            return BooleanNode.valueOf(TRUE.contains(text));
        }
        if (NOT_FINITE.matcher(text).matches()) {
            // JSON has no form for any of them, so the reader refuses them all.
            return DoubleNode.valueOf(Double.NaN);
        }
        String digits = text.startsWith("_") || text.startsWith("._") ? text : text.replace("_", "");
        Matcher integer = INTEGER.matcher(digits);
        if (integer.matches()) {
            BigInteger value = integer(integer);
            if (value.compareTo(MIN_INT64) >= 0
                    && value.compareTo(integer.group(1).isEmpty() ? MAX_UINT64 : MAX_INT64) <= 0) {
                return BigIntegerNode.valueOf(value);
            }
        }
        if (FLOAT.matcher(digits).matches()) {
            double value = Double.parseDouble(digits);
            if (Double.isFinite(value)) {
                return DoubleNode.valueOf(value);
            }
        }
        return TextNode.valueOf(text);
    }

    /**
     * Returns the text that Kapacitor takes for a number or a boolean where it needs text. Its conversion of a float
     * (ghodss/yaml) is that of Go's {@code FormatFloat(value, 'g', -1, 32)}.
     */
    static String text(JsonNode scalar) {
        if (!scalar.isDouble()) {
            return scalar.asText();
        }
        float value = scalar.floatValue();
        if (Float.isInfinite(value)) {
            return value > 0 ? "+Inf" : "-Inf";
        }
        BigDecimal shortest = new BigDecimal(Float.toString(value)).stripTrailingZeros();
        int exponent = shortest.precision() - shortest.scale() - 1;
        if (exponent >= -4 && exponent < 6) {
            return shortest.toPlainString();
        }
        return shortest.movePointLeft(exponent).toPlainString()
                + String.format("e%s%02d", exponent < 0 ? "-" : "+", Math.abs(exponent));
    }

    private static BigInteger integer(Matcher parts) {
        int group = 2;
        while (parts.group(group) == null) {
            group++;
        }
        String digits = parts.group(1) + (parts.group(group).isEmpty() ? "0" : parts.group(group));
        return new BigInteger(digits, RADIXES[group - 2]);
    }
}
