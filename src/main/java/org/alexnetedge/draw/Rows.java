package org.alexnetedge.draw;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.alexnetedge.draw.LayerGraph.Edge;

/**
 * A graph in rows from top to bottom, so that every line leads from one row to the next (K.
 * Sugiyama, S. Tagawa, M. Toda 1981: Methods for visual understanding of hierarchical system
 * structures). A line over several rows goes through a bend in each row between; lines from the
 * same place share their bends. Deterministic.
 *
 * <p>A place is a box (0 to {@code boxes} - 1, as in the graph) or a bend (from {@code boxes} on).
 */
final class Rows {
  private static final int MOST_BENDS = 200_000;
  private static final int SWEEPS = 16;

  /** So many places are not followed by eye, and should not take long. */
  private static final int MANY_PLACES = 20_000;

  private static final int FEW_SWEEPS = 4;

  final int boxes;

  /** By place: its row. */
  final List<Integer> row = new ArrayList<>();

  /** By place: the places of the next row to which a line leads. */
  final List<List<Integer>> below = new ArrayList<>();

  /** By place: the places of the row before from which a line comes. */
  final List<List<Integer>> above = new ArrayList<>();

  /** By row: its places from left to right. */
  final List<List<Integer>> places = new ArrayList<>();

  /**
   * Places all.
   *
   * @param edges each from a lower to a higher number
   * @throws DrawException when the lines are too many for a picture
   */
  Rows(int boxes, Set<Edge> edges) throws DrawException {
    this.boxes = boxes;
    List<List<Integer>> targets = new ArrayList<>();
    for (int box = 0; box < boxes; box++) {
      addPlace(0);
      targets.add(new ArrayList<>());
    }
    edges.forEach(edge -> targets.get(edge.from()).add(edge.to()));
    assignRows(targets, edges);
    for (int box = 0; box < boxes; box++) {
      lead(box, targets.get(box));
    }
    for (int place = 0; place < row.size(); place++) {
      while (places.size() <= row.get(place)) {
        places.add(new ArrayList<>());
      }
      places.get(row.get(place)).add(place);
    }
    order();
  }

  private int sweeps() {
    return row.size() > MANY_PLACES ? FEW_SWEEPS : SWEEPS;
  }

  boolean isBox(int place) {
    return place < boxes;
  }

  private int addPlace(int inRow) {
    row.add(inRow);
    below.add(new ArrayList<>());
    above.add(new ArrayList<>());
    return row.size() - 1;
  }

  /** As high as possible; but what has nothing above it stands right above its first user. */
  private void assignRows(List<List<Integer>> targets, Set<Edge> edges) {
    boolean[] hasAbove = new boolean[boxes];
    edges.forEach(edge -> hasAbove[edge.to()] = true);
    for (int box = 0; box < boxes; box++) {
      for (int target : targets.get(box)) {
        row.set(target, Math.max(row.get(target), row.get(box) + 1));
      }
    }
    for (int box = 0; box < boxes; box++) {
      if (!hasAbove[box]) {
        row.set(box, targets.get(box).stream().mapToInt(row::get).min().orElse(1) - 1);
      }
    }
  }

  private void lead(int box, List<Integer> targets) throws DrawException {
    int at = box;
    List<Integer> byRow = new ArrayList<>(targets);
    byRow.sort(Comparator.comparing(row::get));
    for (int target : byRow) {
      while (row.get(at) < row.get(target) - 1) {
        if (row.size() - boxes >= MOST_BENDS) {
          throw new DrawException(
              "The graph has too many layers and long connections for a picture (" + boxes + ").");
        }
        int bend = addPlace(row.get(at) + 1);
        connect(at, bend);
        at = bend;
      }
      connect(at, target);
    }
  }

  private void connect(int from, int to) {
    below.get(from).add(to);
    above.get(to).add(from);
  }

  /** Fewer crossings: each row by the mean place of its neighbours, down and up in turn. */
  private void order() {
    List<List<Integer>> best = copy();
    long fewest = crossings();
    for (int sweep = 0; sweep < sweeps() && fewest > 0; sweep++) {
      boolean down = sweep % 2 == 0;
      for (int i = 1; i < places.size(); i++) {
        int r = down ? i : places.size() - 1 - i;
        sort(places.get(r), places.get(down ? r - 1 : r + 1), down ? above : below);
      }
      long now = crossings();
      if (now < fewest) {
        fewest = now;
        best = copy();
      }
    }
    places.clear();
    places.addAll(best);
  }

  private static void sort(
      List<Integer> row, List<Integer> beside, List<List<Integer>> neighbours) {
    Map<Integer, Integer> index = indexes(beside);
    Map<Integer, Double> means = new HashMap<>();
    for (int i = 0; i < row.size(); i++) {
      double mine = i;
      means.put(
          row.get(i),
          neighbours.get(row.get(i)).stream().mapToInt(index::get).average().orElse(mine));
    }
    row.sort(Comparator.comparing(means::get)); // stable: equal ones stay as they are
  }

  private long crossings() {
    long crossings = 0;
    for (int r = 0; r + 1 < places.size(); r++) {
      Map<Integer, Integer> index = indexes(places.get(r + 1));
      // How many lines so far end at or left of a place, as a Fenwick tree.
      int[] ends = new int[index.size() + 1];
      long lines = 0;
      for (int place : places.get(r)) {
        int[] targets = below.get(place).stream().mapToInt(index::get).sorted().toArray();
        for (int target : targets) {
          long before = 0;
          for (int i = target + 1; i > 0; i -= i & -i) {
            before += ends[i];
          }
          crossings += lines - before;
        }
        for (int target : targets) {
          for (int i = target + 1; i < ends.length; i += i & -i) {
            ends[i]++;
          }
        }
        lines += targets.length;
      }
    }
    return crossings;
  }

  private static Map<Integer, Integer> indexes(List<Integer> row) {
    Map<Integer, Integer> index = new HashMap<>();
    for (int i = 0; i < row.size(); i++) {
      index.put(row.get(i), i);
    }
    return index;
  }

  private List<List<Integer>> copy() {
    List<List<Integer>> copy = new ArrayList<>();
    places.forEach(each -> copy.add(new ArrayList<>(each)));
    return copy;
  }

  /**
   * Middle of each place from left to right, before the rows are folded into columns. Boxes that
   * are alone in their row stand on one axis, so that a long network does not drift aside; others
   * stand straight below each other where a line leads to the next row; bends give way to boxes.
   *
   * @param width of a box
   * @param space between places
   * @param lane width of a bend
   */
  double[] middles(double width, double space, double lane) {
    double[] x = new double[row.size()];
    for (List<Integer> each : places) {
      double at = 0;
      for (int place : each) {
        double half = (isBox(place) ? width : lane) / 2;
        at += half;
        x[place] = at;
        at += half + space;
      }
    }
    for (int sweep = 0; sweep <= sweeps(); sweep++) {
      boolean down = sweep % 2 == 0;
      for (int i = 0; i < places.size(); i++) {
        List<Integer> each = places.get(down ? i : places.size() - 1 - i);
        int n = each.size();
        if (n == 1) {
          x[each.getFirst()] = 0;
          continue;
        }
        double[] wishes = new double[n];
        double[] weights = new double[n];
        double[] gaps = new double[Math.max(0, n - 1)];
        Arrays.fill(gaps, space);
        for (int k = 0; k < n; k++) {
          int place = each.get(k);
          wishes[k] = wish(place, down ? above : below, x);
          weights[k] = isBox(place) ? 1 : 1e-6;
          double half = (isBox(place) ? width : lane) / 2;
          if (k > 0) {
            gaps[k - 1] += half;
          }
          if (k + 1 < n) {
            gaps[k] += half;
          }
        }
        double[] apart = Spread.apart(wishes, weights, gaps);
        for (int k = 0; k < n; k++) {
          x[each.get(k)] = Math.rint(apart[k] * 10) / 10; // bends move boxes by less than that
        }
      }
    }
    return x;
  }

  /** Boxes look to boxes, bends to bends, if there are any; then to what there is. */
  private double wish(int place, List<List<Integer>> neighbours, double[] x) {
    List<Integer> all = neighbours.get(place);
    List<Integer> alike = all.stream().filter(each -> isBox(each) == isBox(place)).toList();
    return (alike.isEmpty() ? all : alike)
        .stream().mapToDouble(each -> x[each]).average().orElse(x[place]);
  }
}
