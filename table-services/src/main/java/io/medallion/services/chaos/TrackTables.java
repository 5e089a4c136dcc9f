package io.medallion.services.chaos;

import java.util.Map;
import java.util.SortedMap;

/** How far the tables of a run have come. */
interface TrackTables {
  /** Begins to look for what is newer than a fault. */
  Arrivals since(Moment fault);

  /**
   * What is still under way, by name; empty when everything has arrived.
   *
   * @param ends of the records of each Kafka partition, to which nothing is added any more
   */
  SortedMap<String, String> underWay(Map<String, Long> ends);

  /** Whether something newer than a fault has come to each layer, one after the other. */
  interface Arrivals {
    boolean inBronze();

    /** Whether what came to bronze has come to silver and every gold table; asked after that. */
    boolean inGold();
  }
}
