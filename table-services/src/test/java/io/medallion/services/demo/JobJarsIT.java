package io.medallion.services.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The job jars as they are shipped: alone with what a stock Flink has in {@code lib}. */
class JobJarsIT {
  private static final Installation INSTALLATION = new Installation(Path.of(".."));
  private static final Path FLINK_LIB = Path.of("../flink-conf/target/flink/lib");

  @TempDir private Path directory;

  static List<Path> jars() {
    List<Path> jars = new ArrayList<>(INSTALLATION.jobJars());
    jars.add(INSTALLATION.fusedJar());
    return jars;
  }

  @ParameterizedTest
  @MethodSource("jars")
  void aJobJarHoldsNoClassOfFlinkItself(Path jar) throws IOException {
    Set<String> flink = new HashSet<>();
    for (Path library : libraries()) {
      flink.addAll(classes(library, "org/apache/flink/"));
    }
    assertThat(flink).contains("org/apache/flink/runtime/jobgraph/JobGraph.class");

    List<String> shipped = classes(jar, "org/apache/flink/");

    assertThat(shipped).contains("org/apache/flink/connector/kafka/source/KafkaSource.class");
    assertThat(shipped).doesNotContainAnyElementsOf(flink);
    assertThat(shipped)
        .noneMatch(name -> name.startsWith("org/apache/flink/formats/"))
        .noneMatch(name -> name.startsWith("org/apache/flink/connector/base/"));
  }

  @ParameterizedTest
  @MethodSource("jars")
  void everyServiceThatAJobJarNamesIsInIt(Path path) throws IOException {
    List<String> missing = new ArrayList<>();
    try (JarFile jar = new JarFile(path.toFile())) {
      for (JarEntry entry : Collections.list(jar.entries())) {
        if (entry.getName().startsWith("META-INF/services/") && !entry.isDirectory()) {
          services(jar, entry)
              .filter(service -> jar.getEntry(service.replace('.', '/') + ".class") == null)
              .forEach(service -> missing.add(entry.getName() + ": " + service));
        }
      }
      assertThat(
              services(
                  jar,
                  jar.getJarEntry("META-INF/services/org.apache.flink.table.factories.Factory")))
          .containsExactlyInAnyOrder(
              "org.apache.hudi.table.HoodieTableFactory",
              "org.apache.hudi.table.catalog.HoodieCatalogFactory",
              "org.apache.flink.streaming.connectors.kafka.table.KafkaDynamicTableFactory",
              "org.apache.flink.streaming.connectors.kafka.table.UpsertKafkaDynamicTableFactory");
    }
    assertThat(missing).isEmpty();
  }

  /** Initializing a class links it: whatever its code needs to be verified must be there. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        // The reader of commits: its utilities extend Hive's input format.
        "org.apache.hudi.source.IncrementalInputSplits",
        "org.apache.hudi.hadoop.utils.HoodieInputFormatUtils",
        "org.apache.hudi.hadoop.HoodieParquetInputFormat",
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        // The reader of base files: its vectors are those of Flink's parquet format.
        "org.apache.hudi.table.format.RecordIterators",
        "org.apache.hudi.table.format.cow.vector.reader.ParquetColumnarRowSplitReader",
        "org.apache.hudi.table.format.cow.ParquetSplitReaderUtil",
        "io.medallion.shaded.flink.formats.parquet.vector.ParquetDictionary",
        // The writers.
        "org.apache.hudi.util.FlinkClientUtil",
        "org.apache.hudi.io.storage.row.HoodieRowDataParquetWriter"
      })
  void aJobJarLinksWithAStockFlink(String name) throws Exception {
    for (Path jar : jars()) {
      try (URLClassLoader loader = loader(jar)) {
        Class<?> linked = Class.forName(name, true, loader);

        assertThat(Arrays.stream(linked.getDeclaredMethods())).as(jar.toString()).isNotEmpty();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("jars")
  void aJobJarNamesItsMainClassAndCarriesItsLicence(Path path) throws IOException {
    try (JarFile jar = new JarFile(path.toFile())) {
      String main = mainClass(jar);
      assertThat(jar.getEntry(main.replace('.', '/') + ".class")).as(main).isNotNull();
      assertThat(text(jar, "META-INF/LICENSE")).contains("Apache License");
      assertThat(text(jar, "META-INF/NOTICE")).contains("Medallion", "Apache Avro");
      assertThat(Collections.list(jar.entries()))
          .extracting(JarEntry::getName)
          .noneMatch(name -> name.matches("META-INF/.*\\.(SF|DSA|RSA)"));
    }
  }

  @ParameterizedTest
  @MethodSource("jars")
  void helpIsShown(Path jar) throws Exception {
    Run run = run(jar, "--help");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .startsWith(
            "Usage: flink run -d " + jar.getFileName() + " [-h] --pipeline=DIR --warehouse=URI\n")
        .contains("Examples:");
  }

  @ParameterizedTest
  @MethodSource("jars")
  void missingOptionsAreNamed(Path jar) throws Exception {
    Run run = run(jar);

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err())
        .startsWith("Missing required options: '--pipeline=DIR', '--warehouse=URI'\nUsage: ")
        .doesNotContain("\tat ");
  }

  @ParameterizedTest
  @MethodSource("jars")
  void aPipelineThatIsNotThereIsRefusedWithoutAStackTrace(Path jar) throws Exception {
    Path lake = directory.resolve("lake");

    Run run = run(jar, "--pipeline", "/no/such/folder", "--warehouse", lake.toString());

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err())
        .isEqualTo(
            "The pipeline folder /no/such/folder cannot be used, 1 problem:\n"
                + "  - /no/such/folder: pipeline folder: found nothing,"
                + " expected a folder that holds pipeline.yaml."
                + " Name the pipeline folder, for example pipelines/transactions.\n");
    assertThat(lake).doesNotExist();
  }

  private Run run(Path jar, String... arguments) throws Exception {
    String main;
    try (JarFile file = new JarFile(jar.toFile())) {
      main = mainClass(file);
    }
    List<String> command =
        new ArrayList<>(
            List.of(
                Installation.java().toString(),
                "-cp",
                jar + ":" + INSTALLATION.flinkClassPath(),
                main));
    command.addAll(List.of(arguments));
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    int exitCode = builder.start().waitFor();
    return new Run(exitCode, Files.readString(out), Files.readString(err));
  }

  private static URLClassLoader loader(Path jar) throws IOException {
    List<URL> urls = new ArrayList<>();
    urls.add(url(jar));
    for (Path library : libraries()) {
      urls.add(url(library));
    }
    return new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
  }

  private static URL url(Path path) throws MalformedURLException {
    return path.toUri().toURL();
  }

  private static List<Path> libraries() throws IOException {
    try (Stream<Path> files = Files.list(FLINK_LIB)) {
      return files.toList();
    }
  }

  private static List<String> classes(Path path, String below) throws IOException {
    try (JarFile jar = new JarFile(path.toFile())) {
      return jar.stream()
          .map(JarEntry::getName)
          .filter(name -> name.startsWith(below) && name.endsWith(".class"))
          .toList();
    }
  }

  private static Stream<String> services(JarFile jar, JarEntry entry) throws IOException {
    return text(jar, entry.getName())
        .lines()
        .map(line -> line.replaceFirst("#.*", "").strip())
        .filter(line -> !line.isEmpty());
  }

  private static String mainClass(JarFile jar) throws IOException {
    return jar.getManifest().getMainAttributes().getValue(Attributes.Name.MAIN_CLASS);
  }

  private static String text(JarFile jar, String name) throws IOException {
    try (InputStream in = jar.getInputStream(jar.getJarEntry(name))) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  private record Run(int exitCode, String out, String err) {}
}
