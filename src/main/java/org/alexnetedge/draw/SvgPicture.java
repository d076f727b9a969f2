package org.alexnetedge.draw;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;
import org.alexnetedge.draw.Scene.Anchor;
import org.alexnetedge.draw.Scene.Box;
import org.alexnetedge.draw.Scene.Curve;
import org.alexnetedge.draw.Scene.Path;
import org.alexnetedge.draw.Scene.Point;
import org.alexnetedge.draw.Scene.Polygon;
import org.alexnetedge.draw.Scene.Shape;
import org.alexnetedge.draw.Scene.Step;
import org.alexnetedge.draw.Scene.Straight;
import org.alexnetedge.draw.Scene.Text;

/** A scene as SVG 1.1: texts stay texts, nothing is fetched or run. */
public final class SvgPicture {
  private static final String NAMESPACE = "http://www.w3.org/2000/svg";

  /** Each as wide as the widths that are reckoned with, or less. */
  private static final String FONTS =
      "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif";

  private final XMLStreamWriter xml;

  private SvgPicture(XMLStreamWriter xml) {
    this.xml = xml;
  }

  /**
   * Writes the picture; the same scene gives the same bytes. The stream is left open.
   *
   * @throws IOException when the stream cannot be written
   */
  public static void write(Scene scene, OutputStream out) throws IOException {
    try {
      // The JDK's own, whatever else is on the class path.
      XMLStreamWriter xml =
          XMLOutputFactory.newDefaultFactory()
              .createXMLStreamWriter(out, StandardCharsets.UTF_8.name());
      new SvgPicture(xml).write(scene);
      xml.close();
    } catch (XMLStreamException e) {
      throw e.getNestedException() instanceof IOException io ? io : new IOException(e);
    }
  }

  private void write(Scene scene) throws XMLStreamException {
    xml.writeStartDocument(StandardCharsets.UTF_8.name(), "1.0");
    xml.writeCharacters("\n");
    xml.writeStartElement("svg");
    xml.writeDefaultNamespace(NAMESPACE);
    attribute("width", number(scene.width()));
    attribute("height", number(scene.height()));
    attribute("viewBox", "0 0 " + number(scene.width()) + " " + number(scene.height()));
    attribute("role", "img");
    attribute("font-family", FONTS);
    attribute("stroke-linejoin", "round");
    xml.writeCharacters("\n");
    xml.writeStartElement("title");
    xml.writeCharacters(scene.title());
    xml.writeEndElement();
    for (Shape shape : scene.shapes()) {
      xml.writeCharacters("\n");
      switch (shape) {
        case Box box -> write(box);
        case Polygon polygon -> write(polygon);
        case Path path -> write(path);
        case Text text -> write(text);
      }
    }
    xml.writeCharacters("\n");
    xml.writeEndElement();
    xml.writeCharacters("\n");
    xml.writeEndDocument();
  }

  private void write(Box box) throws XMLStreamException {
    xml.writeEmptyElement("rect");
    attribute("x", number(box.x()));
    attribute("y", number(box.y()));
    attribute("width", number(box.width()));
    attribute("height", number(box.height()));
    if (box.radius() > 0) {
      attribute("rx", number(box.radius()));
    }
    paint(box.fill(), box.stroke());
  }

  private void write(Polygon polygon) throws XMLStreamException {
    xml.writeEmptyElement("polygon");
    attribute(
        "points",
        polygon.corners().stream().map(SvgPicture::pair).collect(Collectors.joining(" ")));
    paint(polygon.fill(), polygon.stroke());
  }

  private void write(Path path) throws XMLStreamException {
    xml.writeEmptyElement("path");
    attribute("d", commands(path.steps()));
    paint(Scene.NONE, path.stroke());
    attribute("stroke-width", number(path.thickness()));
    if (path.dashed()) {
      attribute("stroke-dasharray", "4 3");
    }
  }

  private static String commands(List<Step> steps) {
    StringBuilder commands = new StringBuilder("M").append(pair(steps.getFirst().to()));
    for (Step step : steps.subList(1, steps.size())) {
      commands.append(
          switch (step) {
            case Straight(Point to) -> " L" + pair(to);
            case Curve(Point first, Point second, Point to) ->
                " C" + pair(first) + " " + pair(second) + " " + pair(to);
          });
    }
    return commands.toString();
  }

  private void write(Text text) throws XMLStreamException {
    xml.writeStartElement("text");
    attribute("x", number(text.x()));
    attribute("y", number(text.y()));
    attribute("font-size", number(text.size()));
    if (text.font() == Font.BOLD) {
      attribute("font-weight", "bold");
    }
    if (text.anchor() != Anchor.START) {
      attribute("text-anchor", text.anchor() == Anchor.END ? "end" : "middle");
    }
    attribute("fill", text.color());
    if (!Font.isKnown(text.text())) {
      // Whatever font has these characters, they stay within their box.
      attribute("textLength", number(text.width()));
      attribute("lengthAdjust", "spacingAndGlyphs");
    }
    xml.writeCharacters(text.text());
    xml.writeEndElement();
  }

  private void paint(String fill, String stroke) throws XMLStreamException {
    attribute("fill", fill);
    if (!stroke.equals(Scene.NONE)) {
      attribute("stroke", stroke);
    }
  }

  private void attribute(String name, String value) throws XMLStreamException {
    xml.writeAttribute(name, value);
  }

  private static String pair(Point point) {
    return number(point.x()) + "," + number(point.y());
  }

  /** To a tenth of a pixel. */
  private static String number(double value) {
    long tenths = Math.round(value * 10);
    return tenths % 10 == 0
        ? Long.toString(tenths / 10)
        : (tenths < 0 ? "-" : "") + Math.abs(tenths) / 10 + "." + Math.abs(tenths) % 10;
  }
}
