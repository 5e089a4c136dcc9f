package io.medallion.services.report;

import io.medallion.services.Ages;
import io.medallion.services.status.PipelineStatus;
import io.medallion.services.status.StatusText;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * One HTML page that needs nothing else: styles, scripts and data are in it, and its security
 * policy lets a browser run these scripts alone and ask for nothing.
 */
final class WritePage {
  private static final Pattern PLACE = Pattern.compile("\\$\\{(\\w+)}");
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("d MMM uuuu, HH:mm:ss 'UTC'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  private static final String WEBJAR = "META-INF/maven/org.webjars/echarts/pom.properties";
  private static final String ECHARTS =
      "META-INF/resources/webjars/echarts/%s/echarts.common.min.js";

  private WritePage() {}

  /**
   * @param status of the moment when the tables were read
   */
  static String of(PipelineStatus status, History history, List<Plot> plots) {
    String echarts = echarts();
    String script = resource("report.js");
    Map<String, String> values = new HashMap<>();
    values.put(
        "policy",
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src %s %s"
            .formatted(hash(echarts), hash(script)));
    values.put("pipeline", escape(status.pipeline()));
    values.put("state", status.state().label());
    values.put("made", TIME.format(status.now()));
    values.put("time", escape(time(history)));
    values.put("objective", escape(Ages.of(status.objective())));
    values.put("layers", table(StatusText.layers(status)));
    values.put("notes", notes(StatusText.notes(status)));
    values.put("plots", plots.stream().map(WritePage::section).collect(Collectors.joining()));
    values.put("most", String.valueOf(LimitPoints.MOST));
    values.put("style", resource("report.css"));
    values.put("data", PlotsJson.of(plots));
    values.put("echarts", echarts);
    values.put("script", script);
    return fill(resource("report.html"), values);
  }

  private static String time(History history) {
    Instant begin = history.begin();
    return "%,d commits of %s, the first at %s"
        .formatted(
            history.commits(), Ages.of(Duration.between(begin, history.to())), TIME.format(begin));
  }

  private static String section(Plot plot) {
    Map<String, String> values = new HashMap<>();
    values.put("id", plot.id());
    values.put("title", escape(plot.title()));
    values.put("says", escape(plot.says()));
    values.put("summary", escape(plot.summary()));
    values.put(
        "chart",
        plot.isEmpty()
            ? "<p class=\"nothing\">Nothing to draw yet.</p>"
            : "<div class=\"chart\" id=\"%s\" role=\"img\"></div>".formatted(plot.id()));
    values.put("figures", plot.figures().size() > 1 ? table(plot.figures()) : "");
    return fill(resource("plot.html"), values);
  }

  /** The first cell of a row names it. */
  private static String table(List<List<String>> rows) {
    List<String> head = rows.get(0);
    StringBuilder html = new StringBuilder("<table>\n<thead><tr>");
    head.forEach(name -> html.append("<th scope=\"col\">").append(escape(name)).append("</th>"));
    html.append("</tr></thead>\n<tbody>\n");
    for (List<String> row : rows.subList(1, rows.size())) {
      html.append("<tr><th scope=\"row\">").append(escape(row.get(0))).append("</th>");
      for (int i = 1; i < row.size(); i++) {
        html.append("<td data-name=\"%s\">".formatted(escape(head.get(i))))
            .append(escape(row.get(i)))
            .append("</td>");
      }
      html.append("</tr>\n");
    }
    return html.append("</tbody>\n</table>").toString();
  }

  private static String notes(List<String> notes) {
    return notes.isEmpty()
        ? ""
        : notes.stream()
            .map(note -> "<li>" + escape(note) + "</li>")
            .collect(Collectors.joining("\n", "<ul class=\"notes\">\n", "\n</ul>"));
  }

  /** What is filled in is not looked at again. */
  private static String fill(String template, Map<String, String> values) {
    List<String> missing = new ArrayList<>();
    String filled =
        PLACE
            .matcher(template)
            .replaceAll(
                place -> {
                  String value = values.get(place.group(1));
                  if (value == null) {
                    missing.add(place.group());
                    return "";
                  }
                  return Matcher.quoteReplacement(value);
                });
    if (!missing.isEmpty()) {
      throw new IllegalStateException("Nothing to fill in for " + missing);
    }
    return filled;
  }

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  /** As a policy names a script that may run. */
  private static String hash(String script) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
      return "'sha256-%s'".formatted(Base64.getEncoder().encodeToString(digest));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** The webjar's folder has its version. */
  static String echarts() {
    Properties webjar = new Properties();
    try (InputStream in =
        open(WritePage.class.getClassLoader().getResourceAsStream(WEBJAR), WEBJAR)) {
      webjar.load(in);
    } catch (IOException failure) {
      throw new UncheckedIOException("Could not read " + WEBJAR, failure);
    }
    String path = ECHARTS.formatted(webjar.getProperty("version"));
    return text(WritePage.class.getClassLoader().getResourceAsStream(path), path);
  }

  private static String resource(String name) {
    return text(WritePage.class.getResourceAsStream(name), name);
  }

  private static String text(InputStream resource, String name) {
    try (InputStream in = open(resource, name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException failure) {
      throw new UncheckedIOException("Could not read " + name, failure);
    }
  }

  private static InputStream open(InputStream resource, String name) {
    if (resource == null) {
      throw new IllegalStateException("There is no %s on the class path".formatted(name));
    }
    return resource;
  }
}
