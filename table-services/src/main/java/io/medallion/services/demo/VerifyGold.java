package io.medallion.services.demo;

import java.util.List;

/** Compares every gold table with a recomputation from silver, to the last digit. */
@FunctionalInterface
public interface VerifyGold {
  /** One result for each gold table. */
  List<GoldCheck> verify();
}
