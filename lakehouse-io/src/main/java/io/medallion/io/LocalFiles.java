package io.medallion.io;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.FileNotFoundException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileUtil;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;

/**
 * Hadoop's {@code file:} system without a {@code chmod} process for each new file, which is what
 * Hadoop does where its native library is missing, and without the {@code .crc} file beside each:
 * Parquet and Hudi's logs carry checksums of their own.
 *
 * <p>Here {@link PlannedFaults} of the file system come about, and the {@link FaultPoint}s that
 * Hudi reaches: by the file that it is about to make.
 */
public final class LocalFiles extends LocalFileSystem {
  /** What is about to be recorded, by how the name of the record in {@code .hoodie} ends. */
  private static final Map<String, FaultPoint> RECORDS =
      Map.of(
          ".deltacommit", FaultPoint.DURING_COMMIT,
          ".rollback.requested", FaultPoint.BEFORE_ROLLBACK,
          ".rollback", FaultPoint.DURING_ROLLBACK,
          ".commit", FaultPoint.DURING_COMPACTION_COMMIT,
          ".clean", FaultPoint.DURING_CLEAN);

  private static final String TIMELINE = ".hoodie";
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
    int dot = file.getName().indexOf('.');
    return folder.equals(TIMELINE) && dot >= 0
        ? Optional.ofNullable(RECORDS.get(file.getName().substring(dot)))
        : Optional.empty();
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
    public FileStatus getFileStatus(Path path) throws IOException {
      File file = pathToFile(path);
      try {
        return status(qualified(path), file.toPath());
      } catch (NoSuchFileException missing) {
        throw notFound(path);
      } catch (FileSystemException failure) {
        // Nor is there anything below a file, which the system says in other words.
        throw file.exists() ? failure : notFound(path);
      }
    }

    private static FileNotFoundException notFound(Path path) {
      return new FileNotFoundException("File " + path + " does not exist");
    }

    @Override
    public FileStatus[] listStatus(Path path) throws IOException {
      PlannedFaults.beforeCall("list", path);
      File folder = pathToFile(path);
      if (!folder.isDirectory()) {
        return new FileStatus[] {getFileStatus(path)};
      }
      String[] names = FileUtil.list(folder);
      URI qualified = qualified(path).toUri();
      String prefix = qualified.getPath().equals("/") ? "/" : qualified.getPath() + "/";
      List<FileStatus> found = new ArrayList<>(names.length);
      for (String name : names) {
        try {
          found.add(
              status(
                  new Path(qualified.getScheme(), qualified.getAuthority(), prefix + name),
                  new File(folder, name).toPath()));
        } catch (NoSuchFileException deletedMeanwhile) {
          // It is not listed then.
        }
      }
      return found.toArray(FileStatus[]::new);
    }

    /**
     * Without owner and permission, for which Hadoop's own asks an {@code ls} process for each file
     * of a listing with locations. It also parses five URIs for each file, and asks the system as
     * often: a timeline is listed several times for each commit.
     */
    private FileStatus status(Path qualified, java.nio.file.Path file) throws IOException {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return new FileStatus(
          attributes.size(),
          attributes.isDirectory(),
          1,
          getDefaultBlockSize(qualified),
          attributes.lastModifiedTime().toMillis(),
          qualified);
    }

    private Path qualified(Path path) {
      return path.makeQualified(getUri(), getWorkingDirectory());
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
      if (path.getParent().getName().equals(TIMELINE) && !append) {
        return new WholeFile(path, permission);
      }
      if (PlannedFaults.ON) {
        reach(recorded(path));
      }
      return open(path, append, permission);
    }

    private OutputStream open(Path path, boolean append, FsPermission permission)
        throws IOException {
      if (!PlannedFaults.ON) {
        return super.createOutputStreamWithMode(path, append, permission);
      }
      PlannedFaults.beforeCall("create", path);
      return new FailingWrites(super.createOutputStreamWithMode(path, append, permission), path);
    }

    /**
     * A record of the timeline, which says by its name that something is done: it must not be seen,
     * nor stay behind, half written.
     */
    private final class WholeFile extends ByteArrayOutputStream {
      private final Path path;
      private final FsPermission permission;
      private boolean closed;

      WholeFile(Path path, FsPermission permission) {
        this.path = path;
        this.permission = permission;
      }

      @Override
      public void close() throws IOException {
        if (closed) {
          return;
        }
        closed = true;
        Optional<FaultPoint> record = recorded(path);
        Raw.reach(record);
        Path half = new Path(path.getParent(), "." + path.getName() + "." + UUID.randomUUID());
        try (OutputStream out = open(half, false, permission)) {
          writeTo(out);
        }
        boolean commit = record.equals(Optional.of(FaultPoint.DURING_COMMIT));
        if (commit) {
          Raw.reach(Optional.of(FaultPoint.TORN_COMMIT));
        }
        Files.move(
            pathToFile(half).toPath(),
            pathToFile(path).toPath(),
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
        if (commit) {
          Raw.reach(Optional.of(FaultPoint.AFTER_COMMIT));
        }
      }
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
