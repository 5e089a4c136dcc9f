package io.medallion.schemas;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;

/**
 * Reads how a payload is read: {@code source.format}, and the keys that only one format has. A
 * value with a problem reads as JSON, so reading goes on.
 */
final class ReadFormat {
  static final String JSON = "json";
  private static final String AVRO = "avro";
  private static final String AVRO_REGISTRY = "avro-registry";
  private static final String AVRO_SINGLE_OBJECT = "avro-single-object";
  static final List<String> NAMES = List.of(JSON, AVRO, AVRO_REGISTRY, AVRO_SINGLE_OBJECT);

  private static final String REGISTRY = "registry";
  private static final String SCHEMAS = "schemas";

  private final Section source;
  private final PipelineFiles files;
  private final Optional<Contract> contract;
  private final Map<String, String> environment;

  private ReadFormat(
      Section source,
      PipelineFiles files,
      Optional<Contract> contract,
      Map<String, String> environment) {
    this.source = source;
    this.files = files;
    this.contract = contract;
    this.environment = environment;
  }

  static PayloadFormat read(
      Section source,
      PipelineFiles files,
      Optional<Contract> contract,
      Map<String, String> environment) {
    return new ReadFormat(source, files, contract, environment).read();
  }

  private PayloadFormat read() {
    String expected = "one of " + String.join(", ", NAMES);
    String format = source.text("format", expected, "format: json").orElse(JSON);
    if (!NAMES.contains(format)) {
      source.problem(
          "format",
          format,
          expected,
          NearestWord.of(format, NAMES)
              .map(nearest -> "Did you mean " + nearest + "?")
              .orElse("Write what the producers of the topics write."));
      return new PayloadFormat.Json();
    }
    refuseUnless(format.equals(AVRO_REGISTRY), REGISTRY, format, AVRO_REGISTRY);
    refuseUnless(format.equals(AVRO_SINGLE_OBJECT), SCHEMAS, format, AVRO_SINGLE_OBJECT);
    return switch (format) {
      case AVRO -> new PayloadFormat.AvroBinary();
      case AVRO_REGISTRY ->
          source
              .requiredSection(
                  REGISTRY,
                  "where the writers' schemas are",
                  "registry: { url: ${SCHEMA_REGISTRY_URL} }")
              .flatMap(this::registry)
              .<PayloadFormat>map(PayloadFormat.AvroRegistry::new)
              .orElse(new PayloadFormat.Json());
      case AVRO_SINGLE_OBJECT -> new PayloadFormat.AvroSingleObject(schemas());
      default -> new PayloadFormat.Json();
    };
  }

  private void refuseUnless(boolean belongs, String key, String format, String owner) {
    if (!belongs && source.has(key)) {
      source.problem(
          key,
          "a key of format " + owner + " beside format " + format,
          "the keys of format " + format,
          "Remove it, or write format: " + owner + ".");
    }
  }

  private Optional<SchemaRegistry> registry(Section registry) {
    registry.onlyKeys(PipelineKeys.REGISTRY);
    Variables variables = new Variables(registry, environment);
    Optional<String> url =
        registry
            .required("url", "the registry's address", "url: ${SCHEMA_REGISTRY_URL}")
            .flatMap(text -> url(registry, text, variables));
    String user = login(registry, "user", "password", variables);
    String password = login(registry, "password", "user", variables);
    return url.map(address -> new SchemaRegistry(address, user, password));
  }

  /** User and password stand together, or neither does. */
  private static String login(Section registry, String key, String other, Variables variables) {
    if (registry.has(other) && !registry.has(key)) {
      registry.problem(
          key,
          "nothing",
          "user and password of basic authentication",
          "Add " + key + ": ${NAME}, or remove " + other + ".");
    }
    return registry
        .text(key, "the " + key + " of basic authentication", key + ": ${NAME}")
        .map(text -> variables.resolve(key, text))
        .orElse("");
  }

  /** An address that holds no secret: it is part of messages. */
  private static Optional<String> url(Section registry, String written, Variables variables) {
    int before = registry.problems().count();
    String resolved = variables.resolve("url", written);
    if (registry.problems().count() > before) {
      return Optional.empty();
    }
    try {
      URI uri = new URI(resolved);
      if (uri.getRawUserInfo() != null) {
        registry.problem(
            "url",
            "an address with a user in it",
            "an address that may be shown",
            "Write the keys user and password.");
        return Optional.empty();
      }
      boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (web && uri.getHost() != null && uri.getQuery() == null && uri.getFragment() == null) {
        return Optional.of(resolved.replaceAll("/+$", ""));
      }
    } catch (URISyntaxException malformed) {
      // Said below: its message would show the address.
    }
    registry.problem(
        "url",
        (written.contains("@") ? "a text" : written) + ", which is no such address",
        "an http or https address",
        "Write for example https://registry.example.com:8081; Apicurio's ends in /apis/ccompat/v7.");
    return Optional.empty();
  }

  private List<Schema> schemas() {
    Optional<String> folder =
        source.text(SCHEMAS, "a folder of .avsc files", "schemas: " + SCHEMAS + "/");
    if (folder.isEmpty()) {
      return List.of();
    }
    List<Schema> schemas = new ArrayList<>();
    Map<Long, Schema> byFingerprint = new HashMap<>();
    contract.ifPresent(
        own ->
            byFingerprint.put(
                SchemaNormalization.parsingFingerprint64(own.schema()), own.schema()));
    for (String file : files.list(source, SCHEMAS, folder.get(), ".avsc")) {
      files
          .read(source, SCHEMAS, file)
          .flatMap(text -> ParseSchema.parse(text, file, source, SCHEMAS))
          .ifPresent(
              schema -> {
                refuseAmbiguous(schema, file, byFingerprint);
                schemas.add(schema);
              });
    }
    return schemas;
  }

  /** A fingerprint says nothing of logical types: decimals of two scales would be read as one. */
  private void refuseAmbiguous(Schema schema, String file, Map<Long, Schema> byFingerprint) {
    Schema other =
        byFingerprint.putIfAbsent(SchemaNormalization.parsingFingerprint64(schema), schema);
    if (other != null && !other.equals(schema)) {
      source
          .problems()
          .add(
              file,
              source.path(SCHEMAS),
              "the fingerprint of another schema, the contract or a file before it, which is not equal",
              "schemas that their fingerprints tell apart",
              "Keep the one that the events were written with.");
    }
  }
}
