package io.medallion.docker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class SecretsTest {
  private static final Pattern SECRET_KEY =
      Pattern.compile("(?i)(password|passwd|secret|token|api_?key|jaas|credential)");
  private static final Pattern SECRET_VALUE =
      Pattern.compile("AKIA[0-9A-Z]{16}|-----BEGIN|(?i)password\\s*=|://[^/:@]+:[^/:@]+@");
  private static final Pattern FROM_ENVIRONMENT = Pattern.compile("\\$\\{[A-Z_]+}");

  @Test
  void noFileHoldsASecret() {
    List<String> files = Repository.filesBelow("docker", ".yaml", ".json");
    assertThat(files).contains("docker/compose.yaml", "docker/kubernetes/ingest-bronze.yaml");

    Map<String, String> suspicious = new LinkedHashMap<>();
    for (String file : files) {
      Repository.scalars(Repository.yaml(file))
          .forEach(
              (path, value) -> {
                if (looksLikeASecret(path, value)) {
                  suspicious.put(file + ": " + path, value);
                }
              });
    }

    assertThat(suspicious).isEmpty();
  }

  @Test
  void aPasswordWouldBeFound() {
    assertThat(looksLikeASecret("services.grafana.environment.GF_SECURITY_ADMIN_PASSWORD", "admin"))
        .isTrue();
    assertThat(looksLikeASecret("a.PASSWORD", "${GRAFANA_PASSWORD}")).isFalse();
    assertThat(looksLikeASecret("a.url", "http://user:pass@host/")).isTrue();
  }

  private static boolean looksLikeASecret(String path, String value) {
    boolean namesASecret =
        SECRET_KEY.matcher(path).find()
            // The name of a Kubernetes secret, and whether it must exist, are no secret.
            && !path.matches(".*\\.secretRef\\.(name|optional)")
            && !FROM_ENVIRONMENT.matcher(value).matches();
    return namesASecret || SECRET_VALUE.matcher(value).find();
  }
}
