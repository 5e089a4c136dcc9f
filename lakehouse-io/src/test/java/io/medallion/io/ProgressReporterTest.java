package io.medallion.io;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.junit.jupiter.api.Test;

class ProgressReporterTest {
  private static final long NOW = 1_000_000_000;
  private static final long MINUTE = 60_000;

  private final ProgressReporter reporter =
      new ProgressReporter(new JobMetrics(new UnregisteredMetricsGroup()), () -> NOW);

  @Test
  void anEventOfTheFutureIsCountedAndDoesNotMakeTheTableSeemFresh() {
    // When
    reporter.event(NOW - 5);
    reporter.event(Long.MAX_VALUE);
    reporter.event(NOW + MINUTE + 1);
    reporter.event(NOW - 9);

    // Then
    Progress taken = reporter.take();
    assertThat(taken.minEventTime()).isEqualTo(NOW - 9);
    assertThat(taken.maxEventTime()).isEqualTo(NOW - 5);
    assertThat(taken.counter(Progress.FUTURE)).isEqualTo(2);
  }

  @Test
  void clocksMayDifferByAMinute() {
    // When
    reporter.event(NOW + MINUTE);

    // Then
    Progress taken = reporter.take();
    assertThat(taken.maxEventTime()).isEqualTo(NOW + MINUTE);
    assertThat(taken.counter(Progress.FUTURE)).isZero();
  }

  @Test
  void whereAllAreOfTheFutureTheCommitHasNoEventTime() {
    // When
    reporter.event(NOW + 2 * MINUTE);

    // Then
    assertThat(reporter.take().maxEventTime()).isEqualTo(Progress.NO_EVENT_TIME);
  }
}
