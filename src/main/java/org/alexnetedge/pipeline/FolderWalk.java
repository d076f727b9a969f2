package org.alexnetedge.pipeline;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The pictures of one folder that was named, depth first, the entries of each folder in the byte
 * order of their names. Memory holds the names of the folders between here and the top, not of the
 * tree. Links are followed, but not to a folder that we are inside of.
 *
 * <p>An entry whose extension is a picture's gets a record whatever it is and whatever happens to
 * it in between; another gets one if its content is a picture's.
 */
final class FolderWalk {
  private final byte[] given;
  private final InputOptions options;
  private final PictureFiles pictures;
  private final LongAdder skipped;
  private final Deque<Level> levels = new ArrayDeque<>();
  private final Path top;

  /** Whether the record that could say "no pictures" would be this shard's. */
  private final boolean judges;

  private boolean started;

  /** Whether there was a picture or an error, of this shard or another. */
  private boolean found;

  /** One folder on the way down. */
  private static final class Level {
    final Path path;

    /** What stands before its entries' names, relative to the top: empty or ends in /. */
    final byte[] prefix;

    final Object key;
    private final byte[][] names;
    private int position;

    Level(Path path, byte[] prefix, Object key, byte[][] names) {
      this.path = path;
      this.prefix = prefix;
      this.key = key;
      this.names = names;
    }

    byte @Nullable [] next() {
      return position == names.length ? null : names[position++];
    }
  }

  FolderWalk(byte[] given, Path top, InputOptions options, LongAdder skipped) {
    this.given = given;
    this.top = top;
    this.options = options;
    this.pictures = new PictureFiles(options.looksLikePicture());
    this.skipped = skipped;
    this.judges = options.shard().has(given);
  }

  /** The next input, or null at the end. */
  @Nullable Input next() {
    Input input = null;
    if (!started) {
      started = true;
      input = enter(top, new byte[0]);
    }
    while (input == null && !levels.isEmpty()) {
      Level level = levels.getFirst();
      byte[] name = level.next();
      if (name == null) {
        levels.removeFirst();
      } else {
        input = visit(level, name);
      }
    }
    if (input == null && !found) {
      found = true;
      input =
          judges
              ? new FailedInput(
                  InputName.of(given),
                  ErrorKind.NO_PICTURES,
                  "This folder holds no picture; others and hidden files are passed over.")
              : null;
    }
    return input;
  }

  private @Nullable Input visit(Level level, byte[] name) {
    byte[] relative = concat(level.prefix, name);
    boolean mine = options.shard().has(relative);
    if (name[0] == '.') {
      return skip(mine);
    }
    Path path = level.path.resolve(RawPath.of(name));
    boolean byName = PictureFiles.hasExtension(name);
    boolean picture;
    try {
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      if (attributes.isDirectory()) {
        return isInside(attributes.fileKey()) ? skip(mine) : enter(path, relative);
      }
      // The content matters for what is ours, and until it is known that there is some picture.
      picture =
          byName
              || attributes.isRegularFile()
                  && (mine || judges && !found)
                  && pictures.hasContent(path);
    } catch (AccessDeniedException e) {
      picture = true; // what it is cannot be told, so it is not passed over
    } catch (IOException e) {
      picture = byName; // a broken link, or gone since the folder was listed
    }
    if (!picture) {
      return skip(mine);
    }
    found = true;
    return mine ? new FileInput(nameOf(relative), path, options.fileLimit()) : null;
  }

  /** Goes down into a folder; gives an input only if it cannot be read. */
  private @Nullable Input enter(Path path, byte[] relative) {
    List<byte[]> names = new ArrayList<>();
    InputException failure = null;
    Object key = path;
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
      key = keyOf(path);
      for (Path entry : entries) {
        names.add(RawPath.bytes(entry.getFileName()));
      }
    } catch (DirectoryIteratorException e) {
      failure =
          FileError.of(e.getCause(), path, "folder"); // what was listed is visited all the same
    } catch (IOException e) {
      failure = FileError.of(e, path, "folder");
    }
    byte[][] sorted = names.toArray(new byte[0][]);
    Arrays.sort(sorted, Arrays::compareUnsigned);
    byte[] prefix = relative.length == 0 ? relative : concat(relative, new byte[] {'/'});
    levels.addFirst(new Level(path, prefix, key, sorted));
    if (failure == null) {
      return null;
    }
    found = true;
    boolean mine = relative.length == 0 ? judges : options.shard().has(relative);
    return mine ? new FailedInput(nameOf(relative), failure) : null;
  }

  private static Object keyOf(Path path) throws IOException {
    Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    return key == null ? path : key;
  }

  /** By device and inode, so that it does not matter by which links we came. */
  private boolean isInside(@Nullable Object key) {
    return levels.stream().anyMatch(level -> level.key.equals(key));
  }

  private @Nullable Input skip(boolean mine) {
    if (mine) {
      skipped.increment();
    }
    return null;
  }

  /** The argument as given, then the way from there. */
  private InputName nameOf(byte[] relative) {
    if (relative.length == 0) {
      return InputName.of(given);
    }
    boolean slash = given[given.length - 1] == '/';
    return InputName.of(concat(slash ? given : concat(given, new byte[] {'/'}), relative));
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
