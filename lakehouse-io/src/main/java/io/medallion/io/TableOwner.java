package io.medallion.io;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The one job that may write a table: a file beside the timeline names it and is renewed as long as
 * the job lives. Another job waits until the name is no longer renewed, or is refused; whoever
 * finds another name there has been replaced and commits nothing more.
 */
final class TableOwner {
  static final Duration RENEWAL = Duration.ofSeconds(1);

  /** A name that was not renewed in so many times of its renewal is given up. */
  private static final int LEASE = 5;

  /** Looks at a name in the time of its renewal. */
  private static final int LOOKS = 4;

  private static final int READS = 10;
  private static final long RELEASED = -1;
  private static final Owner UNKNOWN = new Owner("", "unknown", "", 0, 0);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final FileSystem files;
  private final Path file;
  private final String table;
  private final String token = UUID.randomUUID().toString();
  private final String job;
  private final String jobId;
  private final Duration renewal;
  private final long since = System.currentTimeMillis();
  private long renewals;

  /**
   * @param folder of the table
   * @param job name
   * @param jobId a restarted job has the same one
   * @param renewal how often an owner renews its name
   */
  TableOwner(
      FileSystem files, Path folder, String table, String job, String jobId, Duration renewal) {
    this.files = files;
    this.file = new Path(folder, ".hoodie/medallion/owner.json");
    this.table = table;
    this.job = job;
    this.jobId = jobId;
    this.renewal = renewal;
  }

  /**
   * Becomes the owner; waits for a former one that does not say anything any more.
   *
   * @throws TableTakenException if another job writes the table
   */
  synchronized void acquire() throws IOException {
    Optional<Owner> first = read();
    long deadline = System.nanoTime() + renewal.multipliedBy(LEASE).minus(silence()).toNanos();
    while (first.isPresent()
        && !first.get().isReleased()
        && !first.get().jobId.equals(jobId)
        && System.nanoTime() < deadline) {
      pause(renewal.dividedBy(LOOKS));
      Optional<Owner> now = read();
      if (now.isEmpty() || now.get().isReleased()) {
        break;
      }
      if (!now.equals(first)) {
        throw new TableTakenException(
            "Table %s is written by job '%s' (%s) since %s; a table has one writer. Stop that job, or give this one another warehouse."
                .formatted(
                    table, now.get().job, now.get().jobId, Instant.ofEpochMilli(now.get().since)));
      }
    }
    renew();
  }

  /** How long the owner has said nothing, by the file system's clock. */
  private Duration silence() throws IOException {
    Path probe = new Path(file.getParent(), "now-" + token);
    try {
      long said = files.getFileStatus(file).getModificationTime();
      files.create(probe, true).close();
      return Duration.ofMillis(
          Math.max(0, files.getFileStatus(probe).getModificationTime() - said));
    } catch (FileNotFoundException none) {
      return Duration.ZERO;
    } finally {
      files.delete(probe, false);
    }
  }

  synchronized boolean isAcquired() {
    return renewals > 0;
  }

  /**
   * Says that the job lives.
   *
   * @throws TableTakenException if it has been replaced
   */
  synchronized void prove() throws IOException {
    Optional<Owner> now = read();
    if (now.isPresent() && !now.get().equals(UNKNOWN) && !now.get().token.equals(token)) {
      throw new TableTakenException(
          "Table %s is now written by job '%s' (%s); this one has been replaced and commits nothing more."
              .formatted(table, now.get().job, now.get().jobId));
    }
    renew();
  }

  /**
   * Leaves the table to whoever comes next. The name stays: a former owner that wakes up after that
   * must still find that it has been replaced.
   */
  synchronized void release() throws IOException {
    if (read().filter(owner -> owner.token.equals(token)).isPresent()) {
      write(RELEASED);
    }
  }

  private void renew() throws IOException {
    renewals++;
    write(renewals);
  }

  private void write(long renewal) throws IOException {
    try (OutputStream out = files.create(file, true)) {
      out.write(JSON.writeValueAsBytes(new Owner(token, job, jobId, since, renewal)));
    }
  }

  private Optional<Owner> read() throws IOException {
    for (int attempt = 1; ; attempt++) {
      try (InputStream in = files.open(file)) {
        return Optional.of(JSON.readValue(in, Owner.class));
      } catch (FileNotFoundException none) {
        return Optional.empty();
      } catch (JsonProcessingException torn) {
        // Read while it is written, or its writer died over it.
        if (attempt == READS) {
          return Optional.of(UNKNOWN);
        }
        pause(renewal.dividedBy(LOOKS * READS));
      }
    }
  }

  private static void pause(Duration time) throws InterruptedIOException {
    try {
      Thread.sleep(time.toMillis());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("Interrupted while waiting for the table");
    }
  }

  private record Owner(String token, String job, String jobId, long since, long renewals) {
    @JsonIgnore
    boolean isReleased() {
      return renewals == RELEASED;
    }
  }

  /** Another job writes the table. */
  static final class TableTakenException extends IOException {
    private static final long serialVersionUID = 1L;

    TableTakenException(String message) {
      super(message);
    }
  }
}
