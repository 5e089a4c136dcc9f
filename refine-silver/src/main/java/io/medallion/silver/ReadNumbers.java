package io.medallion.silver;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.flink.table.data.DecimalData;

/**
 * Reads numbers, and strings that hold one in JSON's own notation, when nothing of them gets lost.
 * Magnitudes are compared by counting digits before anything is expanded: {@code 1e5000000} costs
 * as little as {@code 1}.
 */
final class ReadNumbers {
  /** The parser refuses longer numbers; strings that hold a number get the same limit. */
  static final int LONGEST_NUMBER = 200;

  private static final Pattern NUMERAL =
      Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");
  private static final int LONGEST_SURE_LONG = 18;
  private static final int LONGEST_LONG = 19;

  private ReadNumbers() {}

  static ReadValue ints(ContractField field) {
    return (json, rescued) -> readInt(json, field);
  }

  static ReadValue longs(ContractField field) {
    return (json, rescued) -> readLong(json, field);
  }

  static ReadValue decimals(ContractField field, int precision, int scale) {
    return (json, rescued) ->
        DecimalData.fromBigDecimal(
            fit(numeral(json, field), precision - scale, scale, json, field), precision, scale);
  }

  /** The nearest float; zero has no sign, so that two equal values never make two groups. */
  static ReadValue floats(ContractField field) {
    return (json, rescued) -> {
      String numeral = numeral(json, field);
      float value = Float.parseFloat(numeral);
      checkMagnitude(Float.isInfinite(value), value == 0, numeral, json, field);
      return value + 0.0f;
    };
  }

  /** The nearest double; zero has no sign, so that two equal values never make two groups. */
  static ReadValue doubles(ContractField field) {
    return (json, rescued) -> {
      String numeral = numeral(json, field);
      double value = Double.parseDouble(numeral);
      checkMagnitude(Double.isInfinite(value), value == 0, numeral, json, field);
      return value + 0.0;
    };
  }

  static int readInt(JsonParser json, ContractField field) throws IOException {
    long value = readLong(json, field);
    if (value < Integer.MIN_VALUE || value > Integer.MAX_VALUE) {
      throw field.mismatch(json, "out of range");
    }
    return (int) value;
  }

  static long readLong(JsonParser json, ContractField field) throws IOException {
    if (json.hasToken(JsonToken.VALUE_NUMBER_INT) && json.getTextLength() <= LONGEST_SURE_LONG) {
      return json.getLongValue();
    }
    BigDecimal whole = fit(numeral(json, field), LONGEST_LONG, 0, json, field);
    if (whole.unscaledValue().bitLength() >= Long.SIZE) {
      throw field.mismatch(json, "out of range");
    }
    return whole.longValue();
  }

  private static String numeral(JsonParser json, ContractField field) throws IOException {
    return switch (json.currentToken()) {
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> json.getText();
      case VALUE_STRING -> {
        String text = json.getText();
        if (text.length() > LONGEST_NUMBER || !NUMERAL.matcher(text).matches()) {
          throw field.mismatch(json);
        }
        yield text;
      }
      default -> throw field.mismatch(json);
    };
  }

  /** The number with exactly that scale; rejected if it has more digits on either side. */
  private static BigDecimal fit(
      String numeral, int integerDigits, int scale, JsonParser json, ContractField field)
      throws IOException {
    BigDecimal value;
    try {
      value = new BigDecimal(numeral);
    } catch (NumberFormatException exponentBeyondInt) {
      throw field.mismatch(json, "out of range");
    }
    Optional<String> misfit = misfit(value, integerDigits, scale);
    if (misfit.isPresent()) {
      throw field.mismatch(json, misfit.get());
    }
    return withScale(value, scale);
  }

  /** Why a number with that scale and so many digits before it would not be the same. */
  static Optional<String> misfit(BigDecimal value, int integerDigits, int scale) {
    if (value.signum() == 0) {
      return Optional.empty();
    }
    if ((long) value.precision() - value.scale() > integerDigits) {
      return Optional.of("out of range");
    }
    if (value.scale() > scale && value.stripTrailingZeros().scale() > scale) {
      return Optional.of(scale == 0 ? "has a fraction" : "more than " + scale + " fraction digits");
    }
    return Optional.empty();
  }

  /** A number that fits, with that scale. */
  static BigDecimal withScale(BigDecimal value, int scale) {
    return value.signum() == 0 ? BigDecimal.ZERO.setScale(scale) : value.setScale(scale);
  }

  private static void checkMagnitude(
      boolean infinite, boolean zero, String numeral, JsonParser json, ContractField field)
      throws IOException {
    if (infinite || (zero && !isZero(numeral))) {
      throw field.mismatch(json, "out of range");
    }
  }

  private static boolean isZero(String numeral) {
    for (int i = 0; i < numeral.length(); i++) {
      char c = numeral.charAt(i);
      if (c == 'e' || c == 'E') {
        return true;
      }
      if (c >= '1' && c <= '9') {
        return false;
      }
    }
    return true;
  }
}
