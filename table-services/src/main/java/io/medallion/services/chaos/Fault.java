package io.medallion.services.chaos;

/** Breaks something of a cluster that runs, and repairs it as its operators would. */
@FunctionalInterface
interface Fault {
  /**
   * Returns when the fault has come about and what it ended is started again; the jobs need not run
   * yet. Says {@link ChaosCluster#happened} at the moment from which the recovery counts.
   *
   * @throws NotReachedException if the moment to break did not come
   * @throws io.medallion.services.CommandFailedException if what was to happen did not
   */
  void inject(ChaosCluster cluster, PlannedFault planned);
}
