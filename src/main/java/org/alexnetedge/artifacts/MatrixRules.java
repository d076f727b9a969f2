package org.alexnetedge.artifacts;

import java.util.List;
import org.alexnetedge.onnx.Attribute;
import org.alexnetedge.onnx.Node;

/** Gradients of products of matrices. */
final class MatrixRules {
  private MatrixRules() {}

  /** Y = alpha A' B' + beta C, where A' and B' may be transposed. */
  static void gemm(Node node, Backward walk) {
    String a = node.inputs().getFirst();
    String b = node.inputs().get(1);
    String dY = walk.of(node);
    boolean transA = node.integer("transA", 0) != 0;
    boolean transB = node.integer("transB", 0) != 0;
    float alpha = node.real("alpha", 1);
    walk.give(
        a, transA ? product(b, transB, dY, true, alpha) : product(dY, false, b, !transB, alpha));
    walk.give(
        b, transB ? product(dY, true, a, transA, alpha) : product(a, !transA, dY, false, alpha));
    if (walk.wants(node, 2)) {
      String c = node.inputs().get(2);
      float beta = node.real("beta", 1);
      String scaled =
          beta == 1
              ? dY
              : walk.graph().add("Mul", List.of(dY, walk.graph().scalar(beta)), c + "_grad_scaled");
      walk.give(c, LayoutRules.unbroadcast(scaled, node.outputs().getFirst(), c, walk));
    }
  }

  private static Node product(String a, boolean transA, String b, boolean transB, float alpha) {
    return Node.of("Gemm", List.of(a, b), List.of())
        .with("transA", Attribute.of(transA ? 1 : 0))
        .with("transB", Attribute.of(transB ? 1 : 0))
        .with("alpha", Attribute.of(alpha));
  }

  /** Rows of any number of axes by one matrix. */
  static void matMul(Node node, Backward walk) {
    GraphPart graph = walk.graph();
    String a = node.inputs().getFirst();
    String b = node.inputs().get(1);
    String dY = walk.of(node);
    int rank = walk.shape(a).size();
    if (rank < 2 || walk.shape(b).size() != 2) {
      throw walk.problem(
          "of shapes " + walk.shape(a) + " and " + walk.shape(b) + ", which has no gradient here");
    }
    if (rank == 2) {
      walk.give(a, product(dY, false, b, true, 1));
      walk.give(b, product(a, true, dY, false, 1));
      return;
    }
    if (walk.wants(a)) {
      String turned =
          graph.add(
              Node.of("Transpose", List.of(b), List.of()).with("perm", Attribute.ints(1, 0)),
              b + "_turned");
      walk.give(a, Node.of("MatMul", List.of(dY, turned), List.of()));
    }
    if (walk.wants(b)) {
      walk.give(b, product(rows(a, rank, graph), true, rows(dY, rank, graph), false, 1));
    }
  }

  /** [..., columns] as one matrix. */
  private static String rows(String value, int rank, GraphPart graph) {
    return graph.add(
        Node.of("Flatten", List.of(value), List.of()).with("axis", Attribute.of(rank - 1)),
        value + "_rows");
  }
}
