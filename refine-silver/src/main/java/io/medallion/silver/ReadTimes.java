package io.medallion.silver;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoField;
import org.apache.flink.table.data.TimestampData;

/**
 * Reads points in time: whole numbers in the unit of the Avro type, or ISO-8601 strings. A number
 * within a string is neither: "2024" would become a day of 1975. Years run from 1 to 9999, as in
 * SQL.
 */
final class ReadTimes {
  private static final int NANOS_PER_MILLI = 1_000_000;
  private static final long FIRST_DAY = LocalDate.of(1, 1, 1).toEpochDay();
  private static final long LAST_DAY = LocalDate.of(9999, 12, 31).toEpochDay();
  static final int SECONDS_PER_DAY = 24 * 60 * 60;
  private static final int NANO_DIGITS = 9;

  private ReadTimes() {}

  /** Days since 1970-01-01, or {@code 2024-02-29}; becomes days since 1970-01-01. */
  static ReadValue dates(ContractField field) {
    return (json, rescued) -> {
      long day =
          json.hasToken(JsonToken.VALUE_STRING)
              ? parse(json, field, LocalDate::parse).toEpochDay()
              : ReadNumbers.readInt(json, field);
      checkDay(day, json, field);
      return (int) day;
    };
  }

  /**
   * Fractions of a second since midnight, or {@code 23:59:59.999}; becomes milliseconds since
   * midnight, the only resolution Flink's TIME has.
   */
  static ReadValue times(ContractField field, int digits) {
    return (json, rescued) -> {
      if (json.hasToken(JsonToken.VALUE_STRING)) {
        LocalTime time = parse(json, field, LocalTime::parse);
        return millisOfDay(time.toNanoOfDay(), json, field);
      }
      long fractions = ReadNumbers.readLong(json, field);
      long perSecond = powerOfTen(digits);
      if (fractions < 0 || fractions >= SECONDS_PER_DAY * perSecond) {
        throw field.mismatch(json, "out of range");
      }
      return millisOfDay(fractions * powerOfTen(NANO_DIGITS - digits), json, field);
    };
  }

  /**
   * Fractions of a second since 1970-01-01T00:00:00Z, or {@code 2024-02-29T12:00:00.5+01:00}, whose
   * offset or Z must be there; becomes the UTC time.
   *
   * @param digits of a second's fraction: 3, 6 or 9
   */
  static ReadValue instants(ContractField field, int digits) {
    return (json, rescued) ->
        json.hasToken(JsonToken.VALUE_STRING)
            ? timestamp(
                parse(json, field, OffsetDateTime::parse)
                    .withOffsetSameInstant(ZoneOffset.UTC)
                    .toLocalDateTime(),
                digits,
                json,
                field)
            : timestamp(ReadNumbers.readLong(json, field), digits, json, field);
  }

  /** As {@link #instants}, of a clock somewhere: a string has no offset. */
  static ReadValue localTimes(ContractField field, int digits) {
    return (json, rescued) ->
        json.hasToken(JsonToken.VALUE_STRING)
            ? timestamp(parse(json, field, LocalDateTime::parse), digits, json, field)
            : timestamp(ReadNumbers.readLong(json, field), digits, json, field);
  }

  private static TimestampData timestamp(
      LocalDateTime time, int digits, JsonParser json, ContractField field) throws IOException {
    checkDay(time.toLocalDate().toEpochDay(), json, field);
    if (time.get(ChronoField.NANO_OF_SECOND) % powerOfTen(NANO_DIGITS - digits) != 0) {
      throw field.mismatch(json, "more than " + digits + " fraction digits");
    }
    return TimestampData.fromLocalDateTime(time);
  }

  private static TimestampData timestamp(
      long fractions, int digits, JsonParser json, ContractField field) throws IOException {
    long perSecond = powerOfTen(digits);
    checkDay(Math.floorDiv(fractions, SECONDS_PER_DAY * perSecond), json, field);
    long perMilli = perSecond / 1_000;
    return TimestampData.fromEpochMillis(
        Math.floorDiv(fractions, perMilli),
        (int) (Math.floorMod(fractions, perMilli) * (NANOS_PER_MILLI / perMilli)));
  }

  private static int millisOfDay(long nanos, JsonParser json, ContractField field)
      throws IOException {
    if (nanos % NANOS_PER_MILLI != 0) {
      throw field.mismatch(json, "more than 3 fraction digits");
    }
    return (int) (nanos / NANOS_PER_MILLI);
  }

  /** Whether a day, counted from 1970-01-01, is one of the years from 1 to 9999. */
  static boolean isDay(long day) {
    return day >= FIRST_DAY && day <= LAST_DAY;
  }

  private static void checkDay(long day, JsonParser json, ContractField field) throws IOException {
    if (!isDay(day)) {
      throw field.mismatch(json, "out of range");
    }
  }

  private static <T> T parse(JsonParser json, ContractField field, ParseText<T> parse)
      throws IOException {
    try {
      return parse.apply(json.getText());
    } catch (DateTimeException notIso) {
      throw field.mismatch(json);
    }
  }

  static long powerOfTen(int digits) {
    long power = 1;
    for (int i = 0; i < digits; i++) {
      power *= 10;
    }
    return power;
  }

  private interface ParseText<T> {
    T apply(CharSequence text);
  }
}
