package io.medallion.schemas;

import java.util.HashMap;
import java.util.Map;

/**
 * An environment in which every variable is set: for commands that load a pipeline and ask nothing
 * of what its variables are for.
 */
public final class AnyVariable extends HashMap<String, String> {
  private static final long serialVersionUID = 1L;

  public AnyVariable(Map<String, String> environment) {
    super(environment);
  }

  /** An address too: what must be one is checked where the pipeline is loaded. */
  @Override
  public String get(Object name) {
    return getOrDefault(name, "http://not-asked");
  }
}
