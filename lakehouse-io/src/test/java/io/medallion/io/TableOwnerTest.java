package io.medallion.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.medallion.io.TableOwner.TableTakenException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TableOwnerTest {
  private static final Duration RENEWAL = Duration.ofMillis(100);

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve(".hoodie/medallion/owner.json");
  }

  @Test
  void theOwnerIsNamedBesideTheTimeline() throws Exception {
    // When
    owner("nightly", "id-1").acquire();

    // Then
    JsonNode named = new ObjectMapper().readTree(file.toFile());
    assertThat(named.get("job").asText()).isEqualTo("nightly");
    assertThat(named.get("jobId").asText()).isEqualTo("id-1");
    assertThat(named.get("renewals").asLong()).isEqualTo(1);
  }

  @Test
  void anotherJobIsRefusedAsLongAsTheFirstOneRenewsItsName() throws Exception {
    // Given
    TableOwner first = owner("nightly", "id-1");
    first.acquire();
    Instant since =
        Instant.ofEpochMilli(new ObjectMapper().readTree(file.toFile()).get("since").asLong());
    Thread renewing = new Thread(() -> renewUntilInterrupted(first));
    renewing.start();

    try {
      // When
      assertThatThrownBy(() -> owner("other", "id-2").acquire())
          // Then
          .isInstanceOf(TableTakenException.class)
          .hasMessage(
              "Table bronze.numbers is written by job 'nightly' (id-1) since %s; a table has one writer. Stop that job, or give this one another warehouse."
                  .formatted(since));
    } finally {
      renewing.interrupt();
      renewing.join();
    }
    assertThatCode(first::prove).doesNotThrowAnyException();
  }

  @Test
  void aNameThatIsNotRenewedAnyMoreIsTakenOver() throws Exception {
    // Given
    TableOwner silent = owner("nightly", "id-1");
    silent.acquire();

    // When
    TableOwner next = owner("other", "id-2");
    next.acquire();

    // Then
    assertThat(next.isAcquired()).isTrue();
    assertThatThrownBy(silent::prove)
        .isInstanceOf(TableTakenException.class)
        .hasMessage(
            "Table bronze.numbers is now written by job 'other' (id-2); this one has been replaced and commits nothing more.");
    assertThatCode(next::prove).doesNotThrowAnyException();
  }

  @Test
  void aRestartOfTheSameJobDoesNotWait() throws Exception {
    // Given an owner whose name would be good for hours
    TableOwner first = owner("nightly", "id-1", Duration.ofHours(1));
    first.acquire();

    // When
    TableOwner second = owner("nightly", "id-1", Duration.ofHours(1));
    second.acquire();

    // Then
    assertThatCode(second::prove).doesNotThrowAnyException();
    assertThatThrownBy(first::prove).isInstanceOf(TableTakenException.class);
  }

  @Test
  void aTableThatWasLeftIsTakenAtOnce() throws Exception {
    // Given
    TableOwner first = owner("nightly", "id-1", Duration.ofHours(1));
    first.acquire();
    first.release();

    // When
    TableOwner second = owner("other", "id-2", Duration.ofHours(1));
    second.acquire();

    // Then
    assertThatCode(second::prove).doesNotThrowAnyException();
  }

  @Test
  void anOwnerThatWakesUpAfterItsSuccessorHasLeftIsStillReplaced() throws Exception {
    // Given
    TableOwner frozen = owner("nightly", "id-1");
    frozen.acquire();
    TableOwner next = owner("other", "id-2");
    next.acquire();

    // When
    next.release();

    // Then
    assertThatThrownBy(frozen::prove)
        .isInstanceOf(TableTakenException.class)
        .hasMessage(
            "Table bronze.numbers is now written by job 'other' (id-2); this one has been replaced and commits nothing more.");
  }

  @Test
  void whoeverHasBeenReplacedDoesNotReleaseTheTable() throws Exception {
    // Given
    TableOwner first = owner("nightly", "id-1");
    first.acquire();
    TableOwner second = owner("nightly", "id-1");
    second.acquire();

    // When
    first.release();

    // Then
    assertThat(new ObjectMapper().readTree(file.toFile()).get("renewals").asLong()).isEqualTo(1);
    assertThatCode(second::prove).doesNotThrowAnyException();
  }

  @Test
  void aNameThatWasTornWhileItWasWrittenIsWrittenAgainByItsOwner() throws Exception {
    // Given
    TableOwner owner = owner("nightly", "id-1");
    owner.acquire();
    Files.writeString(file, "{\"token\":");

    // When
    owner.prove();

    // Then
    assertThat(new ObjectMapper().readTree(file.toFile()).get("job").asText()).isEqualTo("nightly");
  }

  @Test
  void aTornNameThatNobodyRenewsIsTakenOver() throws Exception {
    // Given
    Files.createDirectories(file.getParent());
    Files.writeString(file, "");

    // When
    owner("nightly", "id-1").acquire();

    // Then
    assertThat(new ObjectMapper().readTree(file.toFile()).get("jobId").asText()).isEqualTo("id-1");
  }

  private TableOwner owner(String job, String jobId) throws IOException {
    return owner(job, jobId, RENEWAL);
  }

  private TableOwner owner(String job, String jobId, Duration renewal) throws IOException {
    org.apache.hadoop.fs.Path table = new org.apache.hadoop.fs.Path(folder.toUri());
    FileSystem files = table.getFileSystem(HudiTable.hadoop());
    return new TableOwner(files, table, "bronze.numbers", job, jobId, renewal);
  }

  private static void renewUntilInterrupted(TableOwner owner) {
    try {
      while (true) {
        owner.prove();
        Thread.sleep(RENEWAL.toMillis());
      }
    } catch (InterruptedException done) {
      Thread.currentThread().interrupt();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
