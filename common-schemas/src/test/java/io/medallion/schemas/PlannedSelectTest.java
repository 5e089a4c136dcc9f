package io.medallion.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.medallion.schemas.PlannedSelect.Evaluation;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.runtime.typeutils.InternalSerializers;
import org.apache.flink.table.types.logical.RowType;
import org.junit.jupiter.api.Test;

class PlannedSelectTest {
  private static final RowType EVENTS =
      (RowType)
          DataTypes.ROW(
                  DataTypes.FIELD("id", DataTypes.STRING().notNull()),
                  DataTypes.FIELD("amount", DataTypes.DECIMAL(18, 2)),
                  DataTypes.FIELD("timestamp", DataTypes.TIMESTAMP(3).notNull()))
              .notNull()
              .getLogicalType();

  @Test
  void aSelectIsEvaluatedRowByRow() throws Exception {
    PlannedSelect select =
        PlannedSelect.plan(
            "silver.sql",
            "SELECT UPPER(TRIM(id)) AS id, CAST(`timestamp` AS DATE) AS d,"
                + " CASE WHEN amount > 0 THEN 1.0 ELSE 0.5 END AS score, amount FROM bronze",
            "bronze",
            EVENTS);

    assertThat(select.columns().getFieldNames()).containsExactly("id", "d", "score", "amount");
    try (var harness = harness(select)) {
      harness.processElement(new StreamRecord<>(event(" a ", "12.50", 86_400_000L)));
      harness.processElement(new StreamRecord<>(event("b", null, 2 * 86_400_000L - 1)));
      assertThat(harness.extractOutputValues())
          .containsExactly(
              GenericRowData.of(
                  StringData.fromString("A"),
                  1,
                  DecimalData.fromUnscaledLong(10, 2, 1),
                  DecimalData.fromUnscaledLong(1250, 18, 2)),
              GenericRowData.of(
                  StringData.fromString("B"), 1, DecimalData.fromUnscaledLong(5, 2, 1), null));
    }
  }

  @Test
  void aRowWhoseEvaluationThrowsDoesNotSpoilTheNext() throws Exception {
    PlannedSelect select =
        PlannedSelect.plan("rule", "SELECT 10 / CAST(amount AS INT) AS q FROM e", "e", EVENTS);
    try (var harness = harness(select)) {
      harness.processElement(new StreamRecord<>(event("a", "0.00", 0L)));
      harness.processElement(new StreamRecord<>(event("a", "5.00", 0L)));
      assertThat(harness.extractOutputValues())
          .containsExactly(
              GenericRowData.of(StringData.fromString("ArithmeticException")),
              GenericRowData.of(2));
    }
  }

  @Test
  void theIdentityIsPlannedToo() throws Exception {
    PlannedSelect select = PlannedSelect.plan("all", "SELECT * FROM e", "e", EVENTS);
    try (var harness = harness(select)) {
      harness.processElement(new StreamRecord<>(event("a", "1.00", 0L)));
      assertThat(harness.extractOutputValues()).containsExactly(event("a", "1.00", 0L));
    }
  }

  @Test
  void anAggregationIsRefused() {
    assertThatThrownBy(
            () ->
                PlannedSelect.plan(
                    "silver.sql", "SELECT id, COUNT(*) AS n FROM e GROUP BY id", "e", EVENTS))
        .hasMessageContaining("doesn't support consuming update changes");
  }

  private static RowData event(String id, String amount, long millis) {
    return GenericRowData.of(
        StringData.fromString(id),
        amount == null ? null : DecimalData.fromBigDecimal(new java.math.BigDecimal(amount), 18, 2),
        TimestampData.fromEpochMillis(millis));
  }

  private static OneInputStreamOperatorTestHarness<RowData, RowData> harness(PlannedSelect select)
      throws Exception {
    var harness =
        new OneInputStreamOperatorTestHarness<>(
            new Evaluate(select), InternalSerializers.<RowData>create(EVENTS));
    harness.open();
    return harness;
  }

  private static final class Evaluate extends AbstractStreamOperator<RowData>
      implements OneInputStreamOperator<RowData, RowData> {
    private final PlannedSelect select;
    private transient Evaluation evaluation;

    Evaluate(PlannedSelect select) {
      this.select = select;
    }

    @Override
    public void open() throws Exception {
      evaluation = select.open(getContainingTask(), getProcessingTimeService());
    }

    @Override
    public void processElement(StreamRecord<RowData> element) {
      RowData result;
      try {
        result = evaluation.evaluate(element.getValue());
      } catch (Exception thrown) {
        result = GenericRowData.of(StringData.fromString(thrown.getClass().getSimpleName()));
      }
      output.collect(new StreamRecord<>(result));
    }
  }
}
