package io.medallion.services.verify;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;

class GoldReportsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final GoldCheck EQUAL =
      new GoldCheck("daily", "20260101000010000", "20260101000005000", 1490, 0, List.of());
  private static final GoldCheck DIFFERS =
      new GoldCheck(
          "hourly",
          "20260101000011000",
          "20260101000005000",
          3,
          2,
          List.of("gold lacks +I[a, 1]", "gold has   +I[a, 2]"));
  private static final GoldCheck NOT_YET = new GoldCheck("new", "", "", 0, 0, List.of());

  @Test
  void whatIsEqualIsOneLineForEachTable() {
    assertThat(GoldText.of(List.of(EQUAL, NOT_YET)))
        .isEqualTo(
            """
            table        rows  differing              as of       silver as of
            gold.daily  1,490          0  20260101000010000  20260101000005000
            gold.new        0          0                  -                  -

            Gold equals its recomputation: 1,490 rows.
            """);
  }

  @Test
  void whatDiffersIsNamed() {
    assertThat(GoldText.of(List.of(EQUAL, DIFFERS)))
        .isEqualTo(
            """
            table         rows  differing              as of       silver as of
            gold.daily   1,490          0  20260101000010000  20260101000005000
            gold.hourly      3          2  20260101000011000  20260101000005000

            gold.hourly: gold lacks +I[a, 1]
            gold.hourly: gold has   +I[a, 2]
            Gold differs from its recomputation: 2 rows.
            """);
  }

  @Test
  void theDocumentHoldsEverything() throws Exception {
    assertThat(JSON.readTree(GoldJson.of("transactions", List.of(EQUAL, DIFFERS))))
        .isEqualTo(
            JSON.readTree(
                """
                {
                  "pipeline": "transactions", "equal": false,
                  "tables": [
                    {"table": "gold.daily", "as-of": "20260101000010000",
                     "silver-as-of": "20260101000005000", "rows": 1490, "differing": 0,
                     "examples": []},
                    {"table": "gold.hourly", "as-of": "20260101000011000",
                     "silver-as-of": "20260101000005000", "rows": 3, "differing": 2,
                     "examples": ["gold lacks +I[a, 1]", "gold has   +I[a, 2]"]}]
                }
                """));
  }
}
