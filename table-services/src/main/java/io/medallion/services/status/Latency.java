package io.medallion.services.status;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * How long records took from their Kafka timestamp until readers of all last tables saw them.
 *
 * @param samples by their latency; each stands for a number of records
 */
public record Latency(List<Sample> samples) {
  /** Upper bounds of a histogram, in seconds; longer ones are in a last part of their own. */
  public static final List<Integer> BOUNDS_S = List.of(1, 2, 3, 5, 8, 12, 20, 30, 60, 120, 300);

  /**
   * One record and those that it stands for.
   *
   * @param records how many these are
   */
  public record Sample(Duration latency, double records) {}

  public Latency {
    samples = samples.stream().sorted(Comparator.comparing(Sample::latency)).toList();
  }

  /** The records that all samples stand for. */
  public long records() {
    return Math.round(samples.stream().mapToDouble(Sample::records).sum());
  }

  /**
   * The latency that a share of the records did not exceed.
   *
   * @param share 0 to 1
   * @return empty without records
   */
  public Optional<Duration> quantile(double share) {
    double all = samples.stream().mapToDouble(Sample::records).sum();
    double sum = 0;
    for (Sample sample : samples) {
      sum += sample.records();
      if (sum >= share * all) {
        return Optional.of(sample.latency());
      }
    }
    return Optional.empty();
  }

  /** Records up to each of {@link #BOUNDS_S} and above the one before, and those above all. */
  public List<Long> histogram() {
    List<Long> counts = new ArrayList<>();
    int i = 0;
    for (int part = 0; part <= BOUNDS_S.size(); part++) {
      double records = 0;
      while (i < samples.size()
          && (part == BOUNDS_S.size()
              || samples.get(i).latency().toMillis() <= BOUNDS_S.get(part) * 1000L)) {
        records += samples.get(i++).records();
      }
      counts.add(Math.round(records));
    }
    return counts;
  }
}
