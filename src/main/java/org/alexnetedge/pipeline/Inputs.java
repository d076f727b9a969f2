package org.alexnetedge.pipeline;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What a command line names, one input after another in an order that depends on nothing but names:
 * arguments as they stand, lists as they are written, folders in byte order, depth first. Found
 * when asked for, so that a million files need no more memory than the largest folder among them.
 *
 * <p>Nothing is lost: what was named and cannot be read is an input whose {@link Input#read} fails.
 * One thread calls {@link #next}; {@link #skipped} may be called by any. Close after the last read.
 */
public final class Inputs implements AutoCloseable {
  private final Iterator<Argument> arguments;
  private final InputOptions options;
  private final Downloads downloads;
  private final LongAdder skipped = new LongAdder();

  private final Deque<Input> again = new ArrayDeque<>();
  private @Nullable OpenList list;
  private @Nullable FolderWalk folder;

  /** A list that is being read, and the argument it came from. */
  private record OpenList(PathList entries, byte[] given) {}

  public Inputs(List<Argument> arguments, InputOptions options) {
    this.arguments = List.copyOf(arguments).iterator();
    this.options = options;
    this.downloads = new Downloads(options);
  }

  /** The next input, or null after the last. Waits where a list comes through a pipe. */
  public @Nullable Input next() {
    if (!again.isEmpty()) {
      return again.removeFirst();
    }
    while (true) {
      Input input;
      if (folder != null) {
        input = folder.next();
        folder = input == null ? null : folder;
      } else if (list != null) {
        input = nextOf(list);
      } else if (arguments.hasNext()) {
        input = begin(arguments.next());
      } else {
        return null;
      }
      if (input != null) {
        return input;
      }
    }
  }

  /** Gives back what {@link #next} gave, in that order: the next calls give it again. */
  public void putBack(List<Input> taken) {
    taken.reversed().forEach(again::addFirst);
  }

  /**
   * How many entries of folders were passed over so far: hidden ones, files that are no pictures,
   * links back to a folder that contains them. With a shard, those that belong to it.
   */
  public long skipped() {
    return skipped.sum();
  }

  /** Gives the argument's input, if it is a single one; else the next calls give what it holds. */
  private @Nullable Input begin(Argument argument) {
    byte[] given = RawText.encode(argument.given());
    InputName name = InputName.of(given);
    boolean mine = options.shard().has(given);
    return switch (argument) {
      case Argument.Named _ -> beginPath(given, name, mine);
      case Argument.Url url -> mine ? new UrlInput(name, url.url(), downloads) : null;
      case Argument.ListFile file -> beginList(RawText.encode(file.path()), given);
      case Argument.StandardInput _ -> {
        InputStream unclosed =
            new FilterInputStream(options.standardInput()) {
              @Override
              public void close() {}
            };
        list = new OpenList(new PathList(unclosed, options.nulSeparated()), given);
        yield null;
      }
    };
  }

  private @Nullable Input beginPath(byte[] given, InputName name, boolean mine) {
    try {
      Path path = pathOf(given);
      if (Files.isDirectory(path)) {
        folder = new FolderWalk(given, path, options, skipped);
        return null;
      }
      return mine ? new FileInput(name, path, options.fileLimit()) : null;
    } catch (InputException e) {
      return mine ? new FailedInput(name, e) : null;
    }
  }

  private @Nullable Input beginList(byte[] file, byte[] given) {
    try {
      Path path = pathOf(file);
      try {
        list =
            new OpenList(new PathList(Files.newInputStream(path), options.nulSeparated()), given);
        return null;
      } catch (IOException e) {
        throw FileError.of(e, path, "list");
      }
    } catch (InputException e) {
      return failed(given, e);
    }
  }

  private static Path pathOf(byte[] bytes) throws InputException {
    if (bytes.length == 0) {
      throw new InputException(ErrorKind.NOT_FOUND, "An empty name is no file's.");
    }
    try {
      return RawPath.of(bytes);
    } catch (InvalidPathException e) {
      throw FileError.invalidPath();
    }
  }

  private @Nullable Input nextOf(OpenList open) {
    try {
      byte[] entry = open.entries.next();
      if (entry != null) {
        return begin(Argument.entry(RawText.decode(entry)));
      }
      closeList();
      if (open.entries.count() > 0) {
        return null;
      }
      throw new InputException(ErrorKind.NO_PICTURES, "This list has no entries.");
    } catch (IOException e) {
      closeList();
      return failed(open.given, FileError.of(e, Path.of(""), "list"));
    } catch (InputException e) {
      return failed(open.given, e);
    }
  }

  private @Nullable Input failed(byte[] given, InputException failure) {
    return options.shard().has(given) ? new FailedInput(InputName.of(given), failure) : null;
  }

  private void closeList() {
    OpenList open = list;
    list = null;
    if (open != null) {
      try {
        open.entries.close();
      } catch (IOException e) {
        // It was only read: nothing is lost.
      }
    }
  }

  /** Ends what is still being downloaded. Closing twice is nothing. */
  @Override
  public void close() {
    closeList();
    downloads.close();
  }
}
