package org.alexnetedge.pipeline;

/** A picture that is downloaded when its turn comes. */
record UrlInput(InputName name, String url, Downloads downloads) implements Input {

  @Override
  public void read(EncodedPicture picture) throws InputException {
    picture.clear();
    downloads.read(url, picture);
  }
}
