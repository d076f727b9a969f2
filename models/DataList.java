import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Lists the pictures that the default model is trained on and measured by, as the table that {@code
 * alexnet train} and {@code alexnet evaluate} take:
 *
 * <pre>java models/DataList.java DATASETS &gt; default.csv</pre>
 *
 * DATASETS holds the folders {@code caltech101}, {@code cats-dogs} and {@code flowers}, each with
 * one folder for a class. In each of these, sorted by name, every fifth picture is held back.
 */
void main(String[] arguments) {
  if (arguments.length != 1) {
    System.err.println("java models/DataList.java DATASETS > default.csv");
    System.exit(2);
  }
  Path root = Path.of(arguments[0]).toAbsolutePath().normalize();
  PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
  out.println("path,label,split");
  for (String set : List.of("caltech101", "cats-dogs", "flowers")) {
    for (Path folder : sorted(root.resolve(set))) {
      String name = folder.getFileName().toString();
      if (name.equals(CLUTTER)) {
        continue;
      }
      List<Path> files = sorted(folder);
      for (int i = 0; i < files.size(); i++) {
        out.println(files.get(i) + "," + label(name) + "," + (i % 5 == 4 ? "val" : "train"));
      }
    }
  }
  out.flush();
}

/** What Caltech-101 has that belongs to no class. */
static final String CLUTTER = "BACKGROUND_Google";

/** Where the name of a folder is not the name of what it shows. */
static final Map<String, String> LABELS =
    Map.of(
        "Faces", "face",
        "Faces_easy", "face",
        "roses", "rose",
        "sunflowers", "sunflower",
        "tulips", "tulip",
        "water_lilly", "water lily");

static String label(String folder) {
  return LABELS.getOrDefault(folder, folder.toLowerCase(Locale.ROOT).replace('_', ' '));
}

static List<Path> sorted(Path folder) {
  try (Stream<Path> entries = Files.list(folder)) {
    return entries.filter(entry -> !entry.getFileName().toString().startsWith(".")).sorted().toList();
  } catch (IOException e) {
    throw new UncheckedIOException(e);
  }
}
