package io.medallion.services.audit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReportTextTest {
  @Test
  void aCleanReportEndsWithWhatItCounted() {
    assertThat(ReportText.of(Reports.clean(true)))
        .isEqualTo(
            """
            partition       from    to   rows  missing  doubled  kafka-gaps  applied  superseded  duplicate  quarantined  pending  deleted  not-refined  not-ingested
            transactions-0     3  1500  1,494        0        0           3    1,400          50         20           15        4        1            4           100

            table                 rows  commits              first             newest
            bronze.transactions  1,494        2  20260101000000000  20260101000010000
            gold.daily_revenue       -        0                  -                  -

            Audit clean: 1,490 offsets, each in exactly one state.
            """);
  }

  @Test
  void withoutKafkaNothingIsSaidOfIt() {
    assertThat(ReportText.of(Reports.clean(false)).lines().limit(2))
        .containsExactly(
            "partition       from    to   rows  missing  doubled  kafka-gaps  applied  superseded  duplicate  quarantined  pending  deleted  not-refined",
            "transactions-0     3  1500  1,494        0        0           -    1,400          50         20           15        4        1            4");
  }

  @Test
  void findingsAreNamedAndTheOthersCounted() {
    assertThat(ReportText.of(Reports.withFindings()).lines().skip(7))
        .containsExactly(
            "missing-offsets (1)",
            "  transactions-0: offset 7 is missing.",
            "gap (1,023)",
            "  one",
            "  two",
            "  … and 1,021 more",
            "",
            "Audit not clean: 1,024 findings.");
  }
}
