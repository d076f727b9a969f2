package org.alexnetedge.classify;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alexnetedge.pipeline.ErrorKind;
import org.alexnetedge.pipeline.InputName;

/**
 * A run over inputs that are numbers, for tests that kill it: {@code NumberedRun FILE COUNT
 * MILLISECONDS}, the time that a batch of 8 takes. It resumes what there is.
 */
final class NumberedRun {

  static final int TOP = 2;

  /** What this exits with when its reader has gone. */
  static final int CLOSED_PIPE = 9;

  private NumberedRun() {}

  static Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("the model", "sha256 12ab");
    settings.put("--top", Integer.toString(TOP));
    return settings;
  }

  static RecordWriter writer(Path file) {
    return RecordFormat.forFile(file) == RecordFormat.CSV ? new CsvRows(TOP) : new JsonLines();
  }

  /** Every third name has line ends and quotes in it, every fifth record is an error. */
  static ClassifyRecord record(int i) {
    InputName name = InputName.of(i % 3 == 0 ? "a \"" + i + "\"\n,\n.jpg" : "ä/" + i + ".jpg");
    if (i % 7 == 3) {
      name = InputName.of(new byte[] {(byte) 0xE4, (byte) ('0' + i % 10)});
    }
    return i % 5 == 4
        ? new ClassifyRecord.Failure(name, ErrorKind.TRUNCATED, "Cut off after " + i + " bytes.")
        : new ClassifyRecord.Result(
            name, List.of(new Prediction(i, "label, " + i, 1f / i), new Prediction(0, null, 0)));
  }

  /** Passes what is done and does the rest; returns how many records were kept. */
  static int finish(RecordOutput output, int count, int milliseconds) throws Exception {
    int i = 0;
    while (i < count && output.kept().expect(record(i).file()) != null) {
      i++;
    }
    if (i == count) {
      output.kept().expectEnd();
    }
    int kept = i;
    for (; i < count; i++) {
      output.write(record(i));
      if (i % 8 == 7) {
        output.endBatch();
        Thread.sleep(milliseconds);
      }
    }
    return kept;
  }

  public static void main(String[] args) throws Exception {
    Path file = Path.of(args[0]);
    RecordOutput.Existing existing =
        StreamOutput.isStream(file) ? RecordOutput.Existing.REFUSE : RecordOutput.Existing.RESUME;
    try (RecordOutput output = RecordOutput.open(file, existing, writer(file), settings())) {
      finish(output, Integer.parseInt(args[1]), Integer.parseInt(args[2]));
    } catch (OutputException e) {
      System.err.println(e.getMessage());
      System.exit(4);
    } catch (ClosedPipeException e) {
      System.exit(CLOSED_PIPE);
    }
  }
}
