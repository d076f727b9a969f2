package org.alexnetedge.classify;

import java.util.function.Consumer;

/** Records for a program instead of a file: each is handed over as soon as it is made. */
final class CallbackOutput implements RecordOutput {
  private final Consumer<? super ClassifyRecord> each;

  CallbackOutput(Consumer<? super ClassifyRecord> each) {
    this.each = each;
  }

  @Override
  public KeptRecords kept() {
    return KeptRecords.none();
  }

  @Override
  public void write(ClassifyRecord record) {
    each.accept(record);
  }

  @Override
  public void endBatch() {}

  @Override
  public void close() {}
}
