package io.medallion.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.apache.avro.Schema;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PayloadFormatTest {
  private static final String OLDER =
      """
      {"type": "record", "name": "Order", "fields": [{"name": "id", "type": "string"}]}
      """;

  @TempDir private Path folder;
  private OrdersFolder orders;

  @BeforeEach
  void aFolderThatLoads() {
    orders = new OrdersFolder(folder);
    assertThat(orders.problems()).isEmpty();
  }

  @Test
  void eventsAreJsonUnlessTheFolderSaysOtherwise() {
    assertThat(orders.yaml("  format: json\n", "").load().source().format())
        .isEqualTo(new PayloadFormat.Json());
  }

  @Test
  void avroIsWrittenWithTheContract() {
    assertThat(format("format: avro")).isEqualTo(new PayloadFormat.AvroBinary());
  }

  @Test
  void aRegistryIsAnAddressAndPerhapsAUser() {
    assertThat(format("format: avro-registry\n  registry: { url: 'http://registry:8081/' }"))
        .isEqualTo(
            new PayloadFormat.AvroRegistry(new SchemaRegistry("http://registry:8081", "", "")));
  }

  @Test
  void aPasswordComesFromTheEnvironmentAndIsNeverPrinted() {
    orders.yaml(
        "format: json",
        "format: avro-registry\n  registry: { url: 'https://${BROKERS}/apis/ccompat/v7', user: me,"
            + " password: '${SECRET}' }");

    SourceDefinition source = orders.load().source();

    assertThat(source.format())
        .isEqualTo(
            new PayloadFormat.AvroRegistry(
                new SchemaRegistry("https://broker:9092/apis/ccompat/v7", "me", "hunter2")));
    assertThat(source.toString()).doesNotContain("hunter2");
  }

  @Test
  void theSchemasOfAFolderAreReadInTheOrderOfTheirNames() {
    orders
        .file("schemas/b.avsc", OLDER.replace("id", "b"))
        .file("schemas/a.avsc", OLDER)
        .file("schemas/README.md", "not a schema");

    assertThat(format("format: avro-single-object\n  schemas: schemas/"))
        .isEqualTo(
            new PayloadFormat.AvroSingleObject(
                List.of(
                    new Schema.Parser().parse(OLDER),
                    new Schema.Parser().parse(OLDER.replace("id", "b")))));
  }

  @Test
  void singleObjectsMayAllBeWrittenWithTheContract() {
    assertThat(format("format: avro-single-object"))
        .isEqualTo(new PayloadFormat.AvroSingleObject(List.of()));
  }

  @Test
  void anUnknownFormatIsRefused() {
    assertThat(orders.yaml("format: json", "format: avro-registy").problems())
        .containsExactly(
            "pipeline.yaml:5: source.format: found avro-registy,"
                + " expected one of json, avro, avro-registry, avro-single-object."
                + " Did you mean avro-registry?");
    assertThat(new OrdersFolder(folder).yaml("format: json", "format: protobuf").problems())
        .containsExactly(
            "pipeline.yaml:5: source.format: found protobuf,"
                + " expected one of json, avro, avro-registry, avro-single-object."
                + " Write what the producers of the topics write.");
  }

  @Test
  void aKeyOfAnotherFormatIsRefused() {
    orders.yaml(
        "format: json", "format: avro\n  registry: { url: http://registry }\n  schemas: schemas");

    assertThat(orders.problems())
        .containsExactly(
            "pipeline.yaml:6: source.registry: found a key of format avro-registry beside format avro,"
                + " expected the keys of format avro. Remove it, or write format: avro-registry.",
            "pipeline.yaml:7: source.schemas: found a key of format avro-single-object beside format avro,"
                + " expected the keys of format avro. Remove it, or write format: avro-single-object.");
  }

  @Test
  void aRegistryIsRequiredWithItsFormat() {
    assertThat(orders.yaml("format: json", "format: avro-registry").problems())
        .containsExactly(
            "pipeline.yaml:4: source.registry: found nothing, expected where the writers' schemas are."
                + " Add for example registry: { url: ${SCHEMA_REGISTRY_URL} }.");
  }

  @Test
  void aRegistryNeedsAnAddressAndNoOtherKeys() {
    assertThat(registry("{ uri: 'http://registry' }").problems())
        .containsExactly(
            "pipeline.yaml:6: source.registry.uri: found an unknown key,"
                + " expected one of url, user, password. Did you mean url?",
            "pipeline.yaml:6: source.registry.url: found nothing, expected the registry's address."
                + " Add for example url: ${SCHEMA_REGISTRY_URL}.");
  }

  @ParameterizedTest
  @CsvSource({
    "registry:8081",
    "ftp://registry",
    "http://",
    "http:///path",
    "http://regis try",
    "http://registry?x=y",
    "http://registry#x",
    "${BROKERS}"
  })
  void anAddressThatCannotBeAskedIsRefused(String url) {
    assertThat(registry("{ url: '" + url + "' }").problems())
        .containsExactly(
            "pipeline.yaml:6: source.registry.url: found "
                + url
                + ", which is no such address, expected an http or https address."
                + " Write for example https://registry.example.com:8081;"
                + " Apicurio's ends in /apis/ccompat/v7.");
  }

  @Test
  void aUserInTheAddressIsRefusedAndNotShown() {
    assertThat(registry("{ url: 'http://me:hunter2@registry' }").problems())
        .containsExactly(
            "pipeline.yaml:6: source.registry.url: found an address with a user in it,"
                + " expected an address that may be shown. Write the keys user and password.");
    assertThat(registry("{ url: 'http://me:hunt er2@registry' }").problems())
        .containsExactly(
            "pipeline.yaml:6: source.registry.url: found a text, which is no such address,"
                + " expected an http or https address."
                + " Write for example https://registry.example.com:8081;"
                + " Apicurio's ends in /apis/ccompat/v7.");
  }

  @Test
  void anUnsetVariableIsNamedOnce() {
    assertThat(registry("{ url: '${NOWHERE}' }").problems())
        .containsExactly(
            "pipeline.yaml:6: source.registry.url: found ${NOWHERE}, which is not set,"
                + " expected an environment variable. Set it: export NOWHERE=...");
  }

  @Test
  void aUserWithoutAPasswordIsRefusedAndTheOtherWayRound() {
    assertThat(registry("{ url: 'http://registry', user: me }").problems())
        .containsExactly(
            "pipeline.yaml:6: source.registry.password: found nothing,"
                + " expected user and password of basic authentication."
                + " Add password: ${NAME}, or remove user.");
    assertThat(registry("{ url: 'http://registry', password: '${SECRET}' }").problems())
        .containsExactly(
            "pipeline.yaml:6: source.registry.user: found nothing,"
                + " expected user and password of basic authentication."
                + " Add user: ${NAME}, or remove password.");
  }

  @Test
  void aFolderOfSchemasMustBeThere() {
    assertThat(singleObject().problems())
        .containsExactly(
            "pipeline.yaml:6: source.schemas: found schemas/, which is not there,"
                + " expected a folder with files *.avsc."
                + " Add the folder to the pipeline folder or correct its name.");
  }

  @Test
  void aFolderOfSchemasMustHoldSome() {
    assertThat(singleObject().file("schemas/order.json", "{}").problems())
        .containsExactly(
            "pipeline.yaml:6: source.schemas: found schemas/, which has none,"
                + " expected a folder with files *.avsc. Add the files, or remove schemas.");
  }

  @Test
  void aFileIsNoFolderOfSchemas() {
    assertThat(
            orders
                .yaml("format: json", "format: avro-single-object\n  schemas: order.avsc")
                .problems())
        .containsExactly(
            "pipeline.yaml:6: source.schemas: found order.avsc, a file,"
                + " expected a folder with files *.avsc."
                + " Add the folder to the pipeline folder or correct its name.");
  }

  @Test
  void schemasStayInsideThePipelineFolder() {
    assertThat(
            orders
                .yaml("format: json", "format: avro-single-object\n  schemas: ../schemas")
                .problems())
        .containsExactly(
            "pipeline.yaml:6: source.schemas: found ../schemas,"
                + " expected a path inside the pipeline folder."
                + " Copy the file into the folder and name it relative to pipeline.yaml.");
  }

  @Test
  void everyFileThatIsNoSchemaIsNamed() {
    singleObject()
        .file("schemas/a.avsc", "{\n\"type\"")
        .file("schemas/b.avsc", OLDER.replace("string", "text"))
        .file("schemas/c.avsc", "\"Order\"");

    assertThat(orders.problems())
        .containsExactly(
            "schemas/a.avsc: source.schemas: found a file that is not an Avro schema (line 2:"
                + " Unexpected end-of-input within/between Object entries),"
                + " expected an Avro record in JSON. Correct the schema.",
            "schemas/b.avsc: source.schemas: found a file that is not an Avro schema"
                + " (Undefined schema: text), expected an Avro record in JSON. Correct the schema.",
            "schemas/c.avsc: source.schemas: found a file that is not an Avro schema"
                + " (a name that is defined nowhere), expected an Avro record in JSON."
                + " Correct the schema.");
  }

  @Test
  void schemasThatFingerprintsDoNotTellApartAreRefused() {
    String price =
        """
        {"type": "record", "name": "Order", "fields": [{"name": "price",
          "type": {"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 2}}]}
        """;
    singleObject()
        .file("schemas/a.avsc", price)
        .file("schemas/b.avsc", price)
        .file("schemas/c.avsc", price.replace("\"scale\": 2", "\"scale\": 4"));

    assertThat(orders.problems())
        .containsExactly(
            "schemas/c.avsc: source.schemas:"
                + " found the fingerprint of another schema, the contract or a file before it,"
                + " which is not equal, expected schemas that their fingerprints tell apart."
                + " Keep the one that the events were written with.");
  }

  private PayloadFormat format(String yaml) {
    return orders.yaml("format: json", yaml).load().source().format();
  }

  private OrdersFolder registry(String registry) {
    return new OrdersFolder(folder)
        .yaml("format: json", "format: avro-registry\n  registry: " + registry);
  }

  private OrdersFolder singleObject() {
    return orders.yaml("format: json", "format: avro-single-object\n  schemas: schemas/");
  }
}
