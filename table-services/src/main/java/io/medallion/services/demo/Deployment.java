package io.medallion.services.demo;

import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** The option that says as how many jobs a pipeline runs. */
public final class Deployment {
  @Option(
      names = "--fused",
      description =
          "One job with one checkpoint for all layers, instead of three: fresher, but it starts, stops and scales as one.")
  private boolean fused;

  public boolean fused() {
    return fused;
  }

  /** The jobs' jars, in the order of the data. */
  public List<Path> jars(Installation installation) {
    return fused ? List.of(installation.fusedJar()) : installation.jobJars();
  }
}
