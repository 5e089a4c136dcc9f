package io.medallion.schemas;

import io.medallion.schemas.Gate.EventCount;
import io.medallion.schemas.Gate.NullShare;
import io.medallion.schemas.Gate.QuarantinedShare;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.table.types.logical.RowType;

/** Reads {@code silver.gates}. */
final class ReadGates {
  /** Fewer say little; what a small topic brings in some seconds. */
  static final int EVENTS = 1_000;

  static final int COMMITS = 20;

  private static final String QUARANTINED_SHARE = "quarantined-share";
  private static final String NULL_SHARE = "null-share";
  private static final String EVENT_COUNT = "event-count";
  private static final String COLUMNS = "columns";
  private static final String AT_LEAST = "at-least";
  private static final String AT_MOST = "at-most";
  private static final String OVER = "over";
  private static final String OF = "of";

  private static final BigDecimal ALL = BigDecimal.valueOf(100);
  private static final Pattern PERCENTAGE = Pattern.compile("([0-9]{1,6}(?:\\.[0-9]{1,6})?) ?%");

  private final Section gates;
  private final Optional<RowType> silver;

  /** Without the columns of silver, their names are not checked. */
  ReadGates(Section gates, Optional<RowType> silver) {
    this.gates = gates;
    this.silver = silver;
  }

  List<Gate> read() {
    gates.onlyKeys(PipelineKeys.GATES);
    List<Gate> read = new ArrayList<>();
    gates
        .section(QUARANTINED_SHARE, "a gate", QUARANTINED_SHARE + ": { at-most: 20% }")
        .flatMap(this::quarantinedShare)
        .ifPresent(read::add);
    gates
        .section(NULL_SHARE, "a gate", NULL_SHARE + ": { columns: [description], at-most: 50% }")
        .map(this::nullShares)
        .ifPresent(read::addAll);
    gates
        .section(EVENT_COUNT, "a gate", EVENT_COUNT + ": { at-least: 10%, of: 20 commits }")
        .flatMap(this::eventCount)
        .ifPresent(read::add);
    return read;
  }

  private Optional<Gate> quarantinedShare(Section gate) {
    gate.onlyKeys(PipelineKeys.QUARANTINED_SHARE);
    Optional<BigDecimal> atMost = requiredShare(gate);
    long over = number(gate, OVER, "events", EVENTS);
    return atMost.map(share -> new QuarantinedShare(share, over));
  }

  private List<Gate> nullShares(Section gate) {
    gate.onlyKeys(PipelineKeys.NULL_SHARE);
    List<String> columns =
        gate.requiredTexts(COLUMNS, "columns of the SELECT", "columns: [description]");
    columns.forEach(column -> checkColumn(gate, column));
    Optional<BigDecimal> atMost = requiredShare(gate);
    long over = number(gate, OVER, "events", EVENTS);
    List<Gate> shares = new ArrayList<>();
    atMost.ifPresent(
        share -> columns.forEach(column -> shares.add(new NullShare(column, share, over))));
    return shares;
  }

  private Optional<Gate> eventCount(Section gate) {
    gate.onlyKeys(PipelineKeys.EVENT_COUNT);
    int commits = Math.toIntExact(number(gate, OF, "commits", COMMITS));
    if (!gate.has(AT_LEAST) && !gate.has(AT_MOST)) {
      gates.problem(
          EVENT_COUNT, "no bound", "at-least, at-most or both", "Add for example at-least: 10%.");
      return Optional.empty();
    }
    Optional<BigDecimal> atLeast = percentage(gate, AT_LEAST);
    Optional<BigDecimal> atMost = percentage(gate, AT_MOST);
    return Optional.of(new EventCount(atLeast.orElse(null), atMost.orElse(null), commits));
  }

  private void checkColumn(Section gate, String column) {
    silver
        .map(RowType::getFieldNames)
        .filter(names -> !names.contains(column))
        .ifPresent(
            names ->
                gate.itemProblem(
                    COLUMNS,
                    column,
                    column,
                    "a column of the SELECT: " + String.join(", ", names),
                    NearestWord.of(column, names)
                        .map(nearest -> "Did you mean " + nearest + "?")
                        .orElse("Add the column to the SELECT, or name one of these.")));
  }

  private static Optional<BigDecimal> requiredShare(Section gate) {
    String expected = "a percentage up to 100%";
    Optional<BigDecimal> share =
        percentage(gate, AT_MOST, gate.required(AT_MOST, expected, "at-most: 20%"));
    share
        .filter(percent -> percent.compareTo(ALL) > 0)
        .ifPresent(
            percent ->
                gate.problem(
                    AT_MOST, percent.toPlainString() + "%", expected, "Write for example 20%."));
    return share;
  }

  private static Optional<BigDecimal> percentage(Section gate, String key) {
    return percentage(gate, key, gate.text(key, "a percentage", key + ": 20%"));
  }

  private static Optional<BigDecimal> percentage(Section gate, String key, Optional<String> text) {
    Optional<BigDecimal> percent =
        text.map(PERCENTAGE::matcher)
            .filter(Matcher::matches)
            .map(found -> new BigDecimal(found.group(1)));
    if (text.isPresent() && percent.isEmpty()) {
      gate.problem(key, text.get(), "a percentage", "Write for example " + key + ": 20%.");
    }
    return percent;
  }

  /** {@code 1000 events}. */
  private static long number(Section gate, String key, String unit, int byDefault) {
    String expected = "a number of " + unit;
    String example = key + ": " + byDefault + " " + unit;
    Optional<String> text = gate.text(key, expected, example);
    Optional<Long> number =
        text.map(Pattern.compile("([1-9][0-9]{0,8}) " + unit)::matcher)
            .filter(Matcher::matches)
            .map(found -> Long.valueOf(found.group(1)));
    if (text.isPresent() && number.isEmpty()) {
      gate.problem(key, text.get(), expected, "Write for example " + example + ".");
    }
    return number.orElse((long) byDefault);
  }
}
