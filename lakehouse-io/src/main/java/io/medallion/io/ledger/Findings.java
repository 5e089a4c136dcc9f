package io.medallion.io.ledger;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Collects what is off; of each kind only so much that memory is bounded. */
final class Findings {
  private final Map<Finding.Kind, Long> counts = new EnumMap<>(Finding.Kind.class);
  private final Map<Finding.Kind, List<String>> examples = new EnumMap<>(Finding.Kind.class);

  void add(Finding.Kind kind, String words) {
    counts.merge(kind, 1L, Long::sum);
    List<String> named = examples.computeIfAbsent(kind, any -> new ArrayList<>());
    if (named.size() < Finding.EXAMPLES) {
      named.add(words);
    }
  }

  List<Finding> all() {
    return counts.entrySet().stream()
        .map(kind -> new Finding(kind.getKey(), kind.getValue(), examples.get(kind.getKey())))
        .toList();
  }
}
