package io.medallion.io;

import io.medallion.io.CommitCoordinator.OpenTimeline;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import javax.annotation.Nullable;
import org.apache.flink.metrics.groups.OperatorCoordinatorMetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.runtime.operators.coordination.CoordinatorStore;
import org.apache.flink.runtime.operators.coordination.CoordinatorStoreImpl;
import org.apache.flink.runtime.operators.coordination.MockOperatorCoordinatorContext;
import org.apache.flink.shaded.guava31.com.google.common.util.concurrent.MoreExecutors;

/** Runs a table's coordinator, each step of it at once: the test says what happens next. */
final class JobManager implements AutoCloseable {
  /** Nobody renews a name behind the test's back. */
  static final Duration NO_RENEWAL = Duration.ofHours(1);

  private final Context context;
  private final CommitCoordinator coordinator;

  /**
   * @param table qualified name
   * @param job id; the name is made of it
   */
  JobManager(String table, String job, OpenTimeline timeline, Duration renewal) {
    this(new Context(table, job, new CoordinatorStoreImpl()), null, timeline, renewal);
  }

  private JobManager(
      Context context, @Nullable String behind, OpenTimeline timeline, Duration renewal) {
    this.context = context;
    coordinator =
        new CommitCoordinator(
            context,
            "numbers",
            context.table,
            behind,
            timeline,
            renewal,
            MoreExecutors.newDirectExecutorService());
    coordinator.start();
  }

  /** Of the same job, for a table that is made of this one. */
  JobManager ofTableBehind(String table, OpenTimeline timeline) {
    return new JobManager(
        new Context(table, context.job, context.store), context.table, timeline, NO_RENEWAL);
  }

  CommitCoordinator coordinator() {
    return coordinator;
  }

  /** Why the coordinator has failed the job, the first time. */
  Optional<Throwable> failure() {
    return Optional.ofNullable(context.failure);
  }

  /** Fails the test when the coordinator has failed the job. */
  void check() {
    failure()
        .ifPresent(
            failure -> {
              throw new AssertionError("The coordinator failed the job", failure);
            });
  }

  @Override
  public void close() throws Exception {
    coordinator.close();
  }

  private static final class Context extends MockOperatorCoordinatorContext {
    private final String table;
    private final String job;
    private final CoordinatorStore store;
    private Throwable failure;

    Context(String table, String job, CoordinatorStore store) {
      super(CommitLine.operatorId(CommitLine.uid(table)), 1);
      this.table = table;
      this.job = job;
      this.store = store;
    }

    @Override
    public CoordinatorStore getCoordinatorStore() {
      return store;
    }

    @Override
    public void failJob(Throwable cause) {
      if (failure == null) {
        failure = cause;
      }
    }

    @Override
    public OperatorCoordinatorMetricGroup metricGroup() {
      return new Metrics(job);
    }
  }

  private static final class Metrics extends UnregisteredMetricsGroup
      implements OperatorCoordinatorMetricGroup {
    private final String job;

    Metrics(String job) {
      this.job = job;
    }

    @Override
    public Map<String, String> getAllVariables() {
      return Map.of("<job_id>", job, "<job_name>", "job " + job);
    }
  }
}
