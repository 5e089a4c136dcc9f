package io.medallion.io;

/** A moment at which a test may let a process fail; inert otherwise. */
public enum FaultPoint {
  /** A writer is about to close its files for a checkpoint. */
  BEFORE_FLUSH,
  /** A writer has closed its files; the checkpoint is not complete. */
  AFTER_FLUSH,
  /** The checkpoint is complete; its commit is not begun. */
  BEFORE_COMMIT,
  /** An instant is about to be rolled back. */
  BEFORE_ROLLBACK,
  /** The commit is done; nobody knows yet. */
  AFTER_COMMIT;

  /** Says that the moment has come. */
  public void reach() {}
}
