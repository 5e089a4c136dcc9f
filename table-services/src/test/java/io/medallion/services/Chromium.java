package io.medallion.services;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * A headless Chromium (Debian: chromium) with one page, spoken to by the DevTools protocol. The
 * protocol is a WebSocket of JSON, so it needs no driver and no library beside the JDK's client.
 */
public final class Chromium implements AutoCloseable {
  public static final Path PROGRAM = Path.of("/usr/bin/chromium");

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Process process;
  private final WebSocket page;
  private final AtomicInteger asked = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
  private final List<String> complaints = new CopyOnWriteArrayList<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();

  /**
   * @param folder for its profile
   */
  public Chromium(Path folder) throws IOException {
    Path profile = folder.resolve("chromium");
    process =
        new ProcessBuilder(
                PROGRAM.toString(),
                "--headless=new",
                // Root may not have one; what is opened here is ours.
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "about:blank")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("chromium.log").toFile())
            .start();
    try {
      page = connect(profile.resolve("DevToolsActivePort"));
      for (String events : List.of("Page", "Runtime", "Log", "Network")) {
        ask(events + ".enable", Map.of());
      }
    } catch (RuntimeException failure) {
      process.destroyForcibly();
      throw failure;
    }
  }

  private WebSocket connect(Path portFile) {
    HttpClient client = HttpClient.newHttpClient();
    String address =
        await()
            .atMost(PATIENCE)
            .ignoreExceptions()
            .until(() -> pageAddress(client, portFile), found -> !found.isEmpty());
    return client
        .newWebSocketBuilder()
        .buildAsync(URI.create(address), new Listener())
        .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
        .join();
  }

  private static String pageAddress(HttpClient client, Path portFile)
      throws IOException, InterruptedException {
    URI list =
        URI.create("http://127.0.0.1:%s/json/list".formatted(Files.readAllLines(portFile).get(0)));
    String targets =
        client
            .send(HttpRequest.newBuilder(list).build(), HttpResponse.BodyHandlers.ofString())
            .body();
    for (JsonNode target : JSON.readTree(targets)) {
      if (target.get("type").textValue().equals("page")) {
        return target.get("webSocketDebuggerUrl").textValue();
      }
    }
    return "";
  }

  /** Opens a page and waits until it has been drawn; what it asks for then may be missing. */
  public void open(URI page) {
    ask("Page.navigate", Map.of("url", page.toString()));
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                evaluate("document.readyState").textValue().equals("complete")
                    && evaluate("location.href").textValue().startsWith(page.toString()));
    awaitFrames();
  }

  /** Waits until what is to be read on a page that fills itself is as expected. */
  public void awaitText(Consumer<String> expected) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> expected.accept(evaluate("document.body.innerText").textValue()));
    awaitFrames();
  }

  /** As a window of this width in CSS pixels, with the colours that its user prefers. */
  public void show(int width, int height, boolean dark) {
    ask(
        "Emulation.setEmulatedMedia",
        Map.of(
            "features",
            List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
    ask(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 700));
    awaitFrames();
  }

  /** What follows a change of size or colours is drawn within two frames. */
  private void awaitFrames() {
    evaluate(
        "new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(drawn, 50))))");
  }

  /** The value of an expression of JavaScript, of what it promises. */
  public JsonNode evaluate(String expression) {
    JsonNode answer =
        ask(
            "Runtime.evaluate",
            Map.of("expression", expression, "returnByValue", true, "awaitPromise", true));
    if (answer.has("exceptionDetails")) {
      throw new IllegalStateException(answer.get("exceptionDetails").toString());
    }
    return answer.get("result").path("value");
  }

  /** A PNG of the whole page. */
  public byte[] picture() {
    return Base64.getDecoder()
        .decode(
            ask("Page.captureScreenshot", Map.of("format", "png", "captureBeyondViewport", true))
                .get("data")
                .textValue());
  }

  /** What the page said on the console, and what was thrown. */
  public List<String> complaints() {
    return List.copyOf(complaints);
  }

  /** The addresses that were asked for. */
  public List<String> requests() {
    return List.copyOf(requests);
  }

  private JsonNode ask(String method, Map<String, Object> parameters) {
    int id = asked.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    answers.put(id, answer);
    ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
    message.set("params", JSON.valueToTree(parameters));
    page.sendText(message.toString(), true).join();
    JsonNode answered = answer.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    if (answered.has("error")) {
      throw new IllegalStateException(method + ": " + answered.get("error"));
    }
    return answered.get("result");
  }

  private void hear(JsonNode message) {
    if (message.has("id")) {
      answers.remove(message.get("id").intValue()).complete(message);
      return;
    }
    JsonNode parameters = message.get("params");
    switch (message.get("method").textValue()) {
      case "Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded" ->
          complaints.add(parameters.toString());
      case "Network.requestWillBeSent" ->
          requests.add(parameters.get("request").get("url").textValue());
      default -> {}
    }
  }

  /** Puts messages together that come in parts. */
  private final class Listener implements WebSocket.Listener {
    private final StringBuilder parts = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
      parts.append(part);
      if (last) {
        String message = parts.toString();
        parts.setLength(0);
        try {
          hear(JSON.readTree(message));
        } catch (IOException notJson) {
          complaints.add(notJson.toString());
        }
      }
      socket.request(1);
      return null;
    }
  }

  @Override
  public void close() throws InterruptedException {
    page.abort();
    List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
    process.destroy();
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
    all.forEach(ProcessHandle::destroyForcibly);
    process.waitFor();
  }
}
