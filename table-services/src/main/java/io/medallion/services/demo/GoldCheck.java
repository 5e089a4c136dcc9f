package io.medallion.services.demo;

/**
 * A gold table compared with a recomputation from silver.
 *
 * @param rows rows of the recomputation
 * @param differing rows that only one side has or that differ in a value
 */
public record GoldCheck(String table, long rows, long differing) {}
