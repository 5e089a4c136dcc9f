package io.medallion.silver;

import io.medallion.schemas.Contract;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.annotation.Nullable;
import org.apache.avro.Schema;

/**
 * Payloads in Confluent's wire format: a zero byte, the id of the writer's schema in four bytes
 * with the highest first, the datum. The schema of an id never changes, so it is asked for once.
 */
final class FindInRegistry implements FindWriter {
  private static final long serialVersionUID = 1L;

  static final String UNKNOWN = "unknown-schema-id";

  /** More than a topic has in use at a time; the one used longest ago makes room. */
  private static final int MOST_IDS = 1_000;

  /**
   * For so long an id that is not there is not asked for again: a stream of such events costs the
   * registry a request in ten seconds, and a schema that is registered late is seen while whoever
   * registered it still watches.
   */
  private static final Duration UNKNOWN_FOR = Duration.ofSeconds(10);

  private final AskRegistry registry;
  private final ResolveWriter resolve;
  private final long unknownForNanos;

  @Nullable private transient Ids<ReadAvro> readers;

  /** When each id that is not there was asked for, on the clock of {@link System#nanoTime}. */
  @Nullable private transient Ids<Long> unknown;

  FindInRegistry(AskRegistry registry, Contract contract) {
    this(registry, contract, UNKNOWN_FOR);
  }

  FindInRegistry(AskRegistry registry, Contract contract, Duration unknownFor) {
    this.registry = registry;
    this.resolve = new ResolveWriter(contract);
    this.unknownForNanos = unknownFor.toNanos();
  }

  @Override
  public ReadAvro reader(AvroInput payload) throws RejectedEventException {
    if (readers == null) {
      readers = new Ids<>();
      unknown = new Ids<>();
    }
    payload.magic(0x00);
    int id = payload.bigEndianInt();
    ReadAvro reader = readers.get(id);
    if (reader == null) {
      reader = ask(id, unknown);
      readers.put(id, reader);
    }
    return reader;
  }

  @Override
  public void forgetUnknown() {
    if (unknown != null) {
      unknown.clear();
    }
  }

  private ReadAvro ask(int id, Ids<Long> unknown) throws RejectedEventException {
    Long asked = unknown.get(id);
    if (asked != null && System.nanoTime() - asked < unknownForNanos) {
      throw unknown(id);
    }
    RegistryAnswer answer = registry.schema(id);
    if (answer instanceof RegistryAnswer.Found found) {
      return read(id, found.schema());
    }
    if (answer instanceof RegistryAnswer.Unusable unusable) {
      return incompatible(id, unusable.reason());
    }
    unknown.put(id, System.nanoTime());
    throw unknown(id);
  }

  private ReadAvro read(int id, String schema) {
    try {
      return resolve.resolve(new Schema.Parser().parse(schema));
    } catch (RuntimeException notAvro) {
      // Of many kinds: a name that is nowhere defined is a NullPointerException.
      return incompatible(id, "is no Avro schema");
    }
  }

  private static ReadAvro incompatible(int id, String reason) {
    return (payload, rescued) -> {
      throw new RejectedEventException(
          ResolveWriter.INCOMPATIBLE, "schema %d of the registry %s".formatted(id, reason));
    };
  }

  private static RejectedEventException unknown(int id) {
    return new RejectedEventException(UNKNOWN, "the registry has no schema " + id);
  }

  /** What is known of ids; never of very many. */
  private static final class Ids<T> extends LinkedHashMap<Integer, T> {
    private static final long serialVersionUID = 1L;

    Ids() {
      super(16, 0.75f, true);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<Integer, T> longestAgo) {
      return size() > MOST_IDS;
    }
  }
}
