package io.medallion.io;

import io.medallion.schemas.TableDefinition;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Optional;
import java.util.UUID;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;

/**
 * What the job that reads a table is asked to do beside that, one after another: numbered files
 * beside the table's timeline, from 1 on. They stay for ever, as the commits of a table would: a
 * job that starts without a checkpoint takes them again.
 *
 * @param folder of the files
 * @param table that they are about, qualified; the job writes it
 */
public record Requests(String folder, String table) implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The requests about a table. */
  public static Requests about(TableDefinition table, String warehouse) {
    return new Requests(
        table.path(warehouse) + "/.hoodie/medallion/requests", table.qualifiedName());
  }

  /** How commits name these requests as an input of theirs. */
  public String input() {
    return table + ".requests";
  }

  /**
   * Adds a request behind all others; it is there whole or not at all.
   *
   * @param after the number of one that is there, or 0: where to begin to look for the last one
   * @return its number
   */
  public long add(String text, long after) {
    try {
      FileContext files = FileContext.getFileContext(new Path(folder).toUri(), HudiTable.hadoop());
      Path written = new Path(folder, "." + UUID.randomUUID());
      try (OutputStream out =
          files.create(written, EnumSet.of(CreateFlag.CREATE), Options.CreateOpts.createParent())) {
        out.write(text.getBytes(StandardCharsets.UTF_8));
      }
      for (long number = after + 1; ; number++) {
        if (files.util().exists(file(number))) {
          continue;
        }
        try {
          files.rename(written, file(number), Options.Rename.NONE);
          return number;
        } catch (FileAlreadyExistsException anotherOne) {
          // Somebody asks for something at the same time.
        }
      }
    } catch (IOException failure) {
      throw new UncheckedIOException("Could not write a request to " + folder, failure);
    }
  }

  /** A request, or empty when there are not as many yet. */
  public Optional<String> get(long number) {
    Path file = file(number);
    // Not of a FileContext: that one makes a file system of its own each time.
    try (InputStream in = file.getFileSystem(HudiTable.hadoop()).open(file)) {
      return Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (FileNotFoundException notYet) {
      return Optional.empty();
    } catch (IOException failure) {
      throw new UncheckedIOException("Could not read request " + file, failure);
    }
  }

  private Path file(long number) {
    return new Path(folder, number + ".json");
  }
}
