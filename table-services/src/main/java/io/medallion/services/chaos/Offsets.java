package io.medallion.services.chaos;

import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;

/** Which Kafka offsets were seen, and which of them more than once, by {@code topic-partition}. */
final class Offsets {
  private final Map<String, BitSet> once = new TreeMap<>();
  private final Map<String, BitSet> twice = new TreeMap<>();

  void add(String partition, long offset) {
    int index = Math.toIntExact(offset);
    BitSet seen = once.computeIfAbsent(partition, name -> new BitSet());
    if (seen.get(index)) {
      twice.computeIfAbsent(partition, name -> new BitSet()).set(index);
    } else {
      seen.set(index);
    }
  }

  /** Takes away what others have already, and returns how many are left. */
  static long without(Map<String, BitSet> offsets, Map<String, BitSet> known) {
    known.forEach(
        (partition, those) -> {
          if (offsets.containsKey(partition)) {
            offsets.get(partition).andNot(those);
          }
        });
    return count(offsets);
  }

  static void join(Map<String, BitSet> offsets, Map<String, BitSet> more) {
    more.forEach(
        (partition, those) -> offsets.computeIfAbsent(partition, name -> new BitSet()).or(those));
  }

  static Map<String, BitSet> both(Map<String, BitSet> one, Map<String, BitSet> other) {
    Map<String, BitSet> both = new TreeMap<>();
    one.forEach(
        (partition, offsets) -> {
          BitSet common = (BitSet) offsets.clone();
          common.and(other.getOrDefault(partition, new BitSet()));
          both.put(partition, common);
        });
    return both;
  }

  static long count(Map<String, BitSet> offsets) {
    return offsets.values().stream().mapToLong(BitSet::cardinality).sum();
  }

  /** Those seen, which must not be changed. */
  Map<String, BitSet> seen() {
    return once;
  }

  /** By partition, one more than the last one seen. */
  Map<String, Long> next() {
    Map<String, Long> next = new TreeMap<>();
    once.forEach((partition, offsets) -> next.put(partition, (long) offsets.length()));
    return next;
  }

  /** Those seen more than once, a copy. */
  Map<String, BitSet> doubled() {
    Map<String, BitSet> copy = new TreeMap<>();
    twice.forEach((partition, offsets) -> copy.put(partition, (BitSet) offsets.clone()));
    return copy;
  }

  /** Those of the other that are not here, below where each partition ends. */
  Map<String, BitSet> missing(Map<String, BitSet> expected, Map<String, Long> next) {
    Map<String, BitSet> missing = new TreeMap<>();
    expected.forEach(
        (partition, offsets) -> {
          BitSet below = offsets.get(0, Math.toIntExact(next.getOrDefault(partition, 0L)));
          below.andNot(once.getOrDefault(partition, new BitSet()));
          missing.put(partition, below);
        });
    return missing;
  }

  /** Those here that are beyond where their partition ends, or that the other does not have. */
  Map<String, BitSet> surplus(Map<String, BitSet> expected, Map<String, Long> next) {
    Map<String, BitSet> surplus = new TreeMap<>();
    once.forEach(
        (partition, offsets) -> {
          BitSet rest = (BitSet) offsets.clone();
          int end = Math.toIntExact(next.getOrDefault(partition, 0L));
          rest.andNot(expected.getOrDefault(partition, new BitSet()).get(0, end));
          surplus.put(partition, rest);
        });
    return surplus;
  }
}
