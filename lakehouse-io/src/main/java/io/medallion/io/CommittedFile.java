package io.medallion.io;

import java.io.Serializable;
import javax.annotation.Nullable;

/**
 * A file of one commit, or a file slice as of one.
 *
 * @param group its file group, within which order counts
 * @param path in full; of a slice one of its files
 * @param rows how many the commit says it wrote there; of a slice that is not known
 * @param known whether the table that requests to the job are about has what comes of it
 * @param slice what {@link FileSlices} lists, serialized, or null for a file
 */
@SuppressWarnings("ArrayRecordComponent")
public record CommittedFile(
    String instant, String group, String path, long rows, boolean known, @Nullable byte[] slice)
    implements Serializable {
  CommittedFile(String instant, String group, String path, long rows) {
    this(instant, group, path, rows, false, null);
  }

  CommittedFile asKnown() {
    return new CommittedFile(instant, group, path, rows, true, slice);
  }
}
