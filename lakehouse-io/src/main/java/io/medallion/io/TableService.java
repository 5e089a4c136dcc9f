package io.medallion.io;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.concurrent.ExecutorThreadFactory;
import org.apache.hudi.client.HoodieFlinkWriteClient;
import org.apache.hudi.util.FlinkWriteClients;

/** What looks after a table's files beside the task; a checkpoint that is complete sets it off. */
abstract class TableService extends AbstractStreamOperator<Object>
    implements OneInputStreamOperator<Object, Object> {
  private static final long serialVersionUID = 1L;

  private final Configuration conf;
  private final String does;
  private final String table;
  private final long timeoutMs;
  private transient HoodieFlinkWriteClient<?> client;
  private transient CommitLine line;
  private transient ExecutorService thread;
  private transient volatile boolean ending;

  /**
   * @param conf of the table's writers
   * @param does a verb
   * @param table qualified name
   * @param timeoutMs how long to wait for the coordinator
   */
  TableService(Configuration conf, String does, String table, long timeoutMs) {
    this.conf = conf;
    this.does = does;
    this.table = table;
    this.timeoutMs = timeoutMs;
    chainingStrategy = ChainingStrategy.HEAD;
  }

  /**
   * Joins before anything of this attempt is begun: whoever joins later might be of a former one
   * and not know it. Not in a chain with the operator whose first word the coordinator awaits.
   */
  @Override
  public void open() throws Exception {
    super.open();
    // Not by the file of view settings that each new client of the JobManager deletes and writes
    // anew: it may be missing just now, and says what is the default here.
    client = FlinkWriteClients.createWriteClient(conf, getRuntimeContext(), false);
    line = new CommitLine(getContainingTask().getEnvironment(), table, timeoutMs);
    line.join();
    thread = Executors.newSingleThreadExecutor(new ExecutorThreadFactory(does + " " + table));
  }

  @Override
  public void processElement(StreamRecord<Object> element) {}

  String table() {
    return table;
  }

  HoodieFlinkWriteClient<?> client() {
    return client;
  }

  CommitLine line() {
    return line;
  }

  /** Whether what fails now fails because the job ends. */
  boolean isEnding() {
    return ending;
  }

  /** Does something beside the task, after what is being done there. */
  void beside(Runnable work) {
    thread.execute(work);
  }

  /** The job ends, with a savepoint as a rule: it does not wait for a service. */
  @Override
  public void finish() throws Exception {
    end();
    super.finish();
  }

  @Override
  public void close() throws Exception {
    if (thread != null) {
      end();
    }
    if (client != null) {
      client.close();
    }
    super.close();
  }

  /** Nothing of this attempt is written any more when it is over. */
  private void end() throws InterruptedException {
    ending = true;
    thread.shutdownNow();
    thread.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
  }
}
