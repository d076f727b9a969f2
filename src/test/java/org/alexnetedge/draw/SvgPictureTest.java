package org.alexnetedge.draw;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.alexnetedge.onnx.GraphBuilder;
import org.alexnetedge.onnx.OnnxModel;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class SvgPictureTest {
  /** Names that XML, the eye or a page would stumble over. */
  static final List<String> HOSTILE =
      List.of(
          "<script>alert('&amp;')</script>",
          "]]>\"'&lt;",
          "a\u0000b\u001b[31m\u0008\ufffe\uffff",
          "line\nline\ttab",
          "\u202eright to left\u202c",
          "\u0634\u0628\u0643\u0629",
          "\u5c42\u5c42\u5c42 \ud83d\ude00",
          "e\u0301\u0301\u0301",
          "\ufdfd\ufdfd\ufdfd",
          "W".repeat(5000),
          "\ud83d\ude00".repeat(3000),
          " ");

  private static byte[] svg(OnnxModel model, Style style, String title) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    SvgPicture.write(style.draw(LayerGraph.of(model), title), out);
    return out.toByteArray();
  }

  private static Document parsed(byte[] svg) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultNSInstance();
    return factory.newDocumentBuilder().parse(new ByteArrayInputStream(svg));
  }

  private static List<String> contents(Document document, String element) {
    NodeList nodes = document.getElementsByTagNameNS("http://www.w3.org/2000/svg", element);
    List<String> contents = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      contents.add(nodes.item(i).getTextContent());
    }
    return contents;
  }

  @Test
  void a_picture_is_a_page_of_boxes_and_selectable_texts() throws Exception {
    Document document = parsed(svg(Networks.residual(1), Style.LAYERS, "One & <only>"));
    Element root = document.getDocumentElement();
    assertEquals(
        "0 0 " + root.getAttribute("width") + " " + root.getAttribute("height"),
        root.getAttribute("viewBox"));
    // The paper, then x, two convolutions, the sum and the output.
    assertEquals(1 + 5, contents(document, "rect").size());
    Element paper = (Element) document.getElementsByTagName("rect").item(0);
    assertEquals("#ffffff", paper.getAttribute("fill"));
    assertEquals(root.getAttribute("width"), paper.getAttribute("width"));
    assertEquals(List.of("One & <only>"), contents(document, "title"));
    List<String> texts = contents(document, "text");
    assertTrue(texts.containsAll(List.of("One & <only>", "block0.a", "Conv + Relu", "Add + Relu")));
    assertEquals(5, texts.stream().filter("[n, 2, 8, 8]"::equals).count());
  }

  @Test
  void odd_names_are_escaped_and_shortened() throws Exception {
    for (Style style : Style.values()) {
      for (String name : HOSTILE) {
        GraphBuilder graph = Networks.graph().node(Networks.conv("x", "y").withName(name));
        List<String> texts = contents(parsed(svg(Networks.ended(graph, "y"), style, name)), "text");
        assertTrue(
            texts.stream().allMatch(text -> text.codePointCount(0, text.length()) < 120), name);
      }
    }
    GraphBuilder graph = Networks.graph().node(Networks.conv("x", "y").withName(HOSTILE.get(2)));
    List<String> texts =
        contents(parsed(svg(Networks.ended(graph, "y"), Style.LAYERS, "")), "text");
    assertTrue(texts.contains("a\\u0000b\\u001b[31m\\u0008\\ufffe\\uffff"), texts.toString());
  }

  @Test
  void the_same_model_gives_the_same_bytes() throws Exception {
    for (Style style : Style.values()) {
      assertArrayEquals(
          svg(Networks.inception(3), style, "t"), svg(Networks.inception(3), style, "t"));
    }
  }
}
