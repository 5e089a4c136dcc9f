package io.medallion.schemas;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/** The files of one pipeline folder, on any file system that Flink knows. */
final class PipelineFiles {
  private final Path folder;
  private final FileSystem fileSystem;
  private final Problems problems;

  private PipelineFiles(Path folder, FileSystem fileSystem, Problems problems) {
    this.folder = folder;
    this.fileSystem = fileSystem;
    this.problems = problems;
  }

  /** Opens a folder, or records why it cannot be. */
  static Optional<PipelineFiles> open(String uri, Problems problems) {
    try {
      Path folder = new Path(uri);
      FileSystem fileSystem = folder.getFileSystem();
      if (fileSystem.getFileStatus(folder).isDir()) {
        return Optional.of(new PipelineFiles(folder, fileSystem, problems));
      }
      noFolder(uri, "a file", problems);
    } catch (FileNotFoundException e) {
      noFolder(uri, "nothing", problems);
    } catch (IOException | IllegalArgumentException e) {
      noFolder(uri, "a folder that cannot be read (" + e.getMessage() + ")", problems);
    }
    return Optional.empty();
  }

  private static void noFolder(String uri, String value, Problems problems) {
    problems.add(
        uri.isBlank() ? "command line" : uri,
        "pipeline folder",
        value,
        "a folder that holds pipeline.yaml",
        "Name the pipeline folder, for example pipelines/transactions.");
  }

  /** Where something is that is named from this folder, or in full. */
  String resolve(String uri) {
    return new Path(folder, uri).toString();
  }

  /** The text of the file at the top of the folder that everything starts from. */
  Optional<String> readPipelineYaml() {
    return read("pipeline.yaml", "pipeline.yaml", "file", "Add pipeline.yaml to the folder.");
  }

  /** The text of the file that a key of {@code pipeline.yaml} names. */
  Optional<String> read(Section section, String key, String name) {
    if (leadsOutside(section, key, name)) {
      return Optional.empty();
    }
    return read(
        name,
        section.where(key),
        section.path(key),
        "Add the file to the pipeline folder or correct its name.");
  }

  /** The names of the files with an ending, of which there must be some, in their order. */
  List<String> list(Section section, String key, String name, String ending) {
    if (leadsOutside(section, key, name)) {
      return List.of();
    }
    String expected = "a folder with files *" + ending;
    String remedy = "Add the folder to the pipeline folder or correct its name.";
    Path path = new Path(folder, name);
    try {
      if (!fileSystem.getFileStatus(path).isDir()) {
        section.problem(key, name + ", a file", expected, remedy);
        return List.of();
      }
      List<String> files =
          Arrays.stream(fileSystem.listStatus(path))
              .filter(status -> !status.isDir())
              .map(status -> status.getPath().getName())
              .filter(file -> file.endsWith(ending))
              .sorted()
              .map(file -> name.endsWith("/") ? name + file : name + "/" + file)
              .toList();
      if (files.isEmpty()) {
        section.problem(
            key, name + ", which has none", expected, "Add the files, or remove " + key + ".");
      }
      return files;
    } catch (FileNotFoundException e) {
      section.problem(key, name + ", which is not there", expected, remedy);
    } catch (IOException e) {
      section.problem(
          key,
          name + ", which cannot be read (" + e.getMessage() + ")",
          expected,
          "Check the folder's permissions and the file system's credentials.");
    }
    return List.of();
  }

  private static boolean leadsOutside(Section section, String key, String name) {
    boolean outside =
        name.startsWith("/")
            || name.contains(":")
            || name.contains("\\")
            || List.of(name.split("/", -1)).contains("..");
    if (outside) {
      section.problem(
          key,
          name,
          "a path inside the pipeline folder",
          "Copy the file into the folder and name it relative to pipeline.yaml.");
    }
    return outside;
  }

  private Optional<String> read(String name, String where, String key, String remedy) {
    Path path = new Path(folder, name);
    try {
      if (fileSystem.getFileStatus(path).isDir()) {
        problems.add(where, key, name + ", a folder", "a file", remedy);
        return Optional.empty();
      }
      try (InputStream in = fileSystem.open(path)) {
        String text =
            StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(in.readAllBytes()))
                .toString();
        return Optional.of(text.startsWith("\uFEFF") ? text.substring(1) : text);
      }
    } catch (FileNotFoundException e) {
      problems.add(where, key, name + ", which is not there", "a file", remedy);
    } catch (CharacterCodingException e) {
      problems.add(where, key, name + ", which is not UTF-8", "UTF-8 text", "Save it as UTF-8.");
    } catch (IOException e) {
      problems.add(
          where,
          key,
          name + ", which cannot be read (" + e.getMessage() + ")",
          "a readable file",
          "Check the file's permissions and the file system's credentials.");
    }
    return Optional.empty();
  }
}
