package io.medallion.services.chaos;

/** Looks at the tables when everything has arrived. */
@FunctionalInterface
interface Audit {
  Verdict verdict();
}
