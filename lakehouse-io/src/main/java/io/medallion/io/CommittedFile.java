package io.medallion.io;

/**
 * A file of one commit.
 *
 * @param group its file group, within which order counts
 * @param path in full
 * @param rows how many the commit says it wrote there
 */
public record CommittedFile(String instant, String group, String path, long rows) {}
