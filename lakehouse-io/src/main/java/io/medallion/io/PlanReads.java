package io.medallion.io;

import io.medallion.schemas.TableDefinition.Writing;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import javax.annotation.Nullable;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.runtime.execution.SuppressRestartsException;
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
import org.apache.flink.table.types.logical.BooleanType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.util.OutputTag;
import org.apache.hudi.common.model.HoodieCommitMetadata;
import org.apache.hudi.common.model.HoodieWriteStat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Names the files of each new commit of a table, in the order of the commits, and reports the
 * instant up to which it has. All that it names before a barrier is read before that barrier.
 * Likewise it names those of other tables, and the {@link Requests} to the job by their numbers, if
 * it takes any. Of a table that keeps a changelog, it begins with the {@link FileSlices} as of
 * where the tables that the job writes stand, or of now.
 *
 * <p>Where a table that the job writes stands further than the restored checkpoint, no barrier may
 * fall beyond that place: what comes up to it is dropped there, what comes after it is new. The
 * place is of all inputs together, or a barrier could have old commits before it and new requests,
 * or the other way round.
 *
 * <p>A table that the same job writes is read only until nothing of it is left to read; from then
 * on its rows are {@linkplain RelayRows relayed}. What was relayed before a barrier will be in the
 * commit of the checkpoint that this barrier belongs to, so its instant is the position:
 *
 * <pre>
 * rows before barrier   read from the table      relayed           reported as read up to
 * n                     commits before n - 1     -                 commit n - 1
 * n + 1                 commit n                 n + 1             commit n + 1
 * n + 2                 -                        n + 2             commit n + 2
 * </pre>
 *
 * Ticks come as counts of no rows.
 */
final class PlanReads extends AbstractStreamOperator<CommittedFile>
    implements OneInputStreamOperator<Tuple3<Long, Long, Long>, CommittedFile> {
  private static final long serialVersionUID = 1L;

  private static final Logger LOG = LoggerFactory.getLogger(PlanReads.class);

  /**
   * A barrier waits until all that was named before it is read: at first so many rows at most, then
   * what the job has shown to read within an eighth of what a checkpoint may take.
   */
  static final long FIRST_BUDGET = 50_000;

  /** Says that it is time to look for commits. */
  static final Tuple3<Long, Long, Long> TICK = Tuple3.of(0L, 0L, 0L);

  /** Opening a file takes as long as reading so many rows of one, roughly. */
  private static final long FILE_COST = 100;

  /** And carrying out a request so many; it reads a table. */
  private static final long REQUEST_COST = 10_000;

  private static final RowType REQUEST =
      RowType.of(
          false,
          new LogicalType[] {new BigIntType(false), new BooleanType(false), new BigIntType(false)},
          new String[] {"number", "known", "settled"});

  /** As {@link RequestedInput#requests}. */
  static final OutputTag<RowData> REQUESTS =
      new OutputTag<>("requests", InternalTypeInfo.of(REQUEST));

  private final FollowedTable table;
  private final List<FollowedTable> others;
  @Nullable private final Requests requests;
  private final List<String> into;
  private final boolean beginsWithRows;
  private final boolean isRelayed;
  private final long timeoutMs;
  private final long firstBudget;

  private transient ListState<Long> state;
  private transient ListState<Long> requestState;
  private transient ListState<Tuple2<String, Long>> otherState;
  private transient List<NextCommits> commits;
  private transient NavigableSet<Place> stops;
  private transient Place known;
  private transient Place settled;
  private transient NavigableMap<Long, Barrier> barriers;
  private transient Place reported;
  private transient Place planned;
  private transient long budget;
  private transient long[] costs;
  private transient long requestCost;
  private transient long unread;
  private transient boolean full;
  private transient volatile long unreadCommits;

  /** The restored place in the table, until it is seen to have a commit there. */
  private transient long unproven;

  private transient CommitLine relay;
  private transient long newestAtStart;
  private transient long heldBack;
  private transient long newestHeldBack;
  private transient long relayed;
  private transient long flushed;
  private transient boolean asked;
  private transient boolean relays;

  /**
   * @param sinceMs when it went by
   * @param full whether more would have been named before it if it had been allowed to
   */
  private record Barrier(Place place, long sinceMs, boolean full) {}

  /**
   * Up to which commit of the table, which request, and which commit of each other table.
   *
   * @param inputs in this order
   */
  private record Place(List<Long> inputs) implements Comparable<Place> {
    private static final int REQUEST = 1;
    private static final int OTHERS = 2;

    Place {
      inputs = List.copyOf(inputs);
    }

    long at(int input) {
      return inputs.get(input);
    }

    Place with(int input, long at) {
      List<Long> changed = new ArrayList<>(inputs);
      changed.set(input, at);
      return new Place(changed);
    }

    boolean reaches(Place other) {
      for (int i = 0; i < inputs.size(); i++) {
        if (at(i) < other.at(i)) {
          return false;
        }
      }
      return true;
    }

    /** As far as both have come, in each input. */
    Place upTo(Place other) {
      List<Long> least = new ArrayList<>();
      for (int i = 0; i < inputs.size(); i++) {
        least.add(Math.min(at(i), other.at(i)));
      }
      return new Place(least);
    }

    /** The tables of a job stand one behind another in all inputs; others are refused. */
    @Override
    public int compareTo(Place other) {
      for (int i = 0; i < inputs.size(); i++) {
        int order = Long.compare(at(i), other.at(i));
        if (order != 0) {
          return order;
        }
      }
      return 0;
    }
  }

  /**
   * @param others are named in {@link #filesOf} each
   * @param requests to the job, or null when it takes none
   * @param into the tables that the job writes, qualified
   * @param beginsWithRows whether to refuse to begin with the first commit instead
   * @param isRelayed whether the job writes the table, and relays what it writes
   * @param timeoutMs what a checkpoint may take
   * @param firstBudget no more commits of a table are named before the first barrier once they have
   *     so many rows
   */
  PlanReads(
      FollowedTable table,
      List<FollowedTable> others,
      @Nullable Requests requests,
      List<String> into,
      boolean beginsWithRows,
      boolean isRelayed,
      long timeoutMs,
      long firstBudget) {
    this.table = table;
    this.others = List.copyOf(others);
    this.requests = requests;
    this.into = List.copyOf(into);
    this.beginsWithRows = beginsWithRows;
    this.isRelayed = isRelayed;
    this.timeoutMs = timeoutMs;
    this.firstBudget = firstBudget;
    chainingStrategy = ChainingStrategy.ALWAYS;
  }

  /** The files of one of the other tables. */
  static OutputTag<CommittedFile> filesOf(FollowedTable other) {
    return new OutputTag<>("files of " + other.name(), TypeInformation.of(CommittedFile.class));
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
    otherState =
        context
            .getOperatorStateStore()
            .getListState(
                new ListStateDescriptor<>(
                    "others read up to", Types.TUPLE(Types.STRING, Types.LONG)));
    Map<String, Long> otherPlaces = new TreeMap<>();
    for (Tuple2<String, Long> other : otherState.get()) {
      otherPlaces.put(other.f0, other.f1);
    }
    List<Long> places = new ArrayList<>(List.of(newest(state), newest(requestState)));
    others.forEach(other -> places.add(otherPlaces.getOrDefault(other.name(), Span.START)));
    planned = new Place(places);
    reported = planned;
    unproven = planned.at(0);
    commits = new ArrayList<>(List.of(new NextCommits(table)));
    others.forEach(other -> commits.add(new NextCommits(other)));
    costs = new long[commits.size()];
    barriers = new TreeMap<>();
    budget = firstBudget;
    relay = new CommitLine(getContainingTask().getEnvironment(), table.name(), timeoutMs);
    newestHeldBack = Span.START;
  }

  @Override
  public void open() throws Exception {
    super.open();
    new JobMetrics(getMetricGroup()).unreadCommits(() -> unreadCommits);
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
    state.update(List.of(planned.at(0)));
    requestState.update(List.of(planned.at(Place.REQUEST)));
    List<Tuple2<String, Long>> otherPlaces = new ArrayList<>();
    for (int i = 0; i < others.size(); i++) {
      otherPlaces.add(Tuple2.of(others.get(i).name(), planned.at(Place.OTHERS + i)));
    }
    otherState.update(otherPlaces);
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
    if (stops == null) {
      // What takes the place of other rows is in the first commit, or that would be empty.
      plan();
    }
    if (isRelayed) {
      takeRelayed(checkpointId);
    }
    if (!planned.equals(reported)) {
      Progress read =
          new Progress(
              read(reported, planned),
              Map.of(Progress.INPUT, unread),
              Map.of(),
              Progress.NO_EVENT_TIME,
              Progress.NO_EVENT_TIME);
      output.collect(CommitPart.REPORTS, new StreamRecord<>(CommitPart.report(read)));
      reported = planned;
      unread = 0;
    }
    Arrays.fill(costs, 0);
    requestCost = 0;
  }

  private Map<String, Span> read(Place from, Place to) {
    Map<String, Span> read = new TreeMap<>();
    read.put(table.name(), new Span(from.at(0), to.at(0)));
    if (requests != null) {
      read.put(requests.input(), new Span(from.at(Place.REQUEST), to.at(Place.REQUEST)));
    }
    for (int i = Place.OTHERS; i < planned.inputs.size(); i++) {
      read.put(others.get(i - Place.OTHERS).name(), new Span(from.at(i), to.at(i)));
    }
    return read;
  }

  private void takeRelayed(long checkpointId) throws IOException {
    if (heldBack > 0 && (relayed > 0 || relays)) {
      throw new IllegalStateException(
          "Some subtasks relay the rows of %s and others do not: a checkpoint was given up half way. The job goes back to its last one."
              .formatted(table.name()));
    }
    if (relayed > 0 && !relays) {
      beginWithRelayed();
    }
    if (relays) {
      // Without rows, there may be commits that only say how far their job has read.
      planned =
          planned.with(0, Math.max(planned.at(0), relayed > 0 ? flushed : commits.get(0).newest()));
    } else {
      newestHeldBack = Math.max(newestHeldBack, flushed);
      // Commits as far apart as the polls may always come between the last one and the barrier.
      plan();
      askForRelay(checkpointId);
    }
    heldBack = 0;
    relayed = 0;
    flushed = Span.START;
  }

  /** All that was held back comes before what is relayed. */
  private void beginWithRelayed() throws IOException {
    costs[0] = Long.MIN_VALUE;
    plan();
    if (planned.at(0) < newestHeldBack) {
      throw new IllegalStateException(
          "Commit %d of %s is not there yet, although a later checkpoint has begun, as after a savepoint. The job goes back to its last checkpoint."
              .formatted(newestHeldBack, table.name()));
    }
    relays = true;
    LOG.info("Reads no more files of {}: its rows are relayed", table.name());
  }

  /**
   * Once all is read, of commits too that this attempt of the job has made: until then it may drop
   * what it makes, because the table has it.
   */
  private void askForRelay(long checkpointId) {
    if (!asked
        && stops.isEmpty()
        && unproven == Span.START
        && !full
        && planned.at(0) > newestAtStart
        && planned.at(0) == commits.get(0).newest()) {
      relay.relayAfter(checkpointId);
      asked = true;
    }
  }

  @Override
  public void processElement(StreamRecord<Tuple3<Long, Long, Long>> element) throws IOException {
    Tuple3<Long, Long, Long> counts = element.getValue();
    if (counts.equals(TICK)) {
      plan();
      return;
    }
    heldBack += counts.f0;
    relayed += counts.f1;
    flushed = Math.max(flushed, counts.f2);
  }

  private void plan() throws IOException {
    if (stops == null) {
      stops = findStops();
      if (isRelayed) {
        relay.join();
        newestAtStart = commits.get(0).newest();
      }
    }
    if (!isProven()) {
      return;
    }
    if (requests != null) {
      planRequests(requests);
    }
    for (int i = 0; i < others.size(); i++) {
      OutputTag<CommittedFile> files = filesOf(others.get(i));
      plan(
          others.get(i),
          i + 1,
          Place.OTHERS + i,
          file -> output.collect(files, new StreamRecord<>(file)));
    }
    if (!relays) {
      plan(table, 0, 0, file -> output.collect(new StreamRecord<>(file)));
    }
    unreadCommits = relays ? 0 : commits.get(0).countAfter(planned.at(0));
  }

  /**
   * State may hold rows that were relayed before a savepoint, whose commit was rolled back and made
   * again later: they would be read once more.
   *
   * @return false while that commit is under way
   */
  private boolean isProven() throws IOException {
    if (unproven == Span.START) {
      return true;
    }
    switch (commits.get(0).find(unproven)) {
      case COMPLETE -> unproven = Span.START;
      case MISSING ->
          throw new SuppressRestartsException(
              new IllegalStateException(
                  "The job is restored to where it has read %s up to commit %d, which was rolled back. Its rows came with a later commit and would count twice. Start from a newer checkpoint, or without one: the job goes on where the tables stand."
                      .formatted(table.name(), unproven)));
      default -> {}
    }
    return unproven == Span.START;
  }

  private void planRequests(Requests to) {
    while (stops.isEmpty() || planned.at(Place.REQUEST) < stops.first().at(Place.REQUEST)) {
      long next = planned.at(Place.REQUEST) + 1;
      boolean isKnown = next <= known.at(Place.REQUEST);
      if (!isKnown && (requestCost >= budget || to.get(next).isEmpty())) {
        full |= requestCost >= budget;
        if (requestCost < budget && !stops.isEmpty()) {
          throw new Continuation.GapException(
              "Tables %s have taken the requests in %s up to %d, but %d is not there any more. Restore the file."
                  .formatted(into, to.folder(), stops.first().at(Place.REQUEST), next));
        }
        return;
      }
      output.collect(
          REQUESTS,
          new StreamRecord<>(GenericRowData.of(next, isKnown, settled.at(Place.REQUEST))));
      requestCost += isKnown ? 0 : REQUEST_COST;
      planned = planned.with(Place.REQUEST, next);
    }
  }

  /**
   * The places of the tables that the job writes which lie before it. What lies up to the place of
   * the one that the requests are about is known: that table says what became of it.
   */
  private NavigableSet<Place> findStops() {
    NavigableSet<Place> ahead = new TreeSet<>();
    known = new Place(Collections.nCopies(planned.inputs.size(), Span.START));
    settled = null;
    for (String target : into) {
      Map<String, Long> stands =
          new CommitLine(getContainingTask().getEnvironment(), target, timeoutMs).join();
      Continuation.of(target, stands, read(planned, planned));
      List<Long> places = new ArrayList<>();
      places.add(stands.getOrDefault(table.name(), Span.START));
      places.add(requests == null ? Span.START : stands.getOrDefault(requests.input(), Span.START));
      others.forEach(other -> places.add(stands.getOrDefault(other.name(), Span.START)));
      Place at = new Place(places);
      settled = settled == null ? at : settled.upTo(at);
      if (requests != null && requests.table().equals(target)) {
        known = at;
      }
      if (!planned.reaches(at)) {
        ahead.add(at);
      }
    }
    settled = settled == null ? known : settled;
    return ahead;
  }

  /**
   * Names what may be read of a table before the next barrier.
   *
   * @param number of the table among all, the first one's is 0
   * @param input its index in a {@link Place}
   */
  private void plan(FollowedTable from, int number, int input, Consumer<CommittedFile> files)
      throws IOException {
    if (planned.at(input) == Span.START
        && from.table().writing() == Writing.CHANGELOG
        && planSnapshot(from, number, input, files)) {
      return;
    }
    commits
        .get(number)
        .after(
            planned.at(input),
            new NextCommits.Follower() {
              @Override
              public boolean goesOnTo(long instant) {
                return mayFollow(from, number, input, instant);
              }

              @Override
              public void take(
                  long instant, HoodieCommitMetadata commit, Collection<CommittedFile> written) {
                boolean isKnown = instant <= known.at(input);
                written.forEach(file -> files.accept(isKnown ? file.asKnown() : file));
                for (HoodieWriteStat file : commit.getWriteStats()) {
                  costs[number] += FILE_COST + file.getNumWrites();
                }
                planned = planned.with(input, instant);
              }
            });
  }

  /**
   * Begins with the rows of a table instead of the changes that made them, all before one barrier.
   *
   * @return false if the table does not hold them as of then, or nothing is to be read of it yet
   */
  private boolean planSnapshot(
      FollowedTable from, int number, int input, Consumer<CommittedFile> files) throws IOException {
    long instant = stops.isEmpty() ? newestWhole(from, number) : stops.first().at(input);
    boolean jobBegins = planned.at(0) == Span.START;
    if (instant == Span.START) {
      if (jobBegins && beginsWithRows && commits.get(number).newest() != Span.START) {
        throw mustBeginWithRows("Some of them have not read %s yet.".formatted(from.name()), null);
      }
      return false;
    }
    List<CommittedFile> slices;
    try {
      slices = FileSlices.asOf(from.hudi(), String.valueOf(instant));
    } catch (NotHeldException old) {
      if (jobBegins && beginsWithRows) {
        throw mustBeginWithRows(old.getMessage(), old);
      }
      LOG.info("Begins with the first commit of {}: {}", from.name(), old.getMessage());
      return false;
    }
    LOG.info(
        "Begins with {} file slices of {} as of {}, all before one barrier, which may take {} ms",
        slices.size(),
        from.name(),
        instant,
        timeoutMs);
    slices.forEach(files);
    planned = planned.with(input, instant);
    costs[number] = budget;
    if (number == 0) {
      unread = changesLessRows(from, instant);
    }
    return true;
  }

  /** Of what was committed under several instants all or nothing. */
  private long newestWhole(FollowedTable from, int number) {
    long newest = commits.get(number).newest();
    return CommitLog.snapshot(from.warehouse(), from.table())
        .map(whole -> Long.parseLong(whole.instant()))
        .filter(whole -> whole <= newest)
        .orElse(newest);
  }

  private SuppressRestartsException mustBeginWithRows(String reason, @Nullable Exception cause) {
    return new SuppressRestartsException(
        new IllegalStateException(
            "Some of the tables %s are to be made anew, at once, where the others stand. %s Bring each to its newest version with medallion gold rebuild, and start again."
                .formatted(into, reason),
            cause));
  }

  /** What commits count as read of a table is its changes. */
  private static long changesLessRows(FollowedTable from, long instant) {
    return CommitLog.upTo(from.warehouse(), from.table(), String.valueOf(instant))
        .map(Commit::progress)
        .map(made -> made.counter(Progress.CHANGES) - made.counter(Progress.ROWS))
        .orElse(0L);
  }

  private boolean mayFollow(FollowedTable from, int number, int input, long instant) {
    if (costs[number] >= budget) {
      full = true;
      return false;
    }
    if (!stops.isEmpty() && instant > stops.first().at(input)) {
      if (planned.at(input) < stops.first().at(input)) {
        throw new Continuation.GapException(
            "Tables %s have read %s up to %d, a commit that it does not have any more; the next one is %d. Rebuild them from it."
                .formatted(into, from.name(), stops.first().at(input), instant));
      }
      return false;
    }
    return true;
  }
}
