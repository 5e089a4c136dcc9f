package io.medallion.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
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
  void aTotalIsShownBeforeThereIsAnythingToCount() {
    // Given
    Map<String, Gauge<?>> shown = new HashMap<>();
    MetricGroup group =
        new UnregisteredMetricsGroup() {
          @Override
          public MetricGroup addGroup(String name) {
            return this;
          }

          @Override
          public <T, G extends Gauge<T>> G gauge(String name, G gauge) {
            shown.put(name, gauge);
            return gauge;
          }
        };
    ProgressReporter showing = new ProgressReporter(new JobMetrics(group), () -> NOW);

    // When
    showing.show(Progress.PENDING);

    // Then
    assertThat(shown).containsOnlyKeys(Progress.PENDING);
    assertThat(shown.get(Progress.PENDING).getValue()).isEqualTo(0L);
    assertThat(showing.take()).isEqualTo(Progress.NONE);

    // When
    showing.count(Progress.PENDING, 2);
    showing.count(Progress.PENDING, -1);

    // Then
    assertThat(shown.get(Progress.PENDING).getValue()).isEqualTo(1L);
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
