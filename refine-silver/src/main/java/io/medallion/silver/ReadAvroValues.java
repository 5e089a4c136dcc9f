package io.medallion.silver;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Optional;
import javax.annotation.Nullable;
import org.apache.avro.Schema;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;

/**
 * Reads Avro's scalar values, in the ranges in which JSON's are read: the same event gives the same
 * row.
 */
final class ReadAvroValues {
  /** Some 200 digits, as in JSON: more cost time that grows with their square. */
  static final int MOST_BITS = 664;

  private static final int MILLI_DIGITS = 3;

  private ReadAvroValues() {}

  static ReadAvro strings() {
    return (payload, rescued) -> StringData.fromString(payload.readString());
  }

  static ReadAvro longs(Schema writer) {
    return (payload, rescued) -> whole(payload, writer);
  }

  /** The nearest float; zero has no sign, and what is no number is none of the contract's. */
  static ReadAvro floats(AvroField field, Schema writer) {
    return (payload, rescued) -> {
      float value =
          writer.getType() == Schema.Type.FLOAT ? payload.readFloat() : whole(payload, writer);
      return Float.isFinite(value) ? value + 0.0f : field.mismatch(payload, number(value));
    };
  }

  /** The nearest double; zero has no sign, and what is no number is none of the contract's. */
  static ReadAvro doubles(AvroField field, Schema writer) {
    return (payload, rescued) -> {
      double value =
          switch (writer.getType()) {
            case DOUBLE -> payload.readDouble();
            case FLOAT -> payload.readFloat();
            default -> whole(payload, writer);
          };
      return Double.isFinite(value) ? value + 0.0 : field.mismatch(payload, number(value));
    };
  }

  /**
   * A decimal of the writer's scale as one of the contract's, when nothing of it gets lost.
   *
   * @param written the scale that the writer's bytes have
   */
  static ReadAvro decimals(AvroField field, Schema writer, int written, int precision, int scale) {
    return (payload, rescued) -> {
      byte[] bytes =
          writer.getType() == Schema.Type.FIXED
              ? payload.readFixed(writer.getFixedSize())
              : payload.readBytes();
      if (bytes.length == 0) {
        return field.mismatch(payload, "no bytes");
      }
      BigInteger unscaled = new BigInteger(bytes);
      if (unscaled.bitLength() > MOST_BITS) {
        return field.mismatch(payload, "a number of " + bytes.length + " bytes", "out of range");
      }
      BigDecimal value = new BigDecimal(unscaled, written);
      Optional<String> misfit = ReadNumbers.misfit(value, precision - scale, scale);
      return misfit.isPresent()
          ? field.mismatch(payload, number(value), misfit.get())
          : DecimalData.fromBigDecimal(ReadNumbers.withScale(value, scale), precision, scale);
    };
  }

  static ReadAvro dates(AvroField field) {
    return (payload, rescued) -> {
      int day = payload.readInt();
      return ReadTimes.isDay(day) ? day : field.mismatch(payload, number(day), "out of range");
    };
  }

  /**
   * Times of day as milliseconds, the only resolution that Flink's TIME has.
   *
   * @param unit the logical type whose unit the written numbers have
   */
  static ReadAvro times(AvroField field, Schema writer, String unit) {
    long perMilli = ReadTimes.powerOfTen(digits(unit) - MILLI_DIGITS);
    return (payload, rescued) -> {
      long value = whole(payload, writer);
      if (value < 0 || value >= ReadTimes.SECONDS_PER_DAY * ReadTimes.powerOfTen(digits(unit))) {
        return field.mismatch(payload, number(value), "out of range");
      }
      return value % perMilli == 0
          ? (Object) (int) (value / perMilli)
          : field.mismatch(payload, number(value), "more than 3 fraction digits");
    };
  }

  /**
   * Points in time, when nothing of them gets lost.
   *
   * @param unit the logical type whose unit the written numbers have
   * @param precision how many digits of a second's fraction the contract keeps
   */
  static ReadAvro timestamps(AvroField field, Schema writer, String unit, int precision) {
    long perDay = ReadTimes.SECONDS_PER_DAY * ReadTimes.powerOfTen(digits(unit));
    long finest = ReadTimes.powerOfTen(Math.max(0, digits(unit) - precision));
    return (payload, rescued) -> {
      long value = whole(payload, writer);
      if (!ReadTimes.isDay(Math.floorDiv(value, perDay))) {
        return field.mismatch(payload, number(value), "out of range");
      }
      TimestampData time = ConvertAvro.timestamp(value, unit);
      return value % finest == 0
          ? time
          : field.mismatch(payload, number(value), "more than " + precision + " fraction digits");
    };
  }

  /** As {@link #doubles} and others read what was written as a whole number. */
  private static long whole(AvroInput payload, Schema writer) throws RejectedEventException {
    return writer.getType() == Schema.Type.INT ? payload.readInt() : payload.readLong();
  }

  private static int digits(String unit) {
    return unit.endsWith("-millis") ? MILLI_DIGITS : unit.endsWith("-micros") ? 6 : 9;
  }

  private static String number(@Nullable Object value) {
    return "the number " + Excerpts.of(String.valueOf(value));
  }
}
