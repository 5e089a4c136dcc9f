package io.medallion.services.chaos;

import java.util.Locale;

/** Who writes the tables of a run. */
enum Sink {
  MEDALLION,
  /** The sink of hudi-flink as it comes, to compare. */
  HUDI_FLINK;

  /** E.g. {@code hudi-flink}, as the jobs are told. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
