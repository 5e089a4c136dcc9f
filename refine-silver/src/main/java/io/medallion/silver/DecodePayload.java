package io.medallion.silver;

import io.medallion.schemas.PayloadFormat;
import io.medallion.schemas.SourceDefinition;
import java.io.Serializable;
import javax.annotation.Nullable;

/**
 * Makes of a payload an event of the contract, or says why it is none: never an exception, whatever
 * the bytes. Not thread-safe: one per subtask.
 */
interface DecodePayload extends Serializable {
  String TOMBSTONE = "tombstone";

  /** An event broke the decoder, not a rule: a bug, which must not stop the pipeline. */
  String DECODER_FAILED = "decoder-failed";

  /**
   * Decodes a payload; null is a tombstone.
   *
   * @throws IllegalStateException if what the decoder needs beside the payload is not to be had
   */
  DecodedEvent decode(@Nullable byte[] payload);

  /** Forgets what was not there beside the payloads: it may be by now, and is asked for again. */
  default void forgetUnknown() {}

  /** The decoder of a source's format. */
  static DecodePayload of(SourceDefinition source) {
    PayloadFormat format = source.format();
    if (format instanceof PayloadFormat.AvroBinary) {
      return new DecodeAvro(new WrittenByContract(source.contract()));
    }
    if (format instanceof PayloadFormat.AvroRegistry registry) {
      return new DecodeAvro(
          new FindInRegistry(new AskRegistry(registry.registry()), source.contract()));
    }
    if (format instanceof PayloadFormat.AvroSingleObject singleObject) {
      return new DecodeAvro(new FindByFingerprint(singleObject.schemas(), source.contract()));
    }
    return new DecodeJson(source.contract());
  }
}
