package io.medallion.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.LocalFileSystem;
import org.assertj.core.api.recursive.comparison.RecursiveComparisonConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LocalFilesTest {
  /** Without owner and permission, and of Hadoop's own class. */
  private static final RecursiveComparisonConfiguration COMPARED =
      RecursiveComparisonConfiguration.builder()
          .withComparedFields(
              "path", "length", "isdir", "block_replication", "blocksize", "modification_time")
          .build();

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

  /** Names that a URI would quote, and a folder. */
  @Test
  void aListingIsHadoops() throws IOException {
    for (String name :
        List.of(
            "a=b.parquet", ".a.log.1_0-1-0", "50%", "50%25", "a b", "a:b", "Größe", "a+b#c?d")) {
      Files.writeString(folder.resolve(name), name);
    }
    Files.createDirectory(folder.resolve("folder"));

    try (LocalFiles files = files();
        LocalFileSystem hadoops = new LocalFileSystem()) {
      hadoops.initialize(URI.create("file:///"), new Configuration());

      assertThat(files.listStatus(hadoop(folder)))
          .usingRecursiveFieldByFieldElementComparator(COMPARED)
          .containsExactlyInAnyOrder(hadoops.listStatus(hadoop(folder)));
      for (FileStatus file : hadoops.listStatus(hadoop(folder))) {
        assertThat(files.getFileStatus(file.getPath()))
            .usingRecursiveComparison(COMPARED)
            .isEqualTo(file);
        assertThat(files.listStatus(file.getPath()))
            .usingRecursiveFieldByFieldElementComparator(COMPARED)
            .containsExactly(hadoops.listStatus(file.getPath()));
      }
      assertThat(files.listStatus(new org.apache.hadoop.fs.Path("/")))
          .extracting(FileStatus::getPath)
          .containsExactlyInAnyOrder(
              Stream.of(hadoops.listStatus(new org.apache.hadoop.fs.Path("/")))
                  .map(FileStatus::getPath)
                  .toArray(org.apache.hadoop.fs.Path[]::new));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"missing", "file/below"})
  void whatIsNotThereIsNotFound(String name) throws IOException {
    Files.writeString(folder.resolve("file"), "no folder");
    try (LocalFiles files = files()) {
      org.apache.hadoop.fs.Path missing = hadoop(folder.resolve(name));

      assertThatExceptionOfType(FileNotFoundException.class)
          .isThrownBy(() -> files.getFileStatus(missing))
          .withMessageContaining(missing.toString());
      assertThatExceptionOfType(FileNotFoundException.class)
          .isThrownBy(() -> files.listStatus(missing))
          .withMessageContaining(missing.toString());
      assertThat(files.exists(missing)).isFalse();
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
