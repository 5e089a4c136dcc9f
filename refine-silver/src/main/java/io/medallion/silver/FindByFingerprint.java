package io.medallion.silver;

import io.medallion.schemas.Contract;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.annotation.Nullable;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;

/**
 * Payloads in Avro's single-object encoding: the bytes C3 01, the CRC-64-AVRO fingerprint of the
 * writer's schema with its lowest byte first, the datum.
 */
final class FindByFingerprint implements FindWriter {
  private static final long serialVersionUID = 1L;

  static final String UNKNOWN = "unknown-fingerprint";

  /** As text: a parsed schema serializes with every copy of the operator. */
  private final List<String> schemas;

  private final ResolveWriter resolve;

  @Nullable private transient Map<Long, ReadAvro> readers;

  /**
   * Knows the contract's own schema and others.
   *
   * @param schemas what events may have been written with, beside the contract
   */
  FindByFingerprint(List<Schema> schemas, Contract contract) {
    this.schemas = schemas.stream().map(Schema::toString).toList();
    this.resolve = new ResolveWriter(contract);
  }

  @Override
  public ReadAvro reader(AvroInput payload) throws RejectedEventException {
    if (readers == null) {
      readers = readers();
    }
    payload.magic(0xC3, 0x01);
    long fingerprint = payload.littleEndianLong();
    ReadAvro reader = readers.get(fingerprint);
    if (reader == null) {
      throw new RejectedEventException(
          UNKNOWN,
          "no schema of source.schemas and not the contract has the fingerprint %016x"
              .formatted(fingerprint));
    }
    return reader;
  }

  private Map<Long, ReadAvro> readers() {
    Map<Long, ReadAvro> byFingerprint = new HashMap<>();
    for (String text : schemas) {
      add(new Schema.Parser().parse(text), byFingerprint);
    }
    add(resolve.contract(), byFingerprint);
    return byFingerprint;
  }

  private void add(Schema writer, Map<Long, ReadAvro> byFingerprint) {
    byFingerprint.put(SchemaNormalization.parsingFingerprint64(writer), resolve.resolve(writer));
  }
}
