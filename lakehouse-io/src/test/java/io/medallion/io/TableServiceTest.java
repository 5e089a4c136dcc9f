package io.medallion.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.reflect.Field;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.types.RowKind;
import org.apache.hudi.common.table.timeline.HoodieInstantTimeGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Services in a process whose clock has jumped back by an hour: an instant that Hudi chooses itself
 * would be an hour away.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TableServiceTest {
  private static final Map<String, String> SERVED_SOON =
      Map.of(
          "compaction.delta_commits", "2",
          "clean.policy", "KEEP_LATEST_FILE_VERSIONS",
          "clean.retain_file_versions", "1");

  @TempDir Path folder;
  private TableOnDisk table;
  private Writers writers;
  private AtomicReference<String> hudisLastInstant;
  private String before;

  @BeforeEach
  void jumpBack() throws Exception {
    String warehouse = folder.resolve("lake").toUri().toString();
    table = new TableOnDisk(warehouse, Numbers.SILVER);
    writers =
        new Writers(warehouse, Numbers.SILVER, "a", Writers.PATIENCE, Writers.HUDI, SERVED_SOON)
            .start(1);
    hudisLastInstant = hudisLastInstant();
    before =
        hudisLastInstant.getAndSet(
            LocalDateTime.now(ZoneId.systemDefault())
                .plusHours(1)
                .format(
                    DateTimeFormatter.ofPattern(
                        HoodieInstantTimeGenerator.MILLIS_INSTANT_TIMESTAMP_FORMAT)));
  }

  @AfterEach
  void jumpOn() throws Exception {
    hudisLastInstant.set(before);
    writers.close();
  }

  @Test
  void aCompactionThatAFormerAttemptHasBegunIsUndoneAndDone() throws Exception {
    // Given
    commit(1);
    commit(2);
    String planned = table.plannedCompactions().get(0);
    CompactTable.write(writers.conf(), planned);

    try (Service compact = new Service(new RunCompactions(writers.conf(), name(), patienceMs()))) {
      // When
      compact.completeCheckpoint();

      // Then
      await().until(() -> table.plannedCompactions().isEmpty());
      assertThat(table.rows()).containsExactly("a all 2");
    }
  }

  @Test
  void whatIsNotRetainedIsCleanedAfterACheckpoint() throws Exception {
    // Given
    commit(1);
    commit(2);
    List<String> old = List.copyOf(table.files());
    CompactTable.run(writers.conf(), table.plannedCompactions().get(0));

    try (Service clean = new Service(new CleanFiles(writers.conf(), name(), patienceMs()))) {
      // When
      clean.completeCheckpoint();

      // Then
      await().until(() -> table.files().stream().noneMatch(old::contains));
      assertThat(table.rows()).containsExactly("a all 2");
    }
  }

  private void commit(long checkpoint) throws Exception {
    writers.change(Numbers.change(RowKind.INSERT, "a", checkpoint));
    writers.checkpoint(checkpoint);
  }

  private static String name() {
    return Numbers.SILVER.qualifiedName();
  }

  private long patienceMs() {
    return writers.patienceMs();
  }

  @SuppressWarnings("unchecked")
  private static AtomicReference<String> hudisLastInstant() throws Exception {
    Field last = HoodieInstantTimeGenerator.class.getDeclaredField("lastInstantTime");
    last.setAccessible(true);
    return (AtomicReference<String>) last.get(null);
  }

  private final class Service implements AutoCloseable {
    private final OneInputStreamOperatorTestHarness<Object, Object> harness;

    Service(TableService service) throws Exception {
      harness = new OneInputStreamOperatorTestHarness<>(service, writers.task(1, 0));
      harness.setup();
      harness.open();
    }

    void completeCheckpoint() throws Exception {
      harness.notifyOfCompletedCheckpoint(1);
    }

    @Override
    public void close() throws Exception {
      harness.close();
    }
  }
}
