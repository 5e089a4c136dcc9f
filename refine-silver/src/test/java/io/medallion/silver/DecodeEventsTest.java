package io.medallion.silver;

import static io.medallion.silver.Transactions.EVENT_ROW;
import static io.medallion.silver.Transactions.PIPELINE;
import static io.medallion.silver.Transactions.START;
import static io.medallion.silver.Transactions.created;
import static io.medallion.silver.Transactions.json;
import static io.medallion.silver.Transactions.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.medallion.io.Progress;
import io.medallion.schemas.Expectation;
import io.medallion.schemas.Expectation.Violation;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.SilverDefinition;
import io.medallion.schemas.Tables;
import io.medallion.testing.OneSubtask;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.annotation.Nullable;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.logical.VarCharType;
import org.apache.flink.types.Row;
import org.apache.flink.util.OutputTag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class DecodeEventsTest {
  private static final OutputTag<RowData> QUARANTINE =
      DecodeEvents.quarantined(Tables.quarantine(PIPELINE));
  private static final LocalDateTime AT = LocalDateTime.parse("2023-11-14T22:13:20");

  @Test
  void aGoodEventGoesOnWithItsKeyAndItsPlaceInTheOrder() throws Exception {
    try (OneSubtask subtask = decode(PIPELINE).start()) {
      // When
      subtask.send(record(3, created("note", "'unknown'")));
      subtask.checkpoint(1);

      // Then
      assertThat(subtask.emitted())
          .containsExactly(
              Row.of(
                  "2:T1",
                  "INSERT",
                  START * 1_000,
                  0,
                  3L,
                  "transactions",
                  START + 3_000,
                  "{\"note\":\"unknown\"}",
                  Row.of("T1", "NEW", " c1 ", amount("10.00"), "toys", "EU", "first", AT),
                  null));
      assertThat(subtask.emittedTo(QUARANTINE)).isEmpty();
      assertThat(subtask.reported(1))
          .isEqualTo(
              new Progress(Map.of(), Map.of("input", 1L, "inserts", 1L), Map.of(), START, START));
    }
  }

  @Test
  void aCorrectionIsAskedForItsKeyAndNotForTheFieldsThatItLeavesOut() throws Exception {
    try (OneSubtask subtask = decode(PIPELINE).start()) {
      // When
      subtask.send(
          record(4, json("'transaction_id':'T1','update_type':'CORRECTION','amount':11.5")));

      // Then
      assertThat(subtask.emitted())
          .containsExactly(
              Row.of(
                  "2:T1",
                  "CORRECTION",
                  START * 1_000,
                  0,
                  4L,
                  "transactions",
                  START + 4_000,
                  null,
                  Row.of("T1", "CORRECTION", null, amount("11.50"), null, null, null, AT),
                  null));
      assertThat(subtask.emittedTo(QUARANTINE)).isEmpty();
    }
  }

  @Test
  void whereKeysMayBeSealedAnEventGoesOnWithItsRecord() throws Exception {
    PipelineDefinition sealing = Transactions.withLifetime(Duration.ofDays(90));
    EventRow eventRow = new EventRow(sealing);
    RowData record = record(3, created());
    try (OneSubtask subtask =
        OneSubtask.of(
                new DecodeEvents(sealing, eventRow, new ReadEvent(sealing, "file:///no/warehouse")),
                eventRow.rowType())
            .start()) {
      // When
      subtask.send(record);

      // Then
      assertThat(subtask.emitted().get(0).getField("record"))
          .isEqualTo(Row.of(record.getBinary(4), record.getBinary(5)));
    }
  }

  @Test
  void aReversalNeedsItsKeyAndItsTimeOnly() throws Exception {
    try (OneSubtask subtask = decode(PIPELINE).start()) {
      // When
      subtask.send(record(5, json("'transaction_id':'T1','update_type':'REVERSAL'")));

      // Then
      assertThat(subtask.emitted())
          .containsExactly(
              Row.of(
                  "2:T1",
                  "REVERSAL",
                  START * 1_000,
                  0,
                  5L,
                  "transactions",
                  START + 5_000,
                  null,
                  Row.of("T1", "REVERSAL", null, null, null, null, null, AT),
                  null));
      assertThat(subtask.emittedTo(QUARANTINE)).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("badEvents")
  void aBadEventGoesToQuarantineAsItCameWithItsRules(
      @Nullable String payload, List<String> rules, String reason) throws Exception {
    try (OneSubtask subtask = decode(PIPELINE).at(START + 60_000).start()) {
      // When
      subtask.send(record(2, payload));
      subtask.checkpoint(1);

      // Then
      assertThat(subtask.emittedTo(QUARANTINE))
          .containsExactly(
              Row.of(
                  "transactions",
                  0,
                  2L,
                  AT.plusSeconds(2),
                  bytes("k"),
                  bytes(payload),
                  rules.toArray(String[]::new),
                  reason,
                  AT.plusMinutes(1),
                  null));
      assertThat(subtask.emitted()).isEmpty();
      Map<String, Long> counters = new TreeMap<>(Map.of("input", 1L, "quarantined", 1L));
      rules.forEach(rule -> counters.put("quarantined." + rule, 1L));
      assertThat(subtask.reported(1))
          .isEqualTo(
              new Progress(
                  Map.of(),
                  counters,
                  Map.of("transactions-0", Map.of("quarantined", 1L)),
                  Progress.NO_EVENT_TIME,
                  Progress.NO_EVENT_TIME));
    }
  }

  static Stream<Arguments> badEvents() {
    return Stream.of(
        arguments(null, List.of("tombstone"), "the record has no payload"),
        arguments("not json", List.of("malformed-json"), "syntax: not JSON from byte 0 on"),
        arguments("[1]", List.of("not-an-object"), "the payload is a JSON array"),
        arguments(
            created("transaction_id", "null"),
            List.of("not-null: transaction_id"),
            "transaction_id holds null, expected STRING"),
        arguments(
            created("update_type", "'GIFT'"),
            List.of("accepted-values: update_type"),
            "update_type holds the JSON string \"GIFT\", expected one of [NEW, CORRECTION, REVERSAL]"),
        arguments(
            created("amount", "'twelve'"),
            List.of("type: amount"),
            "amount holds the JSON string \"twelve\", expected DECIMAL(18, 2)"),
        arguments(
            created("amount", "null"),
            List.of("amount is a number"),
            "'amount is a number' is not met"),
        arguments(
            created("region", "null"), List.of("region is given"), "'region is given' is not met"),
        arguments(
            created("region", "'MARS'"),
            List.of("region is known"),
            "'region is known' is not met"),
        arguments(
            json("'transaction_id':'T1','update_type':'CORRECTION','region':'MARS'"),
            List.of("region is known"),
            "'region is known' is not met"),
        arguments(
            created("product_category", "'weapons'"),
            List.of("category is accepted"),
            "'category is accepted' is not met"),
        arguments(
            created("timestamp", String.valueOf(START + 2_000 + 300_001)),
            List.of("not from the future"),
            "'not from the future' is not met"),
        arguments(
            created("amount", "null", "region", "'MARS'", "product_category", "'weapons'"),
            List.of("amount is a number", "region is known", "category is accepted"),
            "'amount is a number' is not met; 'region is known' is not met;"
                + " 'category is accepted' is not met"));
  }

  @Test
  void anEventAtTheEdgeOfTheFutureIsTaken() throws Exception {
    try (OneSubtask subtask = decode(PIPELINE).start()) {
      // When
      subtask.send(record(2, created("timestamp", String.valueOf(START + 2_000 + 300_000))));

      // Then
      assertThat(subtask.emitted()).hasSize(1);
      assertThat(subtask.emittedTo(QUARANTINE)).isEmpty();
    }
  }

  @Test
  void aRuleThatWarnsIsCountedAndLetsTheEventGoOn() throws Exception {
    try (OneSubtask subtask = decode(PIPELINE).start()) {
      // When
      subtask.send(record(0, created("amount", "1000000")));
      subtask.send(record(1, created("amount", "-1000000.00")));
      subtask.send(record(2, created("amount", "999999.99")));
      subtask.checkpoint(1);

      // Then
      assertThat(subtask.emitted()).extracting(row -> row.getField(4)).containsExactly(0L, 1L, 2L);
      assertThat(subtask.emittedTo(QUARANTINE)).isEmpty();
      assertThat(subtask.reported(1).counters())
          .isEqualTo(Map.of("input", 3L, "inserts", 3L, "warned.amount is plausible", 2L));
    }
  }

  @Test
  void aRuleThatFailsTheJobNamesTheEventAndItself() throws Exception {
    PipelineDefinition strict =
        with(
            new Expectation("amount is small", "amount < 5", List.of(), Violation.FAIL),
            new Expectation("amount is tiny", "amount < 1", List.of(), Violation.FAIL));
    try (OneSubtask subtask = decode(strict).start()) {
      assertThatThrownBy(() -> subtask.send(record(8, created())))
          .isInstanceOf(SuppressRestartsException.class)
          .cause()
          .hasMessage(
              "Event transactions-0@8 breaks [amount is small, amount is tiny], which is declared to fail the job. Correct the rule or the event's source, then resume.");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          100 / CAST(amount AS INT) > 1 | amount      | 0       | 1    | java.lang.ArithmeticException: / by zero
          CAST(description AS INT) > 1  | description | 'three' | '3'  | java.lang.NumberFormatException: For input string: 'three'. Invalid character found.
          """,
      quoteCharacter = '"')
  void anEventForWhichARuleCannotBeEvaluatedIsQuarantinedAndTheNextGoesOn(
      String condition, String field, String bad, String good, String why) throws Exception {
    PipelineDefinition failing =
        with(new Expectation("rule", condition, List.of(), Violation.WARN));
    try (OneSubtask subtask = decode(failing).start()) {
      // When
      subtask.send(record(0, created(field, bad)));
      subtask.send(record(1, created(field, good)));

      // Then
      assertThat(subtask.emittedTo(QUARANTINE))
          .extracting(row -> row.getField(2), row -> row.getField(7))
          .containsExactly(tuple(0L, "'rule' cannot be evaluated: " + why));
      assertThat(subtask.emitted()).extracting(row -> row.getField(4)).containsExactly(1L);
    }
  }

  @Test
  void anEventWhosePartitionNoFolderCanBeNamedAfterIsQuarantined() throws Exception {
    PipelineDefinition byDescription =
        Transactions.selecting(
            "description",
            "label",
            new VarCharType(VarCharType.MAX_LENGTH),
            List.of("label", "transaction_id"));
    try (OneSubtask subtask = decode(byDescription).start()) {
      // When
      subtask.send(record(0, created("description", "'" + "x".repeat(249) + "'")));
      subtask.send(record(1, created("description", "'" + "x".repeat(250) + "'")));
      subtask.send(record(2, created("description", "'" + "/".repeat(84) + "'")));

      // Then
      assertThat(subtask.emittedTo(QUARANTINE))
          .extracting(
              row -> row.getField(2),
              row -> List.of((String[]) row.getField(6)),
              row -> row.getField(7))
          .containsExactly(
              tuple(
                  1L,
                  List.of("partition-by: label"),
                  "'partition-by: label' would name a folder with 256 bytes, expected at most 255"),
              tuple(
                  2L,
                  List.of("partition-by: label"),
                  "'partition-by: label' would name a folder with 258 bytes, expected at most 255"));
      assertThat(subtask.emitted()).extracting(row -> row.getField(4)).containsExactly(0L);
    }
  }

  @Test
  void anEventInQuarantineIsCountedOnceForItsPartitionHoweverManyRulesItBreaks() throws Exception {
    try (OneSubtask subtask = decode(PIPELINE).start()) {
      // When
      subtask.send(record(0, created("amount", "null", "region", "'MARS'")));
      subtask.send(record(1, 0, created("amount", "null")));
      subtask.send(record(1, 1, "not json"));
      subtask.send(record(1, 2, created()));
      subtask.checkpoint(1);

      // Then
      assertThat(subtask.reported(1).partitions())
          .isEqualTo(
              Map.of(
                  "transactions-0", Map.of("quarantined", 1L),
                  "transactions-1", Map.of("quarantined", 2L)));
      assertThat(subtask.reported(1).counters())
          .isEqualTo(
              Map.of(
                  "input",
                  4L,
                  "inserts",
                  1L,
                  "quarantined",
                  3L,
                  "quarantined.amount is a number",
                  2L,
                  "quarantined.region is known",
                  1L,
                  "quarantined.malformed-json",
                  1L));
    }
  }

  private static OneSubtask decode(PipelineDefinition pipeline) throws Exception {
    return OneSubtask.of(
        new DecodeEvents(pipeline, EVENT_ROW, new ReadEvent(pipeline, "file:///no/warehouse")),
        EVENT_ROW.rowType());
  }

  private static PipelineDefinition with(Expectation... rules) {
    SilverDefinition silver = PIPELINE.silver();
    return new PipelineDefinition(
        PIPELINE.name(),
        PIPELINE.freshnessObjective(),
        PIPELINE.source(),
        new SilverDefinition(
            silver.sql(),
            silver.columns(),
            silver.key(),
            silver.partitionBy(),
            silver.orderBy(),
            silver.history(),
            silver.stateLifetime(),
            silver.changes(),
            List.of(rules),
            List.of(),
            List.of()),
        PIPELINE.references(),
        PIPELINE.gold());
  }

  private static BigDecimal amount(String text) {
    return new BigDecimal(text);
  }

  private static @Nullable byte[] bytes(@Nullable String text) {
    return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
  }
}
