package io.medallion.services.status;

import io.medallion.io.Commit;
import io.medallion.io.Lakehouse;
import io.medallion.io.WatchCommits;
import io.medallion.schemas.Tables;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Kafka timestamps of some records of each commit of bronze, read from its files. */
final class SampleRecords {
  private static final int OF_A_COMMIT = 200;

  /** The first look reads the files of so many; every file costs some milliseconds. */
  private static final int COMMITS = 120;

  private final WatchCommits bronze;
  private Map<String, Sampled> sampled = new HashMap<>();

  /**
   * @param timestamps epoch milliseconds
   * @param records of the commit that have one
   */
  record Sampled(List<Long> timestamps, long records) {
    Sampled {
      timestamps = List.copyOf(timestamps);
    }

    /** The number of records that one timestamp stands for. */
    double weight() {
      return (double) records / timestamps.size();
    }
  }

  SampleRecords(WatchCommits bronze) {
    this.bronze = bronze;
  }

  /** Those of some commits by instant; where there are many, of an even selection. */
  Map<String, Sampled> of(List<Commit> commits) {
    // A power of two, and not by place: what was chosen stays chosen when some come and some go.
    int every = Integer.highestOneBit(Math.max(1, (2 * commits.size() - 1) / COMMITS));
    Map<String, Sampled> now = new HashMap<>();
    int read = 0;
    for (int i = commits.size() - 1; i >= 0; i--) {
      Commit commit = commits.get(i);
      if (i < commits.size() - 1 && mixed(commit.instant()) % every != 0) {
        continue;
      }
      Sampled known = sampled.get(commit.instant());
      if (known == null && read < COMMITS) {
        known = sample(commit);
        read++;
      }
      if (known != null) {
        now.put(commit.instant(), known);
      }
    }
    sampled = now;
    return now;
  }

  /** The last digits of instants are anything but even. */
  private static int mixed(String instant) {
    int hash = instant.hashCode() * 0x9E3779B9;
    return hash >>> 8;
  }

  /** Each record with the same chance (Vitter's algorithm R). */
  private Sampled sample(Commit commit) {
    SplittableRandom random = new SplittableRandom(commit.instant().hashCode());
    List<Long> kept = new ArrayList<>();
    long[] seen = {0};
    Lakehouse.readFiles(
        bronze.table(),
        bronze.files(commit),
        List.of(Tables.KAFKA_TIMESTAMP),
        row -> {
          if (row.isNullAt(0)) {
            return;
          }
          long time = row.getTimestamp(0, 3).getMillisecond();
          seen[0]++;
          if (kept.size() < OF_A_COMMIT) {
            kept.add(time);
            return;
          }
          long place = random.nextLong(seen[0]);
          if (place < OF_A_COMMIT) {
            kept.set((int) place, time);
          }
        });
    return new Sampled(kept, seen[0]);
  }
}
