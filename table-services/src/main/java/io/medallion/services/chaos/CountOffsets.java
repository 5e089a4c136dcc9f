package io.medallion.services.chaos;

import io.medallion.io.Progress;
import io.medallion.services.CommandFailedException;
import io.medallion.services.chaos.ReadBronze.Difference;
import io.medallion.services.demo.Layers;
import java.util.function.Supplier;

/** Counts the offsets of bronze against those of Kafka, and silver's final states. */
record CountOffsets(ReadBronze bronze, FollowKafka kafka, Supplier<Layers> layers)
    implements Audit {
  @Override
  public Verdict verdict() {
    Difference difference =
        bronze
            .read()
            .orElseThrow(() -> new CommandFailedException("Bronze has no commit to be audited."));
    Progress silver = layers.get().silver().progress();
    long states = Progress.FINAL_STATES.stream().mapToLong(silver::counter).sum();
    return new Verdict(
        Offsets.count(kafka.below(difference.next())),
        Offsets.count(difference.missing()),
        Offsets.count(difference.doubled()) + Offsets.count(difference.surplus()),
        difference.rows() - states);
  }
}
