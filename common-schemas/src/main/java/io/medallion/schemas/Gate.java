package io.medallion.schemas;

import java.io.Serializable;
import java.math.BigDecimal;
import javax.annotation.Nullable;

/** What must hold of many events together; else silver stops before it commits them. */
public sealed interface Gate extends Serializable {
  /** What messages call it. */
  String name();

  /**
   * How many of the events may be in quarantine.
   *
   * @param atMost in percent
   * @param over as many events at least are judged together
   */
  record QuarantinedShare(BigDecimal atMost, long over) implements Gate {
    private static final long serialVersionUID = 1L;

    @Override
    public String name() {
      return "quarantined-share";
    }
  }

  /**
   * In how many of the events that insert or replace a row a column may be null.
   *
   * @param column of the SELECT
   * @param atMost in percent
   * @param over as many of such events at least are judged together
   */
  record NullShare(String column, BigDecimal atMost, long over) implements Gate {
    private static final long serialVersionUID = 1L;

    @Override
    public String name() {
      return "null-share of " + column;
    }
  }

  /**
   * How far the number of events of a commit may be from the mean of the commits before it. Commits
   * without events do not count.
   *
   * @param atLeast in percent of the mean, or null
   * @param atMost in percent of the mean, or null
   * @param commits of so many commits; nothing is judged before there were as many
   */
  record EventCount(@Nullable BigDecimal atLeast, @Nullable BigDecimal atMost, int commits)
      implements Gate {
    private static final long serialVersionUID = 1L;

    @Override
    public String name() {
      return "event-count";
    }
  }
}
