package io.medallion.io;

import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.TableDefinition.Writing;
import java.io.IOException;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import javax.annotation.Nullable;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.types.logical.BigIntType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.util.OutputTag;
import org.apache.hadoop.fs.Path;
import org.apache.hudi.common.model.HoodieCommitMetadata;
import org.apache.hudi.common.model.HoodieLogFile;
import org.apache.hudi.common.model.HoodieWriteStat;
import org.apache.hudi.common.table.HoodieTableMetaClient;
import org.apache.hudi.common.table.timeline.HoodieArchivedTimeline;
import org.apache.hudi.common.table.timeline.HoodieInstant;
import org.apache.hudi.common.table.timeline.HoodieTimeline;
import org.apache.hudi.common.util.Option;

/**
 * Names the files of each new commit of a table, in the order of the commits, and reports the
 * instant up to which it has. All that it names before a barrier is read before that barrier.
 * Likewise it names the {@link Requests} to the job, if it takes any, by their numbers.
 *
 * <p>Where a table that the job writes stands further than the restored checkpoint, no barrier may
 * fall beyond that place: what comes up to it is dropped there, what comes after it is new. The
 * place is of commits and requests together, or a barrier could have old ones before it and new
 * requests, or the other way round.
 */
final class PlanReads extends AbstractStreamOperator<CommittedFile>
    implements OneInputStreamOperator<Long, CommittedFile> {
  private static final long serialVersionUID = 1L;

  /**
   * A barrier waits until all that was named before it is read: at first so many rows at most, then
   * what the job has shown to read within an eighth of what a checkpoint may take.
   */
  static final long FIRST_BUDGET = 50_000;

  /** Opening a file takes as long as reading so many rows of one, roughly. */
  private static final long FILE_COST = 100;

  private static final RowType REQUEST =
      RowType.of(false, new LogicalType[] {new BigIntType(false)}, new String[] {"number"});

  /** The numbers of the requests. */
  static final OutputTag<RowData> REQUESTS =
      new OutputTag<>("requests", InternalTypeInfo.of(REQUEST));

  private static final Comparator<HoodieWriteStat> BY_PATH =
      Comparator.comparing(HoodieWriteStat::getPath);

  private static final Comparator<HoodieWriteStat> BY_LOG =
      Comparator.comparing(
          written -> new HoodieLogFile(written.getPath()), HoodieLogFile.getLogFileComparator());

  private final TableDefinition table;
  private final String path;
  @Nullable private final Requests requests;
  private final List<String> into;
  private final long timeoutMs;
  private final long firstBudget;

  private transient ListState<Long> state;
  private transient ListState<Long> requestState;
  private transient HoodieTableMetaClient metaClient;
  private transient HoodieArchivedTimeline archived;
  private transient long archivedBefore;
  private transient NavigableSet<Place> stops;
  private transient NavigableMap<Long, Barrier> barriers;
  private transient Place reported;
  private transient Place planned;
  private transient long budget;
  private transient long cost;
  private transient boolean full;

  /**
   * @param sinceMs when it went by
   * @param full whether more would have been named before it if it had been allowed to
   */
  private record Barrier(Place place, long sinceMs, boolean full) {}

  /** Up to which commit and which request. */
  private record Place(long instant, long request) implements Comparable<Place> {
    private static final Comparator<Place> ORDER =
        Comparator.comparing(Place::instant).thenComparing(Place::request);

    boolean reaches(Place other) {
      return instant >= other.instant && request >= other.request;
    }

    @Override
    public int compareTo(Place other) {
      return ORDER.compare(this, other);
    }
  }

  /**
   * @param requests to the job, or null when it takes none
   * @param into the tables that the job writes, qualified
   * @param timeoutMs what a checkpoint may take
   * @param firstBudget no more commits are named before the first barrier once they have so many
   *     rows
   */
  PlanReads(
      TableDefinition table,
      String path,
      @Nullable Requests requests,
      List<String> into,
      long timeoutMs,
      long firstBudget) {
    this.table = table;
    this.path = path;
    this.requests = requests;
    this.into = List.copyOf(into);
    this.timeoutMs = timeoutMs;
    this.firstBudget = firstBudget;
    chainingStrategy = ChainingStrategy.ALWAYS;
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    state =
        context
            .getOperatorStateStore()
            .getListState(new ListStateDescriptor<>("read up to", Types.LONG));
    requestState =
        context
            .getOperatorStateStore()
            .getListState(new ListStateDescriptor<>("requests up to", Types.LONG));
    planned = new Place(newest(state), newest(requestState));
    reported = planned;
    barriers = new TreeMap<>();
    budget = firstBudget;
  }

  private static long newest(ListState<Long> state) throws Exception {
    long newest = Span.START;
    for (long place : state.get()) {
      newest = Math.max(newest, place);
    }
    return newest;
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    super.snapshotState(context);
    state.update(List.of(planned.instant));
    requestState.update(List.of(planned.request));
    barriers.put(
        context.getCheckpointId(),
        new Barrier(planned, getProcessingTimeService().getCurrentProcessingTime(), full));
    full = false;
  }

  /**
   * A stop is over once a checkpoint at it is complete: what comes before and after the barrier of
   * another one may be committed together.
   */
  @Override
  public void notifyCheckpointComplete(long checkpointId) throws Exception {
    super.notifyCheckpointComplete(checkpointId);
    Map.Entry<Long, Barrier> complete = barriers.floorEntry(checkpointId);
    if (complete != null) {
      if (stops != null) {
        stops.removeIf(stop -> complete.getValue().place.reaches(stop));
      }
      adaptBudget(complete.getValue());
    }
    barriers.headMap(checkpointId, true).clear();
  }

  /** A checkpoint that expires is a job that begins again, and reads the same again. */
  private void adaptBudget(Barrier barrier) {
    long tookMs = getProcessingTimeService().getCurrentProcessingTime() - barrier.sinceMs;
    if (tookMs > timeoutMs / 4) {
      budget = Math.max(budget / 2, firstBudget);
    } else if (barrier.full && tookMs < timeoutMs / 8) {
      budget *= 2;
    }
  }

  @Override
  public void prepareSnapshotPreBarrier(long checkpointId) throws Exception {
    super.prepareSnapshotPreBarrier(checkpointId);
    if (!planned.equals(reported)) {
      Progress read =
          new Progress(
              read(reported, planned),
              Map.of(),
              Map.of(),
              Progress.NO_EVENT_TIME,
              Progress.NO_EVENT_TIME);
      output.collect(CommitPart.REPORTS, new StreamRecord<>(CommitPart.report(read)));
      reported = planned;
    }
    cost = 0;
  }

  private Map<String, Span> read(Place from, Place to) {
    Map<String, Span> read = new TreeMap<>();
    read.put(table.qualifiedName(), new Span(from.instant, to.instant));
    if (requests != null) {
      read.put(requests.input(), new Span(from.request, to.request));
    }
    return read;
  }

  @Override
  public void processElement(StreamRecord<Long> tick) throws IOException {
    if (stops == null) {
      stops = findStops();
    }
    if (requests != null) {
      planRequests(requests);
    }
    planCommits();
  }

  private void planRequests(Requests to) {
    while (stops.isEmpty() || planned.request < stops.first().request) {
      long next = planned.request + 1;
      if (to.get(next).isEmpty()) {
        if (!stops.isEmpty()) {
          throw new Continuation.GapException(
              "Tables %s have taken the requests in %s up to %d, but %d is not there any more. Restore the file."
                  .formatted(into, to.folder(), stops.first().request, next));
        }
        return;
      }
      output.collect(REQUESTS, new StreamRecord<>(GenericRowData.of(next)));
      planned = new Place(planned.instant, next);
    }
  }

  private void planCommits() throws IOException {
    if (metaClient == null) {
      metaClient =
          HoodieTableMetaClient.builder().setConf(HudiTable.hadoop()).setBasePath(path).build();
    } else {
      metaClient.reloadActiveTimeline();
    }
    if (!planArchived()) {
      return;
    }
    HoodieTimeline timeline = completed();
    for (HoodieInstant instant : timeline.getInstants()) {
      if (number(instant) > planned.instant && !plan(instant, timeline)) {
        return;
      }
    }
  }

  /** The places of the tables that the job writes which lie before it. */
  private NavigableSet<Place> findStops() {
    NavigableSet<Place> ahead = new TreeSet<>();
    for (String target : into) {
      Map<String, Long> stands =
          new CommitLine(getContainingTask().getEnvironment(), target, timeoutMs).join();
      Continuation.of(target, stands, read(planned, planned));
      Place at =
          new Place(
              stands.getOrDefault(table.qualifiedName(), Span.START),
              requests == null ? Span.START : stands.getOrDefault(requests.input(), Span.START));
      if (!planned.reaches(at)) {
        ahead.add(at);
      }
    }
    return ahead;
  }

  /** The commits up to the first one that is still under way: a later one must not overtake it. */
  private HoodieTimeline completed() {
    HoodieTimeline commits = metaClient.getActiveTimeline().getDeltaCommitTimeline();
    Option<HoodieInstant> pending = commits.filterInflightsAndRequested().firstInstant();
    HoodieTimeline completed = commits.filterCompletedInstants();
    return pending.isPresent()
        ? completed.findInstantsBefore(pending.get().getTimestamp())
        : completed;
  }

  /**
   * Hudi moves old commits off the timeline; their files stay until the cleaner takes them. Looks
   * again until there is nothing between the last archived commit and the first one on the
   * timeline: more are moved while these are read.
   */
  private boolean planArchived() throws IOException {
    // Of the commits: a rollback stays on the timeline longer than the commits around it.
    Option<HoodieInstant> first =
        metaClient.getActiveTimeline().getDeltaCommitTimeline().firstInstant();
    if (!first.isPresent() || number(first.get()) <= planned.instant) {
      archived = null;
      return true;
    }
    long begins = number(first.get());
    while (true) {
      if (archived == null) {
        archived = metaClient.getArchivedTimeline(String.valueOf(planned.instant), false);
        archivedBefore = begins;
      }
      for (HoodieInstant instant :
          archived.getDeltaCommitTimeline().filterCompletedInstants().getInstants()) {
        if (number(instant) > planned.instant && !plan(instant, archived)) {
          return false;
        }
      }
      if (archivedBefore == begins) {
        return true;
      }
      archived = null;
    }
  }

  /** Returns whether the next commit may follow before the next barrier. */
  private boolean plan(HoodieInstant instant, HoodieTimeline timeline) throws IOException {
    long number = number(instant);
    if (cost >= budget) {
      full = true;
      return false;
    }
    if (!stops.isEmpty() && number > stops.first().instant) {
      if (planned.instant < stops.first().instant) {
        throw new Continuation.GapException(
            "Tables %s have read %s up to %d, a commit that it does not have any more; the next one is %d. Rebuild them from it."
                .formatted(into, table.qualifiedName(), stops.first().instant, number));
      }
      return false;
    }
    HoodieCommitMetadata commit =
        HoodieCommitMetadata.fromBytes(
            timeline.getInstantDetails(instant).get(), HoodieCommitMetadata.class);
    for (CommittedFile file : files(instant.getTimestamp(), commit)) {
      output.collect(new StreamRecord<>(file));
    }
    for (HoodieWriteStat written : commit.getWriteStats()) {
      cost += FILE_COST + written.getNumWrites();
    }
    planned = new Place(number, planned.request);
    return true;
  }

  /** The files that a commit has written, those of a file group in the order of its logs. */
  private Collection<CommittedFile> files(String instant, HoodieCommitMetadata commit) {
    Map<String, CommittedFile> files = new LinkedHashMap<>();
    commit.getWriteStats().stream()
        .sorted(table.writing() == Writing.APPEND ? BY_PATH : BY_LOG)
        .forEach(
            written ->
                // Where files can be appended to, one commit may have written to a log twice.
                files.merge(
                    written.getPath(),
                    new CommittedFile(
                        instant,
                        written.getFileId(),
                        new Path(path, written.getPath()).toString(),
                        written.getNumWrites()),
                    (first, more) ->
                        new CommittedFile(
                            instant, first.group(), first.path(), first.rows() + more.rows())));
    return files.values();
  }

  private static long number(HoodieInstant instant) {
    return Long.parseLong(instant.getTimestamp());
  }
}
