package io.medallion.services.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The command lines of Java processes. */
final class CommandLines {
  private CommandLines() {}

  /** {@code java <options> -cp <classPath> <main class> <arguments>}. */
  static List<String> java(List<String> options, String classPath, String... mainAndArguments) {
    List<String> command = new ArrayList<>();
    command.add(Installation.java().toString());
    command.addAll(options);
    command.add("-cp");
    command.add(classPath);
    command.addAll(List.of(mainAndArguments));
    return command;
  }

  /** {@code -D key=value} for each, as Flink's processes take them. */
  static List<String> settings(Map<String, String> settings) {
    List<String> arguments = new ArrayList<>();
    settings.forEach(
        (key, value) -> {
          arguments.add("-D");
          arguments.add(key + "=" + value);
        });
    return arguments;
  }
}
