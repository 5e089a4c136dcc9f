package io.medallion.io;

import java.io.Serializable;
import java.util.List;
import java.util.SortedMap;

/**
 * All that a table's writers and the operators before them have done between two barriers.
 *
 * @param checkpointId the checkpoint that ends it
 * @param files what was written, by the instant it was written under; as a rule one, and none when
 *     nothing was written
 * @param progress of this epoch alone
 */
record Epoch(long checkpointId, SortedMap<String, List<byte[]>> files, Progress progress)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /** This epoch together with one before it that has no files. */
  Epoch after(Epoch earlier) {
    return new Epoch(checkpointId, files, earlier.progress.plus(progress));
  }

  /** Whether there is nothing to commit. */
  boolean isEmpty() {
    return files.isEmpty()
        && progress.position().values().stream().allMatch(Span::isEmpty)
        && progress.counters().values().stream().allMatch(count -> count == 0);
  }
}
