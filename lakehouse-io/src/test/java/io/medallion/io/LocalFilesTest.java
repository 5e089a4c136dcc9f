package io.medallion.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalFilesTest {
  @TempDir private Path folder;

  @Test
  void aFileOfTheTimelineAppearsWhenItIsComplete() throws IOException {
    try (LocalFiles files = files()) {
      Path file = folder.resolve(".hoodie").resolve("20260101.deltacommit");

      try (FSDataOutputStream out = files.create(hadoop(file), false)) {
        out.write("position".getBytes(StandardCharsets.UTF_8));
        out.flush();
        assertThat(file).doesNotExist();
      }

      assertThat(file).hasContent("position");
      assertThat(names(file.getParent())).containsExactly("20260101.deltacommit");
    }
  }

  @Test
  void anEmptyFileOfTheTimelineAppearsToo() throws IOException {
    try (LocalFiles files = files()) {
      Path file = folder.resolve(".hoodie").resolve("20260101.deltacommit.requested");

      assertThat(files.createNewFile(hadoop(file))).isTrue();

      assertThat(file).isEmptyFile();
      assertThat(files.createNewFile(hadoop(file))).isFalse();
    }
  }

  @Test
  void aFileOfTheTimelineIsReplacedAsAWhole() throws IOException {
    try (LocalFiles files = files()) {
      Path file = folder.resolve(".hoodie").resolve("hoodie.properties");
      for (String text : List.of("a long first version", "short")) {
        try (FSDataOutputStream out = files.create(hadoop(file), true)) {
          out.write(text.getBytes(StandardCharsets.UTF_8));
        }
      }
      assertThat(file).hasContent("short");
    }
  }

  @Test
  void otherFilesGrowUnderTheirNames() throws IOException {
    try (LocalFiles files = files()) {
      Path file = folder.resolve("rows.parquet");
      try (FSDataOutputStream out = files.create(hadoop(file), false)) {
        assertThat(file).exists();
      }
      assertThat(names(folder)).containsExactly("rows.parquet");
    }
  }

  private static LocalFiles files() throws IOException {
    LocalFiles files = new LocalFiles();
    files.initialize(URI.create("file:///"), new Configuration());
    return files;
  }

  private static org.apache.hadoop.fs.Path hadoop(Path file) {
    return new org.apache.hadoop.fs.Path(file.toUri());
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
