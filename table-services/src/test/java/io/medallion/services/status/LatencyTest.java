package io.medallion.services.status;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class LatencyTest {
  @Test
  void aSampleCountsAsWhatItStandsFor() {
    // Given ninety records in nine samples, and ten in one
    Latency latency =
        new Latency(
            List.of(
                sample(700_000, 1),
                sample(9_000, 9),
                sample(1_000, 20),
                sample(1_001, 20),
                sample(4_000, 50)));

    // Then
    assertThat(latency.records()).isEqualTo(100);
    assertThat(latency.quantile(0.2)).contains(Duration.ofSeconds(1));
    assertThat(latency.quantile(0.5)).contains(Duration.ofSeconds(4));
    assertThat(latency.quantile(0.95)).contains(Duration.ofSeconds(9));
    assertThat(latency.quantile(1)).contains(Duration.ofSeconds(700));
    // Up to 1, 2, 3, 5, 8, 12, 20, 30, 60, 120, 300 s, and longer
    assertThat(latency.histogram())
        .containsExactly(20L, 20L, 0L, 50L, 0L, 9L, 0L, 0L, 0L, 0L, 0L, 1L);
  }

  @Test
  void withoutRecordsThereIsNone() {
    assertThat(new Latency(List.of()).quantile(0.5)).isEmpty();
  }

  private static Latency.Sample sample(long latencyMs, double records) {
    return new Latency.Sample(Duration.ofMillis(latencyMs), records);
  }
}
