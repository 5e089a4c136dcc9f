package io.medallion.io;

/**
 * A file of one commit.
 *
 * @param group its file group, within which order counts
 * @param path in full
 * @param rows how many the commit says it wrote there
 * @param known whether the table that requests to the job are about has what comes of it
 */
public record CommittedFile(String instant, String group, String path, long rows, boolean known) {
  CommittedFile asKnown() {
    return new CommittedFile(instant, group, path, rows, true);
  }
}
