package io.medallion.services.chaos;

import io.medallion.services.CommandFailedException;
import io.medallion.services.demo.StopAtExit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The disk under a lake: a memory disk of its own that can become full, where this user may mount
 * one; otherwise a file system that says so.
 */
final class LakeDisk implements AutoCloseable {
  private static final String ROOMY = "size=8g";
  private static final long LEFT_OVER = 16 * 1024;
  private static final int TRIES = 20;

  private final Path folder;
  private final FaultFolder faults;
  private final boolean mounted;

  private LakeDisk(Path folder, FaultFolder faults, boolean mounted) {
    this.folder = folder;
    this.faults = faults;
    this.mounted = mounted;
  }

  /**
   * @param own whether to mount a disk of its own
   */
  static LakeDisk at(Path folder, FaultFolder faults, boolean own) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    boolean mounted =
        own && run("mount", "-t", "tmpfs", "-o", ROOMY, "medallion-chaos", folder.toString());
    LakeDisk disk = new LakeDisk(folder, faults, mounted);
    StopAtExit.add(disk);
    return disk;
  }

  /** How it becomes full, for the report. */
  String kind() {
    return mounted ? "a real full disk (tmpfs)" : "simulated: mount(8) is not allowed here";
  }

  void fill() {
    if (!mounted) {
      faults.fileSystem("disk-full");
      return;
    }
    // Writers write on: what is used grows between the look and the limit.
    for (int i = 0; i < TRIES; i++) {
      if (run("mount", "-o", "remount,size=" + (used() + LEFT_OVER), folder.toString())) {
        return;
      }
    }
    throw new CommandFailedException("The disk of the lake could not be made full.");
  }

  void makeRoom() {
    if (!mounted) {
      faults.endFileSystem();
    } else if (!run("mount", "-o", "remount," + ROOMY, folder.toString())) {
      throw new CommandFailedException("The disk of the lake could not be made roomy again.");
    }
  }

  private long used() {
    try {
      FileStore store = Files.getFileStore(folder);
      return store.getTotalSpace() - store.getUnallocatedSpace();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    StopAtExit.remove(this);
    if (mounted) {
      run("umount", "--lazy", folder.toString());
    }
  }

  private static boolean run(String... command) {
    try {
      return new ProcessBuilder(List.of(command))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException notInstalled) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
