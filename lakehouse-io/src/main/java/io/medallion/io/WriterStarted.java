package io.medallion.io;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.operators.coordination.OperatorEvent;
import org.apache.flink.runtime.operators.coordination.OperatorEventGateway;
import org.apache.hudi.sink.event.WriteMetadataEvent;

/**
 * A writer's first word in every attempt: what its state holds of an instant that is still pending.
 * One event however many state entries a writer got (after a rescale several), so that none
 * overwrites another.
 *
 * @param restored the pending writes of the restored checkpoint; empty for a fresh start
 */
record WriterStarted(List<WriteMetadataEvent> restored) implements OperatorEvent {
  private static final long serialVersionUID = 1L;

  WriterStarted {
    restored = List.copyOf(restored);
  }

  /** Keeps what a Hudi write function sends while it restores its state. */
  static final class Collecting implements OperatorEventGateway {
    private final List<WriteMetadataEvent> events = new ArrayList<>();

    @Override
    public void sendEventToCoordinator(OperatorEvent event) {
      events.add((WriteMetadataEvent) event);
    }

    WriterStarted started() {
      return new WriterStarted(events);
    }
  }
}
