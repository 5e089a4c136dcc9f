package io.medallion.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.apache.avro.Schema;
import org.apache.flink.table.types.logical.RowType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContractTypesTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"string\" | STRING NOT NULL",
        "[\"null\", \"string\"] | STRING",
        "[\"string\", \"null\"] | STRING",
        "{\"type\": \"enum\", \"name\": \"E\", \"symbols\": [\"A\"]} | STRING NOT NULL",
        "{\"type\": \"string\", \"logicalType\": \"uuid\"} | STRING NOT NULL",
        "{\"type\": \"string\", \"logicalType\": \"of-our-own\"} | STRING NOT NULL",
        "\"int\" | INT NOT NULL",
        "\"long\" | BIGINT NOT NULL",
        "\"float\" | FLOAT NOT NULL",
        "\"double\" | DOUBLE NOT NULL",
        "\"boolean\" | BOOLEAN NOT NULL",
        "\"bytes\" | BYTES NOT NULL",
        "{\"type\": \"fixed\", \"name\": \"F\", \"size\": 4} | BYTES NOT NULL",
        "{\"type\": \"bytes\", \"logicalType\": \"decimal\", \"precision\": 18, \"scale\": 2}"
            + " | DECIMAL(18, 2) NOT NULL",
        "{\"type\": \"fixed\", \"name\": \"F\", \"size\": 16, \"logicalType\": \"decimal\","
            + " \"precision\": 38} | DECIMAL(38, 0) NOT NULL",
        "{\"type\": \"int\", \"logicalType\": \"date\"} | DATE NOT NULL",
        "{\"type\": \"int\", \"logicalType\": \"time-millis\"} | TIME(3) NOT NULL",
        "{\"type\": \"long\", \"logicalType\": \"time-micros\"} | TIME(6) NOT NULL",
        "{\"type\": \"long\", \"logicalType\": \"timestamp-millis\"} | TIMESTAMP(3) NOT NULL",
        "{\"type\": \"long\", \"logicalType\": \"timestamp-micros\"} | TIMESTAMP(6) NOT NULL",
        "{\"type\": \"long\", \"logicalType\": \"local-timestamp-millis\"} | TIMESTAMP(3) NOT NULL",
        "{\"type\": \"long\", \"logicalType\": \"local-timestamp-micros\"} | TIMESTAMP(6) NOT NULL",
        "{\"type\": \"array\", \"items\": [\"null\", \"int\"]} | ARRAY<INT> NOT NULL",
        "{\"type\": \"map\", \"values\": \"long\"} | MAP<STRING NOT NULL, BIGINT NOT NULL> NOT NULL",
        "[\"null\", {\"type\": \"record\", \"name\": \"R\","
            + " \"fields\": [{\"name\": \"a\", \"type\": \"int\"}]}] | ROW<`a` INT NOT NULL>"
      })
  void anAvroTypeHasOneFlinkType(String avro, String flink) {
    RowType row = ContractTypes.rowType(record(avro));

    assertThat(row.getTypeAt(0).asSerializableString().replace("VARCHAR(2147483647)", "STRING"))
        .isEqualTo(flink.replace("BYTES", "VARBINARY(2147483647)"));
    assertThat(row.isNullable()).isFalse();
  }

  @Test
  void fieldsKeepTheirOrder() {
    Schema schema =
        new Schema.Parser()
            .parse(
                """
                {"type": "record", "name": "R", "fields": [
                  {"name": "b", "type": "int"}, {"name": "a", "type": "int"}]}
                """);

    assertThat(ContractTypes.rowType(schema).getFieldNames()).containsExactly("b", "a");
  }

  @Test
  void everyFieldWithoutAFlinkTypeIsNamed() {
    Schema schema =
        new Schema.Parser()
            .parse(
                """
                {"type": "record", "name": "Order", "fields": [
                  {"name": "either", "type": ["int", "string"]},
                  {"name": "none", "type": "null"},
                  {"name": "self", "type": ["null", "Order"]},
                  {"name": "big", "type": {"type": "bytes", "logicalType": "decimal", "precision": 50}},
                  {"name": "day", "type": {"type": "string", "logicalType": "date"}},
                  {"name": "inner", "type": {"type": "array", "items": {"type": "record", "name": "Inner",
                    "fields": [{"name": "nanos", "type": {"type": "long", "logicalType": "timestamp-nanos"}}]}}},
                  {"name": "empty", "type": {"type": "record", "name": "Empty", "fields": []}}
                ]}
                """);

    assertThatThrownBy(() -> ContractTypes.rowType(schema))
        .isInstanceOf(InvalidConfigurationException.class)
        .extracting(thrown -> messages((InvalidConfigurationException) thrown))
        .isEqualTo(
            List.of(
                "Order: field either: found the union [int, string],"
                    + " expected a union of null and one type."
                    + " Use one type per field, or a record with one nullable field per type.",
                "Order: field none: found null, expected a type."
                    + " Name the type: [\"null\", \"string\"].",
                "Order: field self: found record Order inside itself,"
                    + " expected a type of known depth. Flatten it, or carry it as a string.",
                "Order: field big: found decimal of precision 50,"
                    + " expected a precision of at most 38. Lower the precision.",
                "Order: field day: found logicalType date on string, expected a logical type of"
                    + " Avro with at most microseconds, on the type it is made for."
                    + " Correct the logicalType, its precision and its scale.",
                "Order: field inner[].nanos: found logicalType timestamp-nanos on long, expected a"
                    + " logical type of Avro with at most microseconds, on the type it is made"
                    + " for. Correct the logicalType, its precision and its scale.",
                "Order: field empty: found record Empty without fields, expected fields."
                    + " Add a field."));
  }

  @Test
  void aContractThatIsNoRecordIsRefused() {
    assertThatThrownBy(() -> ContractTypes.rowType(Schema.create(Schema.Type.STRING)))
        .hasMessage(
            "The contract string cannot be used, 1 problem:\n"
                + "  - string: type: found string, expected record."
                + " Wrap the fields of an event in a record.");
  }

  private static List<String> messages(InvalidConfigurationException thrown) {
    return thrown.problems().stream().map(Problem::toString).toList();
  }

  private static Schema record(String type) {
    return new Schema.Parser()
        .parse(
            """
            {"type": "record", "name": "Event", "fields": [{"name": "field", "type": %s}]}
            """
                .formatted(type));
  }
}
