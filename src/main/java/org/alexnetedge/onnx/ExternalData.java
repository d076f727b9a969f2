package org.alexnetedge.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;

/** Tensors whose bytes lie in another file of the model's folder ({@code model.onnx.data}). */
final class ExternalData {
  private ExternalData() {}

  static boolean isExternal(TensorProto proto) {
    return proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL;
  }

  static String location(TensorProto proto) {
    return entry(proto, "location");
  }

  private static String entry(TensorProto proto, String key) {
    for (StringStringEntryProto entry : proto.getExternalDataList()) {
      if (entry.getKey().equals(key)) {
        return entry.getValue();
      }
    }
    return "";
  }

  /** Reads the tensor's bytes into native memory; a user's file is never mapped. */
  static MemorySegment read(TensorProto proto, long byteSize, Origin origin) {
    Path file = resolve(proto, origin);
    long offset = number(proto, "offset", 0, origin);
    long length = number(proto, "length", byteSize, origin);
    if (length != byteSize) {
      throw origin.problem(
          "says that '"
              + proto.getName()
              + "' has "
              + length
              + " bytes in "
              + file.getFileName()
              + ", where its shape needs "
              + byteSize
              + ".");
    }
    try (FileChannel channel = FileChannel.open(file)) {
      long missing = length - Math.max(0, channel.size() - offset);
      if (missing > 0) {
        throw origin.problem(
            "needs " + missing + " more bytes of '" + proto.getName() + "' than " + file + " has.");
      }
      MemorySegment data = Arena.ofAuto().allocate(length, 8);
      ModelFile.readFully(channel, offset, data, file);
      return data;
    } catch (NoSuchFileException e) {
      throw origin.problem("keeps its weights in " + file + ", which does not exist.");
    } catch (IOException e) {
      throw new OnnxException(file + " cannot be read: " + ModelFile.reason(e) + ".", e);
    }
  }

  private static long number(TensorProto proto, String key, long otherwise, Origin origin) {
    String text = entry(proto, key);
    if (text.isEmpty()) {
      return otherwise;
    }
    try {
      long value = Long.parseLong(text);
      if (value >= 0) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw origin.problem(
        "has an external tensor '" + proto.getName() + "' whose " + key + " is '" + text + "'.");
  }

  /** A model must not be able to name any file of the machine, by "..", a root or a link. */
  private static Path resolve(TensorProto proto, Origin origin) {
    String location = location(proto);
    if (origin.file() == null || location.isEmpty()) {
      throw origin.problem("does not say where the data of '" + proto.getName() + "' is.");
    }
    try {
      Path folder = origin.file().toAbsolutePath().normalize().getParent();
      Path file = folder.resolve(location).normalize();
      boolean inside = file.startsWith(folder) && !file.equals(folder);
      if (inside && Files.exists(file)) {
        // Model caches link both files into one folder of contents, so that one is allowed too.
        Path contents = origin.file().toRealPath().getParent();
        Path real = file.toRealPath();
        inside = real.startsWith(folder.toRealPath()) || real.startsWith(contents);
      }
      if (inside) {
        return file;
      }
    } catch (InvalidPathException e) {
      // Said below.
    } catch (IOException e) {
      throw origin.problem("names '" + location + "', which cannot be found: " + e.getMessage());
    }
    throw origin.problem(
        "names external data outside its own folder ('" + location + "'), which is refused.");
  }

  /** The model with all external tensors read in, so that it can stand in one file. */
  static ModelProto embed(ModelProto model, Origin origin) {
    ModelProto.Builder copy = model.toBuilder();
    copy.setGraph(embed(model.getGraph(), origin));
    for (int i = 0; i < model.getFunctionsCount(); i++) {
      FunctionProto.Builder function = model.getFunctions(i).toBuilder();
      embed(function.getNodeList(), node -> embed(node, origin), function::setNode);
      copy.setFunctions(i, function);
    }
    return copy.build();
  }

  static GraphProto embed(GraphProto graph, Origin origin) {
    GraphProto.Builder copy = graph.toBuilder();
    embed(graph.getInitializerList(), tensor -> embed(tensor, origin), copy::setInitializer);
    embed(graph.getNodeList(), node -> embed(node, origin), copy::setNode);
    return copy.build();
  }

  static NodeProto embed(NodeProto node, Origin origin) {
    if (node.getAttributeList().stream().noneMatch(ExternalData::mayHoldTensors)) {
      return node;
    }
    NodeProto.Builder copy = node.toBuilder();
    embed(
        node.getAttributeList(),
        attribute -> {
          if (!mayHoldTensors(attribute)) {
            return attribute;
          }
          AttributeProto.Builder changed = attribute.toBuilder();
          if (attribute.hasT()) {
            changed.setT(embed(attribute.getT(), origin));
          }
          if (attribute.hasG()) {
            changed.setG(embed(attribute.getG(), origin));
          }
          embed(attribute.getTensorsList(), t -> embed(t, origin), changed::setTensors);
          embed(attribute.getGraphsList(), g -> embed(g, origin), changed::setGraphs);
          return changed.build();
        },
        copy::setAttribute);
    return copy.build();
  }

  private static boolean mayHoldTensors(AttributeProto attribute) {
    return attribute.hasT()
        || attribute.hasG()
        || attribute.getTensorsCount() > 0
        || attribute.getGraphsCount() > 0;
  }

  static TensorProto embed(TensorProto tensor, Origin origin) {
    if (!isExternal(tensor)) {
      return tensor;
    }
    return tensor.toBuilder()
        .clearExternalData()
        .clearDataLocation()
        .setRawData(TensorCodec.wrap(TensorCodec.decode(tensor, origin).data()))
        .build();
  }

  private interface Setter<T> {
    Object set(int index, T value);
  }

  private static <T> void embed(List<T> from, UnaryOperator<T> change, Setter<T> to) {
    for (int i = 0; i < from.size(); i++) {
      T changed = change.apply(from.get(i));
      if (changed != from.get(i)) {
        to.set(i, changed);
      }
    }
  }
}
