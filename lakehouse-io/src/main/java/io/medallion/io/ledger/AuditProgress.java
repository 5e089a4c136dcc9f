package io.medallion.io.ledger;

/** Hears how far an audit is. */
public interface AuditProgress {
  /** Hears nothing. */
  AuditProgress NONE = (what, done) -> {};

  /**
   * Something was read; called often.
   *
   * @param what what is being read, e.g. {@code rows of bronze.transactions}
   * @param done how many so far
   */
  void read(String what, long done);
}
