package io.medallion.io;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.io.FromKafka.Snapshot;
import io.medallion.io.Writers.Checkpoint;
import io.medallion.io.Writers.OpenTimeline;
import io.medallion.io.ledger.Audit;
import io.medallion.io.ledger.AuditProgress;
import io.medallion.io.ledger.Finding;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PipelineFolder;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Breaks the protocol on purpose; the audit names what comes of it. */
class ProtocolMutationTest {
  private static final PipelineDefinition PIPELINE =
      PipelineFolder.load(
          Path.of("../pipelines/transactions").toString(),
          Map.of("KAFKA_BOOTSTRAP_SERVERS", "x:1"));
  private static final TableDefinition BRONZE = Tables.bronze(PIPELINE);
  private static final String TOPIC = "transactions";

  @TempDir Path folder;
  private String warehouse;

  @BeforeEach
  void chooseWarehouse() {
    warehouse = folder.resolve("lake").toUri().toString();
  }

  @Test
  void nothingIsFoundWhenTheProtocolIsKept() throws Exception {
    // When
    failInTheFirstCheckpoint(Writers.HUDI);
    try (FromKafka job = job(Writers.HUDI).start(2)) {
      read(job, 0, 1);
      read(job, 1, 1);
      job.checkpoint(3);
    }

    // Then
    assertThat(audit()).isEmpty();
  }

  @Test
  void aRollbackThatLeavesTheFilesDoublesRows() throws Exception {
    // When
    failInTheFirstCheckpoint(ForgetsFiles::new);

    // Then
    String commit = CommitLog.latest(warehouse, BRONZE).orElseThrow().instant();
    assertThat(audit())
        .containsExactly(
            new Finding(
                Finding.Kind.DOUBLED_OFFSETS,
                2,
                List.of(
                    "transactions-0: offset 0 has more than one row in bronze.transactions.",
                    "transactions-1: offset 0 has more than one row in bronze.transactions.")),
            new Finding(
                Finding.Kind.BRONZE_ROWS,
                2,
                List.of(
                    "transactions-0: bronze.transactions has 2 rows, but its commit %s counts 1 rows."
                        .formatted(commit),
                    "transactions-1: bronze.transactions has 2 rows, but its commit %s counts 1 rows."
                        .formatted(commit))));
  }

  @Test
  void filesThatAreLostOnTheirWayToTheCommitAreMissing() throws Exception {
    try (FromKafka job = job(Writers.HUDI).start(2)) {
      // When
      read(job, 0, 2);
      read(job, 1, 3);
      job.begin(1);
      job.barrier(0, 1);
      job.barrierWithoutFiles(1, 1);
      job.collect(1);
      job.complete(1);
    }

    // Then
    List<Finding> findings = audit();
    assertThat(findings)
        .extracting(Finding::kind)
        .containsExactly(Finding.Kind.MISSING_OFFSETS, Finding.Kind.BRONZE_ROWS);
    assertThat(findings.get(0).examples())
        .containsExactly(
            "transactions-1: offsets 0 to 2 (3) are missing in bronze.transactions; Kafka was not asked whether it has records there.");
    assertThat(findings.get(1).examples())
        .containsExactly(
            "transactions-1: bronze.transactions has 0 rows, but its commit %s counts 3 rows."
                .formatted(CommitLog.latest(warehouse, BRONZE).orElseThrow().instant()));
  }

  @Test
  void anEpochThatIsCommittedASecondTimeOverlaps() throws Exception {
    // When
    try (FromKafka job = job(ForgetsPosition::new).start(2)) {
      read(job, 0, 2);
      job.checkpoint(1);
    }
    try (FromKafka job = job(ForgetsPosition::new)) {
      job.restore(new Snapshot(Checkpoint.NONE, Map.of(0, 0L, 1, 0L), List.of()), 2);
      read(job, 0, 2);
      job.checkpoint(1);
    }

    // Then
    List<Finding> findings = audit();
    List<String> instants =
        CommitLog.active(warehouse, BRONZE).stream().map(Commit::instant).toList();
    assertThat(findings)
        .extracting(Finding::kind)
        .containsExactly(
            Finding.Kind.DOUBLED_OFFSETS, Finding.Kind.BRONZE_ROWS, Finding.Kind.OVERLAP);
    assertThat(findings.get(0).examples())
        .containsExactly(
            "transactions-0: offsets 0 to 1 (2) have more than one row each in bronze.transactions.");
    assertThat(findings.get(2).examples())
        .containsExactly(
            "Commit %s of bronze.transactions took 0 to 2 of transactions-0, commit %s before it 0 to 2: 0 to 2 is in both."
                .formatted(instants.get(1), instants.get(0)));
  }

  /** The second attempt reads again what the first one has flushed, but not committed. */
  private void failInTheFirstCheckpoint(OpenTimeline timeline) throws Exception {
    try (FromKafka job = job(timeline).start(2)) {
      read(job, 0, 1);
      read(job, 1, 1);
      job.flush(1);
      job.restore(Snapshot.NONE, 2);
      read(job, 0, 1);
      read(job, 1, 1);
      job.checkpoint(2);
    }
  }

  private FromKafka job(OpenTimeline timeline) {
    return new FromKafka(
        warehouse,
        new Writers(warehouse, BRONZE, "a", Writers.PATIENCE, timeline, Map.of()),
        BRONZE,
        TOPIC);
  }

  private static void read(FromKafka job, int partition, long records) throws Exception {
    for (long record = 0; record < records; record++) {
      job.read(partition);
    }
    job.writers()
        .report(
            new Progress(
                Map.of(),
                Map.of(Progress.ROWS, records),
                Map.of(TOPIC + "-" + partition, Map.of(Progress.ROWS, records)),
                Progress.NO_EVENT_TIME,
                Progress.NO_EVENT_TIME));
  }

  private List<Finding> audit() {
    return Audit.withoutKafka(PIPELINE, warehouse).run(AuditProgress.NONE).findings();
  }

  /** Takes pending instants off the timeline, and no more. */
  private static final class ForgetsFiles extends TableTimeline {
    ForgetsFiles(Configuration conf) throws IOException {
      super(conf, Clock.systemUTC());
    }

    @Override
    void rollBackPending(Proof proof) throws IOException {
      try (Stream<Path> instants = Files.list(Path.of(folder().toUri()).resolve(".hoodie"))) {
        instants
            .filter(file -> file.getFileName().toString().matches("\\d+\\.deltacommit\\..*"))
            .filter(
                file ->
                    !Files.exists(
                        file.resolveSibling(
                            file.getFileName().toString().substring(0, 17) + ".deltacommit")))
            .forEach(
                file -> {
                  try {
                    Files.delete(file);
                  } catch (IOException failure) {
                    throw new UncheckedIOException(failure);
                  }
                });
      }
    }

    @Override
    void removeOrphans() {}
  }

  /** Does not look where the table stands. */
  private static final class ForgetsPosition extends TableTimeline {
    ForgetsPosition(Configuration conf) throws IOException {
      super(conf, Clock.systemUTC());
    }

    @Override
    Progress latest() {
      return Progress.NONE;
    }
  }
}
