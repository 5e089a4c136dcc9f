package io.medallion.io;

import java.util.Locale;

/**
 * A moment at which a test may let a process fail; inert unless the JVM was started with {@link
 * PlannedFaults#FOLDER}.
 */
public enum FaultPoint {
  /** A writer is about to close its files for a checkpoint. */
  BEFORE_FLUSH,
  /** A writer has closed its files; the checkpoint is not complete. */
  AFTER_FLUSH,
  /** The checkpoint is complete; its commit is not begun. */
  BEFORE_COMMIT,
  /** It is about to be recorded that an instant is to be rolled back; nothing is deleted. */
  BEFORE_ROLLBACK,
  /** Everything of a commit is done but the file that makes it visible. */
  DURING_COMMIT,
  /** The file that makes a commit visible is written, under another name still. */
  TORN_COMMIT,
  /** The file that makes a commit visible is there; nobody knows yet. */
  AFTER_COMMIT,
  /** A rollback has deleted its files; that is not recorded. */
  DURING_ROLLBACK,
  /** A compaction has written a file, in a TaskManager; the JobManager does not know of it. */
  DURING_COMPACTION,
  /** A compaction has written its files; that is not recorded. */
  DURING_COMPACTION_COMMIT,
  /** A clean has deleted its files; that is not recorded. */
  DURING_CLEAN,
  /** Old commits are about to move to the archive. */
  DURING_ARCHIVE;

  /**
   * Says that the moment has come.
   *
   * @throws java.io.UncheckedIOException if a test wants the moment to fail
   */
  public void reach() {
    if (PlannedFaults.ON) {
      PlannedFaults.reached(this);
    }
  }

  /** What the file is called that arms it, e.g. {@code before-flush}. */
  public String fileName() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
