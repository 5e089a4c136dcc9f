package io.medallion.schemas;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Everything found wrong so far: a folder is read to its end before it is refused. */
final class Problems {
  private final List<Problem> found = new ArrayList<>();

  void add(String where, String key, String value, String expected, String remedy) {
    found.add(new Problem(where, key, value, expected, remedy));
  }

  int count() {
    return found.size();
  }

  Optional<Problem> first() {
    return found.stream().findFirst();
  }

  void throwIfAny(String what) {
    if (!found.isEmpty()) {
      throw new InvalidConfigurationException(what, found);
    }
  }
}
