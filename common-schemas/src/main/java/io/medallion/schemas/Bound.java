package io.medallion.schemas;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoField;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.LogicalTypeFamily;
import org.apache.flink.table.types.logical.LogicalTypeRoot;

/** The bound of a range rule, as SQL of the type of the column it is compared with. */
final class Bound {
  private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9]{1,38}(\\.[0-9]{1,38})?");
  private static final Pattern NOW =
      Pattern.compile("now(?:\\s*([+-])\\s*([0-9]{1,9})\\s*(ms|s|min|h|d))?");
  private static final Map<String, String> UNITS =
      Map.of("s", "SECOND", "min", "MINUTE", "h", "HOUR", "d", "DAY");
  private static final DateTimeFormatter SQL_TIMESTAMP =
      new DateTimeFormatterBuilder()
          .appendPattern("uuuu-MM-dd HH:mm:ss")
          .appendFraction(ChronoField.NANO_OF_SECOND, 0, 6, true)
          .toFormatter(Locale.ROOT);

  private Bound() {}

  /** What a bound for a column of this type may be; empty when the type has no order. */
  static Optional<String> expected(LogicalType column) {
    if (column.is(LogicalTypeFamily.NUMERIC)) {
      return Optional.of("a number");
    }
    if (column.is(LogicalTypeRoot.DATE)) {
      return Optional.of("now, now + 5 min, now - 10 d, or a date such as 2020-01-31");
    }
    return column.is(LogicalTypeRoot.TIMESTAMP_WITHOUT_TIME_ZONE)
        ? Optional.of(
            "now, now + 5 min, now - 10 d, or a UTC time such as 2020-01-31 or"
                + " 2020-01-31T12:00:00")
        : Optional.empty();
  }

  /** The bound in SQL, or empty when the text is none for a column of this type. */
  static Optional<String> sql(String text, LogicalType column) {
    if (column.is(LogicalTypeFamily.NUMERIC)) {
      return NUMBER.matcher(text).matches() ? Optional.of(text) : Optional.empty();
    }
    boolean date = column.is(LogicalTypeRoot.DATE);
    Matcher now = NOW.matcher(text.strip());
    if (now.matches()) {
      String time = relative(now);
      return Optional.of(date ? "CAST(" + time + " AS DATE)" : time);
    }
    return date
        ? date(text).map(day -> "DATE '" + day + "'")
        : time(text).map(time -> "TIMESTAMP '" + SQL_TIMESTAMP.format(time) + "'");
  }

  private static String relative(Matcher now) {
    String column = Sql.identifier(Tables.NOW);
    if (now.group(1) == null) {
      return column;
    }
    int amount = Integer.parseInt(now.group(2));
    return column
        + " "
        + now.group(1)
        + " "
        + (now.group(3).equals("ms")
            ? interval(amount / 1000, ".%03d".formatted(amount % 1000), "SECOND")
            : interval(amount, "", UNITS.get(now.group(3))));
  }

  /** SQL gives the leading field two digits unless told otherwise. */
  private static String interval(int amount, String fraction, String unit) {
    int digits = Integer.toString(amount).length();
    return "INTERVAL '" + amount + fraction + "' " + unit + (digits > 2 ? "(" + digits + ")" : "");
  }

  private static Optional<LocalDate> date(String text) {
    try {
      return Optional.of(LocalDate.parse(text.strip()));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  private static Optional<LocalDateTime> time(String text) {
    Optional<LocalDate> date = date(text);
    if (date.isPresent()) {
      return date.map(LocalDate::atStartOfDay);
    }
    try {
      String local = text.strip().replaceFirst("Z$", "").replaceFirst(" ", "T");
      return Optional.of(LocalDateTime.parse(local));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }
}
