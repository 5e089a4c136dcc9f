package io.medallion.services.gold;

/**
 * What became of a gold table.
 *
 * @param table qualified name
 * @param version of the query that made its rows
 * @param versionBefore the one that had made them
 * @param written rows that are new or changed
 * @param deleted rows of groups that there are none of any more
 * @param rows how many there are now
 * @param silverAsOf the instant of silver that they are made of
 */
record Rebuilt(
    String table,
    int version,
    int versionBefore,
    long written,
    long deleted,
    long rows,
    String silverAsOf) {}
