package io.medallion.schemas;

import org.apache.avro.Schema;
import org.apache.flink.table.types.logical.RowType;

/**
 * The Avro contract of one event.
 *
 * @param name the record's full name
 * @param schema the Avro schema as written in the {@code .avsc} file
 * @param rowType the same fields as Flink types, in the same order ({@link ContractTypes})
 */
public record Contract(String name, Schema schema, RowType rowType) {}
