package io.medallion.services.reference;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The settings of {@code flink-conf} with the comments above them, which no YAML parser keeps. */
final class ClusterSettings {
  static final Path FILE = Path.of("../flink-conf/src/main/conf/config.yaml");

  private static final Pattern HEADING = Pattern.compile("# -+ (.+?) -+");
  private static final Pattern KEY = Pattern.compile("( *)([\\w.-]+):(?: (.+))?");

  private final List<Setting> settings = new ArrayList<>();
  private final List<String> path = new ArrayList<>();
  private String heading = "";
  private String comment = "";

  private ClusterSettings() {}

  /** All settings in the order of the file. */
  static List<Setting> read() throws IOException {
    ClusterSettings settings = new ClusterSettings();
    Files.readAllLines(FILE).forEach(settings::line);
    return settings.settings;
  }

  private void line(String line) {
    Matcher headed = HEADING.matcher(line);
    Matcher key = KEY.matcher(line);
    if (headed.matches()) {
      heading = headed.group(1);
    } else if (line.isBlank()) {
      comment = "";
    } else if (line.strip().startsWith("#")) {
      comment = (comment + " " + line.strip().substring(1).strip()).strip();
    } else if (key.matches()) {
      key(key.group(1).length() / 2, key.group(2), key.group(3));
    } else {
      // A further line of the value above.
      Setting last = settings.remove(settings.size() - 1);
      settings.add(last.and(line.strip()));
    }
  }

  private void key(int depth, String name, String value) {
    path.subList(depth, path.size()).clear();
    path.add(name);
    if (value != null) {
      settings.add(
          new Setting(heading, String.join(".", path), value.equals(">-") ? "" : value, comment));
      comment = "";
    }
  }

  /**
   * One setting.
   *
   * @param heading the part of the file that it stands in
   * @param key Flink's key
   * @param value its value
   * @param reason the comment above it, or above the mapping that it is the first of
   */
  record Setting(String heading, String key, String value, String reason) {
    private Setting and(String more) {
      return new Setting(heading, key, (value + " " + more).strip(), reason);
    }
  }
}
