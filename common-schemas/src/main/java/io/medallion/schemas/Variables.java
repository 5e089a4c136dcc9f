package io.medallion.schemas;

import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Puts environment variables in the place of {@code ${NAME}}. Values may be secrets, so no message
 * ever shows one.
 */
final class Variables {
  private static final Pattern REFERENCE = Pattern.compile("\\$\\{([^}]*)}?");
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private final Section section;
  private final Map<String, String> environment;

  Variables(Section section, Map<String, String> environment) {
    this.section = section;
    this.environment = environment;
  }

  /** The text of a key with its references resolved. */
  String resolve(String key, String text) {
    Matcher reference = REFERENCE.matcher(text);
    String resolved = reference.replaceAll(match -> Matcher.quoteReplacement(valueOf(key, match)));
    if (resolved.isBlank()) {
      section.problem(
          key, text + ", which is empty", "a value", "Set the environment variable to a value.");
    }
    return resolved;
  }

  private String valueOf(String key, MatchResult reference) {
    String name = reference.group(1);
    if (!VARIABLE.matcher(name).matches() || !reference.group().endsWith("}")) {
      section.problem(
          key,
          "a reference that is not ${NAME}",
          "${NAME} with letters, digits and underscores",
          "Name one environment variable; defaults are not supported.");
      return "?";
    }
    String value = environment.get(name);
    if (value == null) {
      section.problem(
          key,
          "${" + name + "}, which is not set",
          "an environment variable",
          "Set it: export " + name + "=...");
      return "?";
    }
    return value;
  }
}
