package io.medallion.schemas;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A configuration that must not start; says everything that is wrong with it, not the first thing
 * only.
 */
public final class InvalidConfigurationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient List<Problem> problems;

  public InvalidConfigurationException(String what, List<Problem> problems) {
    super(
        problems.stream()
            .map(problem -> "\n  - " + problem)
            .collect(
                Collectors.joining(
                    "",
                    what
                        + " cannot be used, "
                        + problems.size()
                        + (problems.size() == 1 ? " problem:" : " problems:"),
                    "")));
    this.problems = List.copyOf(problems);
  }

  /** Everything that is wrong, in the order of the files. */
  public List<Problem> problems() {
    return problems;
  }
}
