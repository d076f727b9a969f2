package org.alexnetedge.pipeline;

/** What is known to be unreadable when it is found, such as a folder without permission. */
record FailedInput(InputName name, ErrorKind kind, String message) implements Input {

  FailedInput(InputName name, InputException failure) {
    this(name, failure.kind(), failure.getMessage());
  }

  @Override
  public void read(EncodedPicture picture) throws InputException {
    throw new InputException(kind, message);
  }
}
