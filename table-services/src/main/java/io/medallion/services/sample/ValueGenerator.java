package io.medallion.services.sample;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * How a field gets its values. Only {@link Random} and {@link StrictMath} decide, whose results are
 * specified bit by bit: the same seed gives the same values on every machine.
 */
public sealed interface ValueGenerator {
  /** Begins a stream of values. */
  Values values();

  /** A stream of values of one field. */
  interface Values {
    /**
     * The next value.
     *
     * @param eventTime the event's time, epoch milliseconds
     */
    JsonNode next(Random random, long eventTime);
  }

  /** 1, 2, 3 and so on, written as {@code format} says (as {@link String#format}). */
  record Sequence(String format) implements ValueGenerator {
    @Override
    public Values values() {
      long[] last = {0};
      return (random, eventTime) -> {
        last[0]++;
        return TextNode.valueOf(String.format(Locale.ROOT, format, last[0]));
      };
    }
  }

  /** Always the same value. */
  record Constant(JsonNode value) implements ValueGenerator {
    @Override
    public Values values() {
      return (random, eventTime) -> value;
    }
  }

  /**
   * A rank from 1 to {@code size}, rank k with a weight of k<sup>-exponent</sup>, written as {@code
   * format} says.
   */
  record Zipf(int size, double exponent, String format) implements ValueGenerator {
    @Override
    public Values values() {
      double[] cumulated = new double[size];
      double total = 0;
      for (int rank = 1; rank <= size; rank++) {
        total += StrictMath.pow(rank, -exponent);
        cumulated[rank - 1] = total;
      }
      double sum = total;
      return (random, eventTime) -> {
        int found = Arrays.binarySearch(cumulated, random.nextDouble() * sum);
        int rank = Math.min(size, (found >= 0 ? found : -found - 1) + 1);
        return TextNode.valueOf(String.format(Locale.ROOT, format, rank));
      };
    }
  }

  /**
   * A number whose logarithm is normally distributed, rounded to {@code scale} decimals.
   *
   * @param mean of the logarithm
   * @param deviation of the logarithm
   * @param negative the share of values with a minus sign, 0 to 1
   */
  record LogNormal(double mean, double deviation, int scale, double negative)
      implements ValueGenerator {
    @Override
    public Values values() {
      return (random, eventTime) -> {
        double value = StrictMath.exp(mean + deviation * random.nextGaussian());
        double sign = random.nextDouble() < negative ? -1 : 1;
        return DecimalNode.valueOf(
            BigDecimal.valueOf(sign * value).setScale(scale, RoundingMode.HALF_UP));
      };
    }
  }

  /** One of some values, each as often as its weight says. */
  record OneOf(Map<String, Double> weights) implements ValueGenerator {
    public OneOf {
      weights = new LinkedHashMap<>(weights);
    }

    @Override
    public Values values() {
      TreeMap<Double, JsonNode> upTo = new TreeMap<>();
      double total = 0;
      for (Map.Entry<String, Double> weight : weights.entrySet()) {
        total += weight.getValue();
        upTo.put(total, TextNode.valueOf(weight.getKey()));
      }
      double sum = total;
      return (random, eventTime) -> upTo.higherEntry(random.nextDouble() * sum).getValue();
    }
  }

  /** The event's time. */
  record EventTime(Unit unit) implements ValueGenerator {
    /** How the time is written. */
    public enum Unit {
      EPOCH_MILLIS
    }

    @Override
    public Values values() {
      return (random, eventTime) ->
          switch (unit) {
            case EPOCH_MILLIS -> LongNode.valueOf(eventTime);
          };
    }
  }

  /** The names of the generators, as messages list them. */
  List<String> NAMES =
      List.of("sequence", "constant", "zipf", "log-normal", "one-of", "event-time");
}
