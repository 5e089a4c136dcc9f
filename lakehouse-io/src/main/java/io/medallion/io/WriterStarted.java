package io.medallion.io;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.flink.runtime.operators.coordination.OperatorEvent;
import org.apache.flink.runtime.operators.coordination.OperatorEventGateway;
import org.apache.flink.util.function.RunnableWithException;
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

  /**
   * Restores a Hudi write function and sends what it has to say as one event.
   *
   * @param coordinator where the function sends to
   * @param use makes the function send elsewhere
   * @param restore restores the function's state
   */
  static void send(
      OperatorEventGateway coordinator,
      Consumer<OperatorEventGateway> use,
      RunnableWithException restore)
      throws Exception {
    List<WriteMetadataEvent> restored = new ArrayList<>();
    use.accept(event -> restored.add((WriteMetadataEvent) event));
    restore.run();
    use.accept(coordinator);
    coordinator.sendEventToCoordinator(new WriterStarted(restored));
  }
}
