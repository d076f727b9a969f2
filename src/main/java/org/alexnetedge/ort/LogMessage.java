package org.alexnetedge.ort;

/**
 * One line of ONNX Runtime's log.
 *
 * @param level how grave it is
 * @param category ONNX Runtime's category, mostly {@code onnxruntime}
 * @param logId identifier of the environment, session or run that logged
 * @param location file, line and function in ONNX Runtime's source
 * @param text the message
 */
public record LogMessage(
    LogLevel level, String category, String logId, String location, String text) {
  @Override
  public String toString() {
    return level + " " + location + ": " + text;
  }
}
