package org.alexnetedge.onnx;

import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An ONNX model: a graph and what is said about it. Immutable; change it by {@link #withMetadata}
 * or {@link GraphBuilder#of(OnnxModel)}. What this class does not show (functions, unknown fields)
 * is kept all the same when the model is written again.
 */
public final class OnnxModel {
  private final ModelProto proto;
  private final Origin origin;
  private final Graph graph;

  OnnxModel(ModelProto proto, Origin origin) {
    this.proto = proto;
    this.origin = origin;
    this.graph = new Graph(proto.getGraph(), origin);
  }

  /**
   * Reads a model into native memory that is freed when nothing refers to it any more.
   *
   * @throws OnnxException when the file cannot be read or is no whole ONNX model
   */
  public static OnnxModel read(Path file) {
    return read(file, Arena.ofAuto());
  }

  /**
   * Reads a model into native memory of the arena; the model and its tensors must not be used after
   * that is closed (they then throw). Files with external data are understood; those are read when
   * a tensor is asked for.
   *
   * @throws OnnxException when the file cannot be read or is no whole ONNX model
   */
  public static OnnxModel read(Path file, Arena arena) {
    return new OnnxModel(ModelFile.parse(file, ModelFile.read(file, arena)), new Origin(file));
  }

  /**
   * Writes the model, replacing the file when it exists: beside it first and then by a rename, so
   * that the file is always whole. External data is taken in, so the file stands alone. The weights
   * are not copied to the heap.
   *
   * @throws OnnxException when the file cannot be written, or the model is larger than the 2 GB
   *     that an ONNX file can hold
   */
  public void write(Path file) {
    ModelWriter.write(ExternalData.embed(proto, origin), file);
  }

  /**
   * What {@link #write} puts into a file, in native memory of the arena: a session can be opened
   * from it.
   *
   * @throws OnnxException when that is more than 2 GB
   */
  public MemorySegment bytes(Arena arena) {
    return ModelWriter.bytes(ExternalData.embed(proto, origin), arena);
  }

  public Graph graph() {
    return graph;
  }

  /** Version of the file format; 8 and older are read by ONNX Runtime since 1.12. */
  public long irVersion() {
    return proto.getIrVersion();
  }

  /** Operator set versions by domain; "" is ONNX's own. */
  public Map<String, Long> opsets() {
    Map<String, Long> opsets = new LinkedHashMap<>();
    for (OperatorSetIdProto opset : proto.getOpsetImportList()) {
      String domain = opset.getDomain().equals("ai.onnx") ? "" : opset.getDomain();
      opsets.put(domain, opset.getVersion());
    }
    return Collections.unmodifiableMap(opsets);
  }

  /** The program that made the file; may be empty. */
  public String producerName() {
    return proto.getProducerName();
  }

  public String producerVersion() {
    return proto.getProducerVersion();
  }

  /** Text for people; may be empty. */
  public String doc() {
    return proto.getDocString();
  }

  /** The file's metadata_props, in its order. */
  public Map<String, String> metadata() {
    Map<String, String> metadata = new LinkedHashMap<>();
    for (StringStringEntryProto entry : proto.getMetadataPropsList()) {
      metadata.put(entry.getKey(), entry.getValue());
    }
    return Collections.unmodifiableMap(metadata);
  }

  /** With this entry of metadata_props set, or removed when the value is null. */
  public OnnxModel withMetadata(String key, @Nullable String value) {
    Map<String, String> metadata = new LinkedHashMap<>(metadata());
    if (value == null) {
      metadata.remove(key);
    } else {
      metadata.put(key, value);
    }
    ModelProto.Builder changed = proto.toBuilder().clearMetadataProps();
    metadata.forEach(
        (k, v) ->
            changed.addMetadataProps(StringStringEntryProto.newBuilder().setKey(k).setValue(v)));
    return new OnnxModel(changed.build(), origin);
  }

  /** Names of the model's own functions, as {@code domain.name}; often none. */
  public List<String> functions() {
    return proto.getFunctionsList().stream()
        .map((FunctionProto function) -> function.getDomain() + "." + function.getName())
        .toList();
  }

  /**
   * The tensors that count as parameters, by the name of the value that they are: floating or
   * quantised to 8 bits or fewer, and no scalars, among the initializers and the Constant nodes.
   * Shapes and axes, which are int64, are not.
   */
  public Map<String, StoredTensor> parameters() {
    Map<String, StoredTensor> parameters = new LinkedHashMap<>(graph.initializers());
    for (Node node : graph.nodes()) {
      for (String output : node.outputs()) {
        node.constant().ifPresent(tensor -> parameters.put(output, tensor));
      }
    }
    parameters.values().removeIf(tensor -> !isParameter(tensor));
    return Collections.unmodifiableMap(parameters);
  }

  private static boolean isParameter(StoredTensor tensor) {
    ElementType type = tensor.type();
    return tensor.rank() > 0 && (type.isFloating() || type.isInteger() && type.bits() <= 8);
  }

  /**
   * Number of elements of {@link #parameters()}.
   *
   * @throws OnnxException when their shapes are impossible
   */
  public long parameterCount() {
    long count = 0;
    try {
      for (StoredTensor tensor : parameters().values()) {
        count = Math.addExact(count, tensor.size());
      }
    } catch (ArithmeticException e) {
      throw origin.problem("has tensors of impossible shapes.");
    }
    return count;
  }

  ModelProto proto() {
    return proto;
  }

  Origin origin() {
    return origin;
  }
}
