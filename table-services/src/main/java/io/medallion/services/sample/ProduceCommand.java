package io.medallion.services.sample;

import io.medallion.services.CommandFailedException;
import io.medallion.services.Terminal;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code medallion produce}: a file of events, or a pipeline's sample, to a topic. */
@Command(
    name = "produce",
    description =
        "Sends a file of events, or the stream a pipeline's sample.yaml declares, to a topic.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  A file of JSON lines, the field id of each as its Kafka key:",
      "    medallion produce --bootstrap-servers kafka:9092 --topic orders --file orders.jsonl --key id",
      "  A CSV file with a header, 100 rows a second:",
      "    medallion produce --bootstrap-servers kafka:9092 --topic orders --file orders.csv --key id --rate 100",
      "  A million events of a pipeline's sample:",
      "    medallion produce --bootstrap-servers kafka:9092 --topic orders --pipeline pipelines/orders --events 1000000",
      "  A Kafka that asks for a password:",
      "    medallion produce --bootstrap-servers kafka:9093 --command-config client.properties --topic orders --file o.jsonl"
    })
public final class ProduceCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--bootstrap-servers",
      required = true,
      paramLabel = "HOST:PORT[,...]",
      description = "Kafka's brokers.")
  private String bootstrapServers;

  @Option(
      names = "--topic",
      required = true,
      paramLabel = "TOPIC",
      description = "The topic to send to; it must exist.")
  private String topic;

  @ArgGroup(multiplicity = "1")
  private What what;

  @Option(
      names = "--key",
      paramLabel = "FIELD",
      description =
          "With --file: the field whose value is the Kafka key; a dot steps into a nested object. None by default.")
  private String key;

  @Option(
      names = "--events",
      paramLabel = "N",
      description =
          "Ends after about N events: those held back come on top. Default: as many as there are.")
  private long events = Long.MAX_VALUE;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Events per second. Default: as fast as Kafka takes them.")
  private double rate = SendEvents.UNLIMITED;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description =
          "With --pipeline: the same seed sends the same events. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--command-config",
      paramLabel = "FILE",
      description = "Kafka client properties, such as those for SASL and SSL.")
  private Path commandConfig;

  private static final class What {
    @Option(
        names = "--file",
        required = true,
        paramLabel = "FILE",
        description = "JSON lines, or CSV with a header when the name ends in .csv.")
    private Path file;

    @Option(
        names = "--pipeline",
        required = true,
        paramLabel = "DIR",
        description = "A pipeline folder with a sample.yaml.")
    private Path pipeline;
  }

  @Override
  public Integer call() throws IOException {
    if (rate < 0 || events <= 0) {
      throw new ParameterException(
          spec.commandLine(), "--rate and --events must be above 0; leave them out for no limit.");
    }
    EventSource source = source();
    Map<String, String> client = client();
    try (KafkaTopics topics = new KafkaTopics(client)) {
      topics.require(topic);
    }
    try (SendEvents send = new SendEvents(client, topic, source, rate, events)) {
      run(send);
      out().printf("%,d events sent to topic %s.%n", send.sent(), topic);
    }
    return 0;
  }

  private EventSource source() {
    if (what.pipeline == null) {
      if (!Files.isRegularFile(what.file)) {
        throw new ParameterException(
            spec.commandLine(), "--file: %s is not a file.".formatted(what.file));
      }
      return new ReadEvents(List.of(what.file), key == null ? "" : key);
    }
    if (key != null) {
      throw new ParameterException(
          spec.commandLine(), "--key goes with --file; a pipeline's sample.yaml names its own.");
    }
    return source(SampleFile.read(what.pipeline), seed);
  }

  /** The events that a sample declares, event times by the clock. */
  public static EventSource source(SampleDefinition sample, long seed) {
    if (sample instanceof RecordedSample recorded) {
      return new ReadEvents(recorded.files(), recorded.key());
    }
    return new DrawEvents((GeneratedSample) sample, seed, InstantSource.system());
  }

  private Map<String, String> client() throws IOException {
    Properties properties = new Properties();
    if (commandConfig != null) {
      if (!Files.isRegularFile(commandConfig)) {
        throw new ParameterException(
            spec.commandLine(), "--command-config: %s is not a file.".formatted(commandConfig));
      }
      try (var reader = Files.newBufferedReader(commandConfig)) {
        properties.load(reader);
      }
    }
    Map<String, String> client = new HashMap<>();
    properties
        .stringPropertyNames()
        .forEach(name -> client.put(name, properties.getProperty(name)));
    client.put("bootstrap.servers", bootstrapServers);
    return client;
  }

  /** Sends, and says how far it is: each second on a terminal, every ten seconds elsewhere. */
  private void run(SendEvents send) {
    boolean terminal = Terminal.attached();
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try {
      Future<?> sending = executor.submit(send);
      long before = 0;
      int every = terminal ? 1 : 10;
      while (true) {
        try {
          sending.get(every, TimeUnit.SECONDS);
          if (terminal) {
            out().print("\r\u001b[K");
          }
          return;
        } catch (TimeoutException stillSending) {
          long sent = send.sent();
          out()
              .printf(
                  terminal ? "\r%,d events sent, %,d/s\u001b[K" : "%,d events sent, %,d/s%n",
                  sent,
                  (sent - before) / every);
          out().flush();
          before = sent;
        }
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof CommandFailedException failed) {
        throw failed;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      send.stop();
      Thread.currentThread().interrupt();
      throw new CommandFailedException("Interrupted while sending.", e);
    } finally {
      executor.shutdown();
    }
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
