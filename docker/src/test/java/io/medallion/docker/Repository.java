package io.medallion.docker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The files of the repository, from its root. */
final class Repository {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private Repository() {}

  static Path file(String path) {
    return ROOT.resolve(path);
  }

  static String text(String path) {
    try {
      return Files.readString(file(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A YAML (or JSON) file as maps, lists and scalars, merge keys followed. */
  static Map<String, Object> yaml(String path) {
    return new Yaml(new SafeConstructor(new LoaderOptions())).load(text(path));
  }

  /** The scalars of a document by their path, e.g. {@code services.kafka.ports[0]}. */
  static Map<String, String> scalars(Object document) {
    Map<String, String> scalars = new LinkedHashMap<>();
    collect("", document, scalars);
    return scalars;
  }

  /** Files below a folder of the repository, as paths from its root. */
  static List<String> filesBelow(String folder, String... suffixes) {
    try (Stream<Path> files = Files.walk(file(folder))) {
      return files
          .filter(Files::isRegularFile)
          .map(path -> ROOT.relativize(path).toString())
          .filter(path -> !path.contains("/target/") && !path.contains("/src/"))
          .filter(path -> Stream.of(suffixes).anyMatch(path::endsWith))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Jars that the build makes: one for each module that declares the shade plugin. */
  static List<String> jobJars() {
    List<String> jars = new ArrayList<>();
    Matcher module = Pattern.compile("<module>(.+)</module>").matcher(text("pom.xml"));
    while (module.find()) {
      String name = module.group(1);
      if (text(name + "/pom.xml").contains("<artifactId>maven-shade-plugin</artifactId>")) {
        jars.add(name + "/target/" + name + ".jar");
      }
    }
    return jars;
  }

  /** A version property of the root POM. */
  static String version(String property) {
    Matcher version =
        Pattern.compile("<" + Pattern.quote(property) + ">(.+)</").matcher(text("pom.xml"));
    if (!version.find()) {
      throw new IllegalArgumentException("the root POM has no property " + property);
    }
    return version.group(1);
  }

  @SuppressWarnings("unchecked")
  static Map<String, Object> map(Object value) {
    return (Map<String, Object>) value;
  }

  @SuppressWarnings("unchecked")
  static List<Object> list(Object value) {
    return (List<Object>) value;
  }

  private static void collect(String path, Object node, Map<String, String> scalars) {
    if (node instanceof Map<?, ?> map) {
      map.forEach(
          (key, value) -> collect(path.isEmpty() ? "" + key : path + "." + key, value, scalars));
    } else if (node instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        collect(path + "[" + i + "]", list.get(i), scalars);
      }
    } else if (node != null) {
      scalars.put(path, node.toString());
    }
  }
}
