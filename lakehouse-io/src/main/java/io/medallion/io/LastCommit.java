package io.medallion.io;

import java.io.Serializable;

/**
 * The newest commit of a table, as its coordinator made it.
 *
 * @param visibleAt epoch milliseconds, by the clock of the JobManager; 0 before the first
 * @param durationMs how long it took to make it visible
 * @param newestEvent the largest event time that was committed, epoch milliseconds, or {@link
 *     Progress#NO_EVENT_TIME}
 */
record LastCommit(long visibleAt, long durationMs, long newestEvent) implements Serializable {
  static final LastCommit NONE = new LastCommit(0, 0, Progress.NO_EVENT_TIME);
}
