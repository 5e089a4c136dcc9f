package io.medallion.services.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

class ReportJsonTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void theDocumentHoldsEveryNumber() throws Exception {
    assertThat(JSON.readTree(ReportJson.of(Reports.withFindings())))
        .isEqualTo(
            JSON.readTree(
                """
                {
                  "pipeline": "transactions", "clean": false, "offsets": 1490, "kafka-asked": true,
                  "partitions": [{
                    "partition": "transactions-0", "from": 3, "to": 1500,
                    "kafka-begin": 3, "kafka-end": 1600,
                    "rows": 1494, "missing": 0, "doubled": 0, "unaccounted": 0, "kafka-gaps": 3,
                    "refined": 1490,
                    "states": {"applied": 1400, "superseded": 50, "duplicate": 20,
                               "quarantined": 15, "pending": 4, "deleted": 1},
                    "not-refined": 4, "not-ingested": 100}],
                  "tables": [
                    {"table": "bronze.transactions", "commits": 2, "without-position": 0,
                     "first": "20260101000000000", "newest": "20260101000010000", "rows": 1494},
                    {"table": "gold.daily_revenue", "commits": 0, "without-position": 0,
                     "first": "", "newest": ""}],
                  "findings": [
                    {"kind": "missing-offsets", "count": 1,
                     "examples": ["transactions-0: offset 7 is missing."]},
                    {"kind": "gap", "count": 1023, "examples": ["one", "two"]}]
                }
                """));
  }

  @Test
  void withoutKafkaItsFieldsAreLeftOut() throws Exception {
    // When
    JsonNode document = JSON.readTree(ReportJson.of(Reports.clean(false)));

    // Then
    assertThat(document.get("kafka-asked").booleanValue()).isFalse();
    assertThat(document.get("clean").booleanValue()).isTrue();
    assertThat(document.get("partitions").get(0).fieldNames())
        .toIterable()
        .containsExactly(
            "partition",
            "from",
            "to",
            "rows",
            "missing",
            "doubled",
            "unaccounted",
            "kafka-gaps",
            "refined",
            "states",
            "not-refined");
  }
}
