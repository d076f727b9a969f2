package org.alexnetedge.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import java.lang.foreign.Arena;
import java.nio.file.Path;

/** Single tensors in protobuf files ({@code .pb}), as ONNX's backend tests keep them. */
public final class TensorFile {
  private TensorFile() {}

  /**
   * Reads a tensor; its memory is freed when nothing refers to it.
   *
   * @throws OnnxException when the file cannot be read or holds no whole tensor
   */
  public static Tensor read(Path file) {
    TensorProto proto =
        ModelFile.parse(
            file,
            ModelFile.read(file, Arena.ofAuto()),
            TensorProto.parser(),
            TensorProto.getDescriptor(),
            "an ONNX tensor");
    return TensorCodec.decode(proto, new Origin(file));
  }

  /**
   * Writes a tensor, replacing the file when it exists.
   *
   * @param name the name inside the file; may be empty
   * @throws OnnxException when the file cannot be written
   */
  public static void write(Path file, String name, Tensor tensor) {
    ModelWriter.write(TensorCodec.encode(name, tensor), file);
  }
}
