package org.alexnetedge.natives;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The folder of files that this program makes for itself: extracted libraries and whatever else is
 * cheap to make again. Owner-only, safe to delete at any time, safe with several processes.
 *
 * <p>Thread-safe.
 */
public final class NativeCache {
  private static final FileAttribute<?> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  /** Written last into a complete folder: one {@code SIZE MTIME_NANOS NAME} a line. */
  private static final String STAMP = ".verified";

  private static final String TEMPORARY = ".tmp-";

  private static final String REBUILD = "build or fetch the jar again";

  private final Path root;
  private final Consumer<String> warnings;
  private @Nullable Path privateRoot;

  /**
   * A cache in a folder of its own.
   *
   * @param root the folder; made when first needed
   * @param warnings takes a sentence when the folder cannot be used and a private temporary one
   *     takes its place
   */
  public NativeCache(Path root, Consumer<String> warnings) {
    this.root = root.toAbsolutePath();
    this.warnings = warnings;
  }

  /**
   * The user's cache: {@code $ALEXNET_CACHE}, else {@code $XDG_CACHE_HOME/alexnet-edge}, else
   * {@code ~/.cache/alexnet-edge}.
   */
  public static NativeCache ofUser(Consumer<String> warnings) {
    String own = System.getenv("ALEXNET_CACHE");
    if (own != null && !own.isEmpty()) {
      return new NativeCache(Path.of(own), warnings);
    }
    String xdg = System.getenv("XDG_CACHE_HOME");
    Path base =
        xdg != null && xdg.startsWith("/")
            ? Path.of(xdg)
            : Path.of(System.getProperty("user.home"), ".cache");
    return new NativeCache(base.resolve("alexnet-edge"), warnings);
  }

  /** The folder, which may not exist yet. */
  public Path root() {
    return root;
  }

  /**
   * The folder that holds all files of the bundle, extracted now if they are not there yet or are
   * not what they were.
   *
   * <p>A file whose size and time are those of the extraction is taken as sound; any other is
   * checked by SHA-256 and, if it differs, extracted again.
   *
   * @throws NativeLibraryException when the bundle is not on the class path, or neither the cache
   *     nor a temporary folder can hold it
   */
  public Path extract(NativeBundle bundle) {
    return extract(bundle, REBUILD);
  }

  /**
   * As {@link #extract(NativeBundle)} for a bundle that a user may bring along.
   *
   * @param remedy ends the sentence, without a full stop, when a library is not on the class path
   *     or is another one: what to do
   */
  public Path extract(NativeBundle bundle, String remedy) {
    for (NativeBundle.Entry file : bundle.files()) {
      // Asked for even when it is in the cache: else a program would run here and nowhere else.
      if (bundle.loader().getResource(file.resource()) == null) {
        throw new NativeLibraryException(
            "The library " + file.resource() + " is not on the class path; " + remedy + ".");
      }
    }
    return extract(
        bundle.folderName(),
        bundle.files().stream()
            .map(
                file ->
                    new Content(file.fileName(), file.sha256(), remedy, () -> open(bundle, file)))
            .toList());
  }

  /**
   * One file to extract.
   *
   * @param fileName in the folder
   * @param sha256 lower-case hex that the content must have, or null when the source is trusted
   * @param remedy what to do when the content has another sum, without a full stop
   * @param source opens the content
   */
  public record Content(String fileName, @Nullable String sha256, String remedy, Source source) {
    /** As the record's, for content that comes with this program's own jar. */
    public Content(String fileName, @Nullable String sha256, Source source) {
      this(fileName, sha256, REBUILD, source);
    }
  }

  /** Opens a file's content. */
  @FunctionalInterface
  public interface Source {
    /** A new stream, which the caller closes. */
    InputStream open() throws IOException;
  }

  /**
   * As {@link #extract(NativeBundle)} for files from elsewhere.
   *
   * @param folderName names the content: other content needs another name
   * @throws NativeLibraryException when neither the cache nor a temporary folder can hold them
   */
  public synchronized Path extract(String folderName, List<Content> files) {
    if (privateRoot == null) {
      try {
        Path folder = extractInto(root.resolve("natives"), folderName, files);
        if (Files.isExecutable(folder.resolve(files.getFirst().fileName()))) {
          return folder;
        }
        warnings.accept(
            "The cache folder "
                + root
                + " is on a file system mounted noexec, so libraries cannot be loaded from it;"
                + " using a temporary folder. Set ALEXNET_CACHE to a folder that permits it.");
      } catch (IOException e) {
        warnings.accept(
            "The cache folder "
                + root
                + " cannot be used ("
                + describe(e)
                + "); using a temporary folder. Set ALEXNET_CACHE to a writable folder.");
      }
    }
    try {
      return extractInto(privateRoot(), folderName, files);
    } catch (IOException e) {
      throw new NativeLibraryException(
          "The native libraries of "
              + folderName
              + " cannot be extracted, neither into "
              + root
              + " nor into a temporary folder ("
              + describe(e)
              + "); set ALEXNET_CACHE to a folder with "
              + "60 MB of space.",
          e);
    }
  }

  private Path privateRoot() throws IOException {
    if (privateRoot == null) {
      Path made = Files.createTempDirectory("alexnet-edge-");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> deleteTree(made)));
      privateRoot = made;
    }
    return privateRoot;
  }

  private static Path extractInto(Path parent, String folderName, List<Content> files)
      throws IOException {
    Path folder = parent.resolve(folderName);
    if (isSound(folder, files)) {
      return folder;
    }
    Files.createDirectories(parent, OWNER_ONLY);
    deleteAbandoned(parent);
    Path temporary = Files.createTempDirectory(parent, TEMPORARY, OWNER_ONLY);
    try {
      for (Content file : files) {
        copy(file, temporary.resolve(file.fileName()));
      }
      Files.writeString(temporary.resolve(STAMP), stampOf(temporary, files));
      moveInPlace(temporary, folder, files);
    } finally {
      deleteTree(temporary);
    }
    return folder;
  }

  /** Whoever renames first wins; a folder that is damaged makes way. */
  private static void moveInPlace(Path temporary, Path folder, List<Content> files)
      throws IOException {
    for (int attempt = 0; ; attempt++) {
      try {
        Files.move(temporary, folder, StandardCopyOption.ATOMIC_MOVE);
        return;
      } catch (FileSystemException e) {
        // The JDK has no exception of its own for rename(2)'s ENOTEMPTY.
        if (isSound(folder, files)) {
          return;
        }
        if (attempt == 3 || !Files.isDirectory(folder)) {
          throw e;
        }
        Path damaged = Files.createTempDirectory(folder.getParent(), TEMPORARY, OWNER_ONLY);
        try {
          Files.move(folder, damaged.resolve("damaged"), StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException gone) {
          // Another process was quicker.
        } finally {
          deleteTree(damaged);
        }
      }
    }
  }

  private static boolean isSound(Path folder, List<Content> files) throws IOException {
    try {
      if (Files.readString(folder.resolve(STAMP)).equals(stampOf(folder, files))) {
        return true;
      }
      for (Content file : files) {
        Path path = folder.resolve(file.fileName());
        if (!Files.isRegularFile(path) || !sha256(path).equals(file.sha256())) {
          return false;
        }
      }
      return true;
    } catch (NoSuchFileException e) {
      return false; // Never complete, or another process is replacing it.
    }
  }

  private static String stampOf(Path folder, List<Content> files) throws IOException {
    StringBuilder stamp = new StringBuilder();
    for (Content file : files) {
      BasicFileAttributes attributes =
          Files.readAttributes(folder.resolve(file.fileName()), BasicFileAttributes.class);
      stamp
          .append(attributes.size())
          .append(' ')
          .append(attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS))
          .append(' ')
          .append(file.fileName())
          .append('\n');
    }
    return stamp.toString();
  }

  private static void copy(Content file, Path target) throws IOException {
    MessageDigest digest = sha256();
    try (InputStream in = new DigestInputStream(file.source().open(), digest);
        OutputStream out = Files.newOutputStream(target, StandardOpenOption.CREATE_NEW)) {
      in.transferTo(out);
    }
    Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("r-x------"));
    if (file.sha256() != null && !hex(digest).equals(file.sha256())) {
      throw new NativeLibraryException(
          "The library "
              + file.fileName()
              + " is not the one this build was made with (its SHA-256 differs); "
              + file.remedy()
              + ".");
    }
  }

  private static InputStream open(NativeBundle bundle, NativeBundle.Entry file) throws IOException {
    InputStream in = bundle.loader().getResourceAsStream(file.resource());
    if (in == null) {
      throw new NoSuchFileException(file.resource());
    }
    return in;
  }

  private static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  private static String sha256(Path file) throws IOException {
    MessageDigest digest = sha256();
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return hex(digest);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e); // Every Java platform has it.
    }
  }

  /** Temporary folders whose process was killed; a day is longer than any extraction. */
  private static void deleteAbandoned(Path parent) throws IOException {
    Instant yesterday = Instant.now().minus(Duration.ofDays(1));
    try (DirectoryStream<Path> old = Files.newDirectoryStream(parent, TEMPORARY + "*")) {
      for (Path folder : old) {
        try {
          if (Files.getLastModifiedTime(folder).toInstant().isBefore(yesterday)) {
            deleteTree(folder);
          }
        } catch (NoSuchFileException e) {
          // Another process has just put it in place.
        }
      }
    }
  }

  private static void deleteTree(Path folder) {
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      try {
        Files.deleteIfExists(folder);
      } catch (IOException e) {
        // Left for a later start, which deletes what was abandoned.
      }
      return;
    }
    try (DirectoryStream<Path> children = Files.newDirectoryStream(folder)) {
      for (Path child : children) {
        deleteTree(child);
      }
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      // As above.
    }
  }

  private static String describe(IOException e) {
    return switch (e) {
      case AccessDeniedException denied -> "no permission for " + denied.getFile();
      case FileAlreadyExistsException exists -> exists.getFile() + " is not a folder";
      default -> String.valueOf(e.getMessage());
    };
  }
}
