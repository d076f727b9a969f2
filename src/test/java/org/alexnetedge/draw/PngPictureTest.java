package org.alexnetedge.draw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.util.List;
import javax.imageio.ImageIO;
import org.alexnetedge.draw.Scene.Box;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class PngPictureTest {
  @Test
  void a_png_shows_the_scene_a_pixel_for_each_unit() throws Exception {
    Scene scene = LayersPicture.of(LayerGraph.of(Networks.inception(2)), "Größe");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      PngPicture.write(scene, out);
    } catch (DrawException e) {
      Assumptions.abort(e.getMessage()); // No fonts on this machine.
    }
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(out.toByteArray()));
    assertEquals((int) Math.ceil(scene.width()), image.getWidth());
    assertEquals((int) Math.ceil(scene.height()), image.getHeight());
    assertEquals(0xffffffff, image.getRGB(2, 2));
    for (Box box : Readable.boxes(scene)) {
      // Left of all texts, and away from the round corner.
      int fill = image.getRGB((int) box.x() + 5, (int) (box.y() + box.height() / 2));
      assertEquals(box.fill(), String.format("#%06x", fill & 0xffffff));
    }
    for (Scene.Text text : Readable.all(scene, Scene.Text.class)) {
      assertTrue(inked(image, text), text + " is not to be seen");
    }
  }

  /** Whether something dark stands where a text should. */
  private static boolean inked(BufferedImage image, Scene.Text text) {
    for (int y = (int) (text.y() - text.size()); y <= text.y(); y++) {
      for (int x = (int) text.left(); x < text.left() + text.width(); x++) {
        if ((image.getRGB(x, y) >> 8 & 0xff) < 0x70) {
          return true;
        }
      }
    }
    return false;
  }

  @Test
  void a_page_of_too_many_pixels_is_refused_in_favour_of_svg() {
    Scene large = new Scene("t", 100_000, 100_000, List.of());
    DrawException refused =
        assertThrows(
            DrawException.class, () -> PngPicture.write(large, OutputStream.nullOutputStream()));
    assertTrue(refused.getMessage().contains("100000 x 100000"), refused.getMessage());
    assertTrue(refused.getMessage().contains("-o FILE.svg"), refused.getMessage());
  }
}
