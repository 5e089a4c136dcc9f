package io.medallion.silver;

import io.medallion.schemas.Contract;
import javax.annotation.Nullable;

/** Payloads that are a datum of the contract's own schema and nothing else. */
final class WrittenByContract implements FindWriter {
  private static final long serialVersionUID = 1L;

  private final ResolveWriter resolve;

  @Nullable private transient ReadAvro reader;

  WrittenByContract(Contract contract) {
    this.resolve = new ResolveWriter(contract);
  }

  @Override
  public ReadAvro reader(AvroInput payload) {
    if (reader == null) {
      reader = resolve.resolve(resolve.contract());
    }
    return reader;
  }
}
