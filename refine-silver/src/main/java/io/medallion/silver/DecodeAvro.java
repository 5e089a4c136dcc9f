package io.medallion.silver;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import io.medallion.silver.DecodedEvent.Accepted;
import io.medallion.silver.DecodedEvent.Rejected;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.annotation.Nullable;
import org.apache.flink.table.data.GenericRowData;

/**
 * Decodes one event in Avro's binary encoding: reads it by the schema that it was written with, and
 * makes of it what Avro's schema resolution makes of it for the contract ({@link ResolveWriter}).
 * Whatever the payload holds, the answer is a row that says the same, or a rejection that says why
 * not; never an exception.
 *
 * <p>Rules: {@code tombstone}, {@code malformed-avro} (the reason starts with its kind), {@code
 * incompatible-schema}, those of the {@link FindWriter}, and for a field {@code not-null}, {@code
 * type} and {@code accepted-values} with its path, e.g. {@code type: items[].price}. A damaged
 * payload is {@code malformed-avro} also when a field before the damage breaks a rule; otherwise
 * the first broken rule counts.
 *
 * <p>An exception leaves it only when a schema cannot be asked for.
 */
final class DecodeAvro implements DecodePayload {
  private static final long serialVersionUID = 1L;

  private final FindWriter findWriter;

  @Nullable private transient Tools tools;

  DecodeAvro(FindWriter findWriter) {
    this.findWriter = findWriter;
  }

  @Override
  public DecodedEvent decode(@Nullable byte[] payload) {
    if (tools == null) {
      tools = new Tools();
    }
    if (payload == null) {
      return new Rejected(TOMBSTONE, "the record has no payload");
    }
    try {
      AvroInput input = tools.input.start(payload);
      return read(findWriter.reader(input), input, new RescuedFields(tools.json));
    } catch (RejectedEventException rejected) {
      return rejected.rejected();
    }
  }

  @Override
  public void forgetUnknown() {
    findWriter.forgetUnknown();
  }

  private static DecodedEvent read(ReadAvro reader, AvroInput payload, RescuedFields rescued) {
    try {
      Object row = reader.read(payload, rescued);
      payload.end();
      return payload.broken().isPresent()
          ? payload.broken().get()
          : new Accepted((GenericRowData) row, rescued.column());
    } catch (RejectedEventException malformed) {
      return malformed.rejected();
    } catch (IOException impossible) {
      throw new UncheckedIOException("Writing to memory failed.", impossible);
    } catch (RuntimeException bug) {
      return new Rejected(DECODER_FAILED, Excerpts.printable(bug.toString()));
    }
  }

  /** What a subtask builds for itself once. */
  private static final class Tools {
    private final AvroInput input = new AvroInput();

    /** One generator at a time; nothing that outlives the job in a thread. */
    private final JsonFactory json =
        JsonFactory.builder().recyclerPool(JsonRecyclerPools.newBoundedPool(1)).build();
  }
}
