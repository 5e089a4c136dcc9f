package io.medallion.io;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;

/**
 * Hadoop's {@code file:} system without a {@code chmod} process for each new file, which is what
 * Hadoop does where its native library is missing, and without the {@code .crc} file beside each:
 * Parquet and Hudi's logs carry checksums of their own.
 *
 * <p>A file of Hudi's timeline appears when it is complete. Hudi makes sure of that on HDFS only:
 * elsewhere a process that dies over it leaves an empty file, which counts as a commit and carries
 * no position.
 *
 * <p>Here {@link PlannedFaults} of the file system come about, and the {@link FaultPoint}s that
 * Hudi reaches: by the file that it is about to make.
 */
public final class LocalFiles extends LocalFileSystem {
  /** What is about to be recorded, by how the name of the record in {@code .hoodie} ends. */
  private static final Map<String, FaultPoint> RECORDS =
      Map.of(
          ".deltacommit", FaultPoint.DURING_COMMIT,
          ".rollback", FaultPoint.DURING_ROLLBACK,
          ".commit", FaultPoint.DURING_COMPACTION,
          ".clean", FaultPoint.DURING_CLEAN);

  private static final String TIMELINE = ".hoodie";

  /** No ending that a timeline knows. */
  private static final String UNFINISHED = ".unfinished";

  private static final String ARCHIVE = "archived";

  public LocalFiles() {
    super(new Raw());
    setWriteChecksum(false);
  }

  /** The moment at which Hudi makes a file; none for most. */
  static Optional<FaultPoint> recorded(Path file) {
    String folder = file.getParent() == null ? "" : file.getParent().getName();
    if (folder.equals(ARCHIVE)) {
      return Optional.of(FaultPoint.DURING_ARCHIVE);
    }
    int dot = file.getName().lastIndexOf('.');
    return isOfTimeline(file) && dot >= 0
        ? Optional.ofNullable(RECORDS.get(file.getName().substring(dot)))
        : Optional.empty();
  }

  private static boolean isOfTimeline(Path file) {
    return file.getParent() != null && file.getParent().getName().equals(TIMELINE);
  }

  private static final class Raw extends RawLocalFileSystem {
    @Override
    public void setPermission(Path path, FsPermission permission) throws IOException {
      Files.setPosixFilePermissions(
          pathToFile(path).toPath(),
          PosixFilePermissions.fromString(
              permission.getUserAction().SYMBOL
                  + permission.getGroupAction().SYMBOL
                  + permission.getOtherAction().SYMBOL));
    }

    @Override
    public FSDataInputStream open(Path path, int bufferSize) throws IOException {
      PlannedFaults.beforeCall("open", path);
      return super.open(path, bufferSize);
    }

    /** Under every way to create a file or to append to one. */
    @Override
    protected OutputStream createOutputStreamWithMode(
        Path path, boolean append, FsPermission permission) throws IOException {
      PlannedFaults.beforeCall("create", path);
      Optional<FaultPoint> record = PlannedFaults.ON ? recorded(path) : Optional.empty();
      reach(record);
      boolean atOnce = !append && isOfTimeline(path);
      Path target =
          atOnce ? new Path(path.getParent(), "." + UUID.randomUUID() + UNFINISHED) : path;
      OutputStream out = super.createOutputStreamWithMode(target, append, permission);
      if (record.equals(Optional.of(FaultPoint.DURING_COMMIT))) {
        reach(Optional.of(FaultPoint.TORN_COMMIT));
      }
      OutputStream failing = PlannedFaults.ON ? new FailingWrites(out, path) : out;
      return atOnce
          ? new AtOnce(failing, pathToFile(target).toPath(), pathToFile(path).toPath())
          : failing;
    }

    @Override
    public boolean rename(Path from, Path to) throws IOException {
      if (PlannedFaults.ON) {
        PlannedFaults.beforeCall("rename", to);
        reach(recorded(to));
      }
      return super.rename(from, to);
    }

    @Override
    public boolean delete(Path path, boolean recursive) throws IOException {
      PlannedFaults.beforeCall("delete", path);
      return super.delete(path, recursive);
    }

    @Override
    public FileStatus[] listStatus(Path path) throws IOException {
      PlannedFaults.beforeCall("list", path);
      return super.listStatus(path);
    }

    @Override
    public boolean mkdirs(Path path) throws IOException {
      PlannedFaults.beforeCall("mkdirs", path);
      return super.mkdirs(path);
    }

    @Override
    public boolean mkdirs(Path path, FsPermission permission) throws IOException {
      PlannedFaults.beforeCall("mkdirs", path);
      return super.mkdirs(path, permission);
    }

    private static void reach(Optional<FaultPoint> point) throws IOException {
      try {
        point.ifPresent(FaultPoint::reach);
      } catch (UncheckedIOException planned) {
        throw planned.getCause();
      }
    }
  }

  /** A file that appears when it is complete, and never when a write has failed. */
  private static final class AtOnce extends FilterOutputStream {
    private final java.nio.file.Path unfinished;
    private final java.nio.file.Path file;
    private boolean failed;
    private boolean closed;

    AtOnce(OutputStream out, java.nio.file.Path unfinished, java.nio.file.Path file) {
      super(out);
      this.unfinished = unfinished;
      this.file = file;
    }

    @Override
    public void write(int one) throws IOException {
      write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      try {
        out.write(bytes, from, length);
      } catch (IOException e) {
        failed = true;
        throw e;
      }
    }

    @Override
    public void close() throws IOException {
      if (closed) {
        return;
      }
      closed = true;
      try {
        super.close();
      } catch (IOException e) {
        failed = true;
        throw e;
      } finally {
        if (failed) {
          Files.deleteIfExists(unfinished);
        }
      }
      if (!failed) {
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
      }
    }
  }

  /** A write that fails has written a half, as a full disk does. */
  private static final class FailingWrites extends FilterOutputStream {
    private final Path path;

    FailingWrites(OutputStream out, Path path) {
      super(out);
      this.path = path;
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      try {
        PlannedFaults.beforeCall("write", path);
      } catch (IOException planned) {
        out.write(bytes, from, length / 2);
        throw planned;
      }
      out.write(bytes, from, length);
    }
  }
}
