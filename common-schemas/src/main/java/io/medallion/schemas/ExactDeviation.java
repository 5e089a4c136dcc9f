package io.medallion.schemas;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Optional;
import javax.annotation.Nullable;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.table.catalog.DataTypeFactory;
import org.apache.flink.table.functions.AggregateFunction;
import org.apache.flink.table.types.inference.InputTypeStrategies;
import org.apache.flink.table.types.inference.TypeInference;
import org.apache.flink.table.types.inference.TypeStrategies;
import org.apache.flink.table.types.logical.LogicalTypeFamily;
import org.apache.flink.table.types.logical.utils.LogicalTypeMerging;
import org.apache.flink.table.types.utils.TypeConversions;

/**
 * STDDEV and VAR of numbers from exact sums, in place of Flink's own: those round the squares of a
 * decimal to six decimals, so that 1.0001 and 1.0002 have no deviation, and others a variance of
 * less than nothing, whose root is no number. The result does not depend on the order of rows, and
 * what is retracted leaves nothing behind; of DOUBLE too. Its type is the one that Flink gives.
 */
public final class ExactDeviation extends AggregateFunction<Object, ExactDeviation.Sums> {
  private static final long serialVersionUID = 1L;

  /** More digits than any decimal has. */
  private static final MathContext DIGITS = new MathContext(60, RoundingMode.HALF_EVEN);

  private static final int LEAST_SCALE = 6;

  private final boolean ofSample;
  private final boolean root;

  /**
   * @param ofSample whether the rows are a sample of more
   * @param root whether to take the root of the variance
   */
  ExactDeviation(boolean ofSample, boolean root) {
    this.ofSample = ofSample;
    this.root = root;
  }

  /** Lets the queries of a session use these. */
  public static void register(TableEnvironment sql) {
    sql.createTemporarySystemFunction("STDDEV", new ExactDeviation(true, true));
    sql.createTemporarySystemFunction("STDDEV_SAMP", new ExactDeviation(true, true));
    sql.createTemporarySystemFunction("STDDEV_POP", new ExactDeviation(false, true));
    sql.createTemporarySystemFunction("VARIANCE", new ExactDeviation(true, false));
    sql.createTemporarySystemFunction("VAR_SAMP", new ExactDeviation(true, false));
    sql.createTemporarySystemFunction("VAR_POP", new ExactDeviation(false, false));
  }

  @Override
  public TypeInference getTypeInference(DataTypeFactory types) {
    return TypeInference.newBuilder()
        .inputTypeStrategy(
            InputTypeStrategies.sequence(InputTypeStrategies.logical(LogicalTypeFamily.NUMERIC)))
        .accumulatorTypeStrategy(
            TypeStrategies.explicit(DataTypes.of(Sums.class).toDataType(types)))
        .outputTypeStrategy(
            call ->
                Optional.of(
                    TypeConversions.fromLogicalToDataType(
                        LogicalTypeMerging.findAvgAggType(
                                call.getArgumentDataTypes().get(0).getLogicalType())
                            .copy(true))))
        .build();
  }

  @Override
  public Sums createAccumulator() {
    return new Sums();
  }

  /** A row comes into the group. */
  public void accumulate(Sums sums, @Nullable Object value) {
    add(sums, value, 1);
  }

  /** A row goes from the group. */
  public void retract(Sums sums, @Nullable Object value) {
    add(sums, value, -1);
  }

  /** Several parts of the group come together. */
  public void merge(Sums sums, Iterable<Sums> parts) {
    for (Sums part : parts) {
      if (part.type != Sums.NO_TYPE) {
        sums.type = part.type;
      }
      sums.count += part.count;
      sums.notFinite += part.notFinite;
      sums.sum(sums.sum().add(part.sum()));
      sums.squares(sums.squares().add(part.squares()));
    }
  }

  private static void add(Sums sums, @Nullable Object value, int times) {
    if (value == null) {
      return;
    }
    sums.count += times;
    sums.type = Sums.typeOf(value);
    if ((value instanceof Double || value instanceof Float)
        && !Double.isFinite(((Number) value).doubleValue())) {
      sums.notFinite += times;
      return;
    }
    BigDecimal number = exact(value);
    BigDecimal square = number.multiply(number);
    sums.sum(times > 0 ? sums.sum().add(number) : sums.sum().subtract(number));
    sums.squares(times > 0 ? sums.squares().add(square) : sums.squares().subtract(square));
  }

  private static BigDecimal exact(Object value) {
    if (value instanceof BigDecimal decimal) {
      return decimal;
    }
    return value instanceof Double || value instanceof Float
        ? new BigDecimal(((Number) value).doubleValue())
        : BigDecimal.valueOf(((Number) value).longValue());
  }

  @Override
  @Nullable
  public Object getValue(Sums sums) {
    BigDecimal count = BigDecimal.valueOf(sums.count);
    BigDecimal divisor = ofSample ? count.subtract(BigDecimal.ONE) : count;
    if (sums.count == 0 || divisor.signum() == 0) {
      return null;
    }
    BigDecimal sum = sums.sum();
    BigDecimal variance =
        count
            .multiply(sums.squares())
            .subtract(sum.multiply(sum))
            .divide(count.multiply(divisor), DIGITS);
    return sums.ofItsType(root ? variance.sqrt(DIGITS) : variance);
  }

  /** What is known of a group; the fields are Flink's to store. */
  public static final class Sums {
    static final byte NO_TYPE = 0;
    private static final byte DECIMAL = 1;
    private static final byte DOUBLE = 2;
    private static final byte FLOAT = 3;
    private static final byte BIGINT = 4;
    private static final byte INT = 5;
    private static final byte SMALLINT = 6;
    private static final byte TINYINT = 7;

    public byte type;
    public long count;
    public long notFinite;
    public int sumScale;
    public byte[] sum = {0};
    public int squaresScale;
    public byte[] squares = {0};

    private static byte typeOf(Object value) {
      if (value instanceof BigDecimal) {
        return DECIMAL;
      } else if (value instanceof Double) {
        return DOUBLE;
      } else if (value instanceof Float) {
        return FLOAT;
      } else if (value instanceof Long) {
        return BIGINT;
      } else if (value instanceof Integer) {
        return INT;
      }
      return value instanceof Short ? SMALLINT : TINYINT;
    }

    private BigDecimal sum() {
      return new BigDecimal(new BigInteger(sum), sumScale);
    }

    private void sum(BigDecimal changed) {
      sum = changed.unscaledValue().toByteArray();
      sumScale = changed.scale();
    }

    private BigDecimal squares() {
      return new BigDecimal(new BigInteger(squares), squaresScale);
    }

    private void squares(BigDecimal changed) {
      squares = changed.unscaledValue().toByteArray();
      squaresScale = changed.scale();
    }

    private Object ofItsType(BigDecimal result) {
      double number = notFinite == 0 ? result.doubleValue() : Double.NaN;
      BigDecimal whole = result.setScale(0, RoundingMode.HALF_UP);
      return switch (type) {
        case DECIMAL -> result.setScale(Math.max(LEAST_SCALE, sumScale), RoundingMode.HALF_UP);
        case DOUBLE -> number;
        case FLOAT -> (float) number;
        case BIGINT -> whole.longValue();
        case INT -> whole.intValue();
        case SMALLINT -> whole.shortValue();
        default -> whole.byteValue();
      };
    }
  }
}
