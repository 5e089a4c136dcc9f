package io.medallion.testing;

import io.medallion.io.Job;
import io.medallion.io.Lakehouse;
import io.medallion.schemas.PipelineDefinition;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.java.typeutils.runtime.kryo.KryoSerializer;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.runtime.jobgraph.JobVertex;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamEdge;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.streaming.api.graph.StreamNode;

/** The graph of a job, drawn and not run. */
public final class DrawnJob {
  private final StreamGraph graph;

  /**
   * Draws a job of parallelism 2.
   *
   * @param folder where the job creates its tables
   */
  public DrawnJob(Job job, PipelineDefinition pipeline, Path folder) throws Exception {
    Configuration conf = new Configuration();
    conf.set(CoreOptions.DEFAULT_PARALLELISM, 2);
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(conf);
    job.graph().define(env, pipeline, new Lakehouse(folder.toUri().toString(), pipeline.name()));
    graph = env.getStreamGraph();
  }

  /** The uids of all operators; of one without, its name and that it has none. */
  public List<String> uids() {
    return graph.getStreamNodes().stream()
        .map(
            node ->
                Optional.ofNullable(node.getTransformationUID())
                    .orElse(node.getOperatorName() + " has no uid"))
        .toList();
  }

  /** The names of all tasks, each of the operators that run in one thread, as Flink shows them. */
  public List<String> tasks() {
    return StreamSupport.stream(graph.getJobGraph().getVertices().spliterator(), false)
        .map(JobVertex::getName)
        .toList();
  }

  /** The uids of the operators whose records Kryo carries to the next. */
  public List<String> emittingWithKryo() {
    return graph.getStreamNodes().stream()
        .filter(node -> !node.getOutEdges().isEmpty())
        .filter(node -> types(node).anyMatch(KryoSerializer.class::isInstance))
        .map(StreamNode::getTransformationUID)
        .toList();
  }

  /** Of the main output and of those to the side. */
  private static Stream<TypeSerializer<?>> types(StreamNode node) {
    return Stream.concat(
        Stream.of(node.getTypeSerializerOut()),
        node.getOutEdges().stream()
            .map(StreamEdge::getOutputTag)
            .filter(tag -> tag != null)
            .<TypeInformation<?>>map(tag -> tag.getTypeInfo())
            .map(type -> type.createSerializer(new ExecutionConfig().getSerializerConfig())));
  }
}
