package io.medallion.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlannedFaultsTest {
  @TempDir private Path folder;

  @Test
  void withoutTheSystemPropertyNothingEverHappens() {
    assertThat(PlannedFaults.ON).isFalse();
    for (FaultPoint point : FaultPoint.values()) {
      assertThatCode(point::reach).doesNotThrowAnyException();
    }
  }

  @Test
  void aPointThatIsNotArmedDoesNothing() {
    assertThatCode(() -> PlannedFaults.reached(folder, FaultPoint.BEFORE_FLUSH))
        .doesNotThrowAnyException();
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void anArmedPointFailsOnceAndSaysWhoTookIt() throws IOException {
    Files.writeString(folder.resolve("before-flush"), "fail");

    assertThatThrownBy(() -> PlannedFaults.reached(folder, FaultPoint.BEFORE_FLUSH))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("Planned fault at before-flush");
    assertThatCode(() -> PlannedFaults.reached(folder, FaultPoint.BEFORE_FLUSH))
        .doesNotThrowAnyException();

    assertThat(folder.resolve("before-flush")).doesNotExist();
    try (Stream<Path> done = Files.list(folder.resolve("done"))) {
      assertThat(done)
          .singleElement()
          .satisfies(
              file ->
                  assertThat(file)
                      .content()
                      .isEqualToNormalizingNewlines(
                          "fail\nby process %d\n".formatted(ProcessHandle.current().pid())));
    }
  }

  @Test
  void ofManyThatReachAPointAtOnceOneTakesIt() throws Exception {
    Files.writeString(folder.resolve("after-commit"), "fail");
    List<Callable<Boolean>> all = new ArrayList<>();
    IntStream.range(0, 16)
        .forEach(
            i ->
                all.add(
                    () -> {
                      try {
                        PlannedFaults.reached(folder, FaultPoint.AFTER_COMMIT);
                        return false;
                      } catch (UncheckedIOException planned) {
                        return true;
                      }
                    }));

    ExecutorService threads = Executors.newFixedThreadPool(all.size());
    try {
      int failed = 0;
      for (Future<Boolean> one : threads.invokeAll(all)) {
        failed += one.get() ? 1 : 0;
      }
      assertThat(failed).isEqualTo(1);
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void anArmedPointPauses() throws IOException {
    Files.writeString(folder.resolve("before-commit"), "pause 300");
    long start = System.nanoTime();

    PlannedFaults.reached(folder, FaultPoint.BEFORE_COMMIT);

    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isGreaterThanOrEqualTo(Duration.ofMillis(300));
  }

  @Test
  void aFaultThatNobodyKnowsIsRefused() throws IOException {
    Files.writeString(folder.resolve("before-commit"), "explode");
    assertThatThrownBy(() -> PlannedFaults.reached(folder, FaultPoint.BEFORE_COMMIT))
        .hasMessage(
            "Planned fault before-commit says 'explode': expected what the class comment of PlannedFaults lists.");
  }

  @Test
  void aFileSystemFailsOneCallInNAsLongAsItsFileIsThere() throws IOException {
    Path file = Files.writeString(folder.resolve("file-system"), "fail 1/10 seed=7");
    int failed = 0;
    for (int i = 0; i < 1000; i++) {
      try {
        PlannedFaults.beforeCall(folder, "rename", "a");
      } catch (IOException planned) {
        assertThat(planned).hasMessage("Planned fault of the file system: rename a");
        failed++;
      }
    }
    assertThat(failed).isBetween(50, 150);

    Files.delete(file);
    for (int i = 0; i < 1000; i++) {
      PlannedFaults.beforeCall(folder, "rename", "a");
    }
  }

  @Test
  void aFullDiskFailsWhatWritesAndNothingElse() throws IOException {
    Files.writeString(folder.resolve("file-system"), "disk-full");
    PlannedFaults.beforeCall(folder, "open", "a");
    PlannedFaults.beforeCall(folder, "delete", "a");
    for (String call : List.of("create", "write", "mkdirs")) {
      assertThatIOException()
          .isThrownBy(() -> PlannedFaults.beforeCall(folder, call, "a"))
          .withMessage("No space left on device (planned fault): %s a", call);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/lake/bronze/t/.hoodie/20260101.deltacommit, DURING_COMMIT",
    "/lake/silver/t/.hoodie/20260101.commit, DURING_COMPACTION_COMMIT",
    "/lake/silver/t/.hoodie/20260101.rollback.requested, BEFORE_ROLLBACK",
    "/lake/silver/t/.hoodie/20260101.rollback, DURING_ROLLBACK",
    "/lake/silver/t/.hoodie/20260101.clean, DURING_CLEAN",
    "/lake/silver/t/.hoodie/archived/.commits_.archive.1_1-0-1, DURING_ARCHIVE"
  })
  void theFileThatHudiMakesSaysWhatItIsAbout(String file, FaultPoint point) {
    assertThat(LocalFiles.recorded(new org.apache.hadoop.fs.Path(file))).contains(point);
  }

  @ParameterizedTest
  @CsvSource({
    "/lake/bronze/t/.hoodie/20260101.deltacommit.inflight",
    "/lake/bronze/t/.hoodie/hoodie.properties",
    "/lake/bronze/t/day=2026-01-01/a.commit",
    "/"
  })
  void otherFilesAreNoMoment(String file) {
    assertThat(LocalFiles.recorded(new org.apache.hadoop.fs.Path(file))).isEmpty();
  }
}
