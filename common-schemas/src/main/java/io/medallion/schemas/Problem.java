package io.medallion.schemas;

/**
 * One thing wrong with a pipeline folder or a job's options.
 *
 * @param where the file or the command line, e.g. {@code pipeline.yaml}
 * @param key the key's path, e.g. {@code silver.key[0]}
 * @param value what was found there; never a secret
 * @param expected what was expected
 * @param remedy what to do next
 */
public record Problem(String where, String key, String value, String expected, String remedy) {
  @Override
  public String toString() {
    return "%s: %s: found %s, expected %s. %s".formatted(where, key, value, expected, remedy);
  }
}
