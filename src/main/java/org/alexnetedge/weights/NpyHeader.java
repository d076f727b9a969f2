package org.alexnetedge.weights;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What stands before the elements of a {@code .npy} file: a magic word, a version, a length, and a
 * Python dictionary as text (numpy.lib.format).
 *
 * @param descr element type, for instance {@code <f4}
 * @param fortranOrder first dimension fastest
 * @param shape dimensions; empty for a scalar
 * @param dataOffset where the elements begin
 */
record NpyHeader(String descr, boolean fortranOrder, long[] shape, long dataOffset) {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int ALIGNMENT = 64;

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final Pattern DESCR =
      Pattern.compile("['\"]descr['\"]\\s*:\\s*['\"]([^'\"]*)['\"]");
  private static final Pattern STRUCTURED = Pattern.compile("['\"]descr['\"]\\s*:\\s*[\\[(]");
  private static final Pattern ORDER =
      Pattern.compile("['\"]fortran_order['\"]\\s*:\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("['\"]shape['\"]\\s*:\\s*\\(([^)]*)\\)");
  // Python 2 wrote long numbers as 3L.
  private static final Pattern LENGTH = Pattern.compile("(\\d{1,18})L?");

  static NpyHeader decode(MemorySegment bytes, String name) {
    long available = bytes.byteSize();
    if (available == 0) {
      throw new WeightsException(name + " is empty.");
    }
    byte[] magic = bytes.asSlice(0, Math.min(available, 6)).toArray(ValueLayout.JAVA_BYTE);
    if (!Arrays.equals(magic, Arrays.copyOf(MAGIC, magic.length))) {
      throw new WeightsException(name + " is not a NumPy array (.npy): it begins otherwise.");
    }
    if (available < 10) {
      throw cutOff(name);
    }
    int major = bytes.get(ValueLayout.JAVA_BYTE, 6);
    if (major < 1 || major > 3) {
      throw new WeightsException(
          name + " is a .npy file of version " + major + "; versions 1 to 3 are known.");
    }
    int offset = major == 1 ? 10 : 12;
    if (available < offset) {
      throw cutOff(name);
    }
    long length = major == 1 ? bytes.get(SHORT, 8) & 0xffffL : bytes.get(INT, 8) & 0xffff_ffffL;
    // NumPy itself refuses headers above 10,000 bytes unless told otherwise.
    if (length > 1 << 20) {
      throw new WeightsException(name + " is damaged: its header would have " + length + " bytes.");
    }
    if (length > available - offset) {
      throw cutOff(name);
    }
    Charset charset = major == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
    String text = new String(bytes.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE), charset);
    return parse(text, offset + length, name);
  }

  private static NpyHeader parse(String text, long dataOffset, String name) {
    if (STRUCTURED.matcher(text).find()) {
      throw new WeightsException(name + " has elements of several fields, which is not supported.");
    }
    Matcher descr = DESCR.matcher(text);
    Matcher order = ORDER.matcher(text);
    Matcher shape = SHAPE.matcher(text);
    if (!descr.find() || !order.find() || !shape.find()) {
      throw damaged(name);
    }
    List<Long> lengths = new ArrayList<>();
    for (String part : shape.group(1).split(",")) {
      Matcher length = LENGTH.matcher(part.strip());
      if (length.matches()) {
        lengths.add(Long.valueOf(length.group(1)));
      } else if (!part.isBlank()) {
        throw damaged(name);
      }
    }
    long[] dimensions = lengths.stream().mapToLong(Long::longValue).toArray();
    return new NpyHeader(descr.group(1), order.group(1).equals("True"), dimensions, dataOffset);
  }

  /** Version 1.0, padded so that the elements are aligned in the file. */
  static byte[] encode(String descr, long[] shape) {
    String dimensions =
        Arrays.stream(shape)
            .mapToObj(Long::toString)
            .collect(Collectors.joining(", ", "(", shape.length == 1 ? ",)" : ")"));
    String text =
        "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + dimensions + ", }";
    int unpadded = MAGIC.length + 4 + text.length() + 1;
    int length = (unpadded + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    byte[] header = new byte[length];
    Arrays.fill(header, (byte) ' ');
    System.arraycopy(MAGIC, 0, header, 0, MAGIC.length);
    header[6] = 1;
    header[7] = 0;
    header[8] = (byte) (length - 10);
    header[9] = (byte) (length - 10 >>> 8);
    byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(ascii, 0, header, 10, ascii.length);
    header[length - 1] = '\n';
    return header;
  }

  private static WeightsException damaged(String name) {
    return new WeightsException(name + " is damaged: its header does not describe an array.");
  }

  private static WeightsException cutOff(String name) {
    return new WeightsException(name + " is cut off: it ends inside its header.");
  }
}
