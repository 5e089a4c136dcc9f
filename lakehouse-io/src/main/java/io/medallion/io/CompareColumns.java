package io.medallion.io;

import java.util.List;
import java.util.Optional;
import org.apache.flink.table.types.logical.RowType;
import org.apache.hudi.common.table.HoodieTableMetaClient;
import org.apache.hudi.common.table.TableSchemaResolver;
import org.apache.hudi.org.apache.avro.Schema;
import org.apache.hudi.util.AvroSchemaConverter;

/** Compares a table on disk with its definition. */
final class CompareColumns {
  private CompareColumns() {}

  /** How the columns or the key differ, in words; empty if they do not. */
  static Optional<String> difference(HudiTable table) {
    HoodieTableMetaClient metaClient =
        HoodieTableMetaClient.builder()
            .setConf(HudiTable.hadoop())
            .setBasePath(table.path())
            .build();
    List<String> stored = columns(stored(metaClient));
    List<String> defined = columns(new Schema.Parser().parse(table.avroSchema()));
    if (!stored.equals(defined)) {
      return Optional.of("%s, where the table has %s".formatted(defined, stored));
    }
    List<String> key =
        List.of(metaClient.getTableConfig().getRecordKeyFields().orElse(new String[0]));
    return key.equals(table.definition().key())
        ? Optional.empty()
        : Optional.of("key %s, where the table has %s".formatted(table.definition().key(), key));
  }

  private static Schema stored(HoodieTableMetaClient metaClient) {
    try {
      return new TableSchemaResolver(metaClient).getTableAvroSchema(false);
    } catch (Exception failure) {
      throw new IllegalStateException(
          "Could not read the schema of " + metaClient.getBasePathV2(), failure);
    }
  }

  /** Through Avro on both sides, which does not know the length of a text. */
  private static List<String> columns(Schema schema) {
    return ((RowType) AvroSchemaConverter.convertToDataType(schema).getLogicalType())
        .getFields().stream()
            .map(field -> field.getName() + " " + field.getType().copy(true).asSummaryString())
            .toList();
  }
}
