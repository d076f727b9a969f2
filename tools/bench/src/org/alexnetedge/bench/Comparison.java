package org.alexnetedge.bench;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Measures both bindings in turns, each turn in a process of its own (a process never holds both),
 * and prints the medians as a Markdown table.
 */
public final class Comparison {
  private Comparison() {}

  /** A method of both classes, and what the table calls it. */
  private record Pair(String method, String title) {}

  private static final List<Pair> PAIRS =
      List.of(
          new Pair("newInput", "input from a `float[]`, run, output to a `float[]`, all closed"),
          new Pair("wrappedInput", "the same, the input's memory kept"),
          new Pair("keptInput", "the same, the input's tensor kept"),
          new Pair("keptAll", "input and output tensors kept: run only"));

  /** Share of a core that a process has to have had for its clock to be believed. */
  private static final double FREE = 0.9;

  /** Of one call, over all turns and iterations: clock and processor in ns, heap in bytes. */
  private record Samples(List<Double> clock, List<Double> processor, List<Double> heap) {
    Samples() {
      this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    }
  }

  /**
   * @param arguments the number of turns, at least 2 (default 3)
   */
  public static void main(String[] arguments) throws RunnerException {
    int turns = arguments.length == 0 ? 3 : Integer.parseInt(arguments[0]);
    if (turns < 2) {
      throw new IllegalArgumentException("At least 2 turns are needed, not " + turns + ".");
    }
    Map<String, Samples> samples = new LinkedHashMap<>();
    for (int turn = 1; turn <= turns; turn++) {
      for (Pair pair : PAIRS) {
        System.err.println("Turn " + turn + " of " + turns + ": " + pair.method());
        // Neither is always the first one.
        List<Class<?>> order = List.of(JniCalls.class, FfmCalls.class);
        for (Class<?> binding : turn % 2 == 1 ? order : order.reversed()) {
          String name = name(binding, pair);
          measure(name, samples.computeIfAbsent(name, n -> new Samples()));
        }
      }
    }
    print(samples);
  }

  private static String name(Class<?> binding, Pair pair) {
    return binding.getName() + "." + pair.method();
  }

  /** One process: 6 seconds to warm up, then 5 iterations of a second. */
  private static void measure(String benchmark, Samples samples) throws RunnerException {
    Collection<RunResult> results =
        new Runner(
                new OptionsBuilder()
                    .include("^" + benchmark.replace(".", "\\.") + "$")
                    .mode(Mode.AverageTime)
                    .timeUnit(TimeUnit.NANOSECONDS)
                    .forks(1)
                    .threads(1)
                    .warmupIterations(6)
                    .warmupTime(TimeValue.seconds(1))
                    .measurementIterations(5)
                    .measurementTime(TimeValue.seconds(1))
                    .addProfiler(GCProfiler.class)
                    .addProfiler(ProcessorTime.class)
                    .shouldFailOnError(true)
                    .verbosity(VerboseMode.SILENT)
                    .build())
            .run();
    RunResult result = results.iterator().next();
    for (IterationResult iteration :
        result.getBenchmarkResults().iterator().next().getIterationResults()) {
      samples.clock().add(iteration.getPrimaryResult().getScore());
      samples.processor().add(secondary(iteration, ProcessorTime.LABEL));
      samples.heap().add(secondary(iteration, "gc.alloc.rate.norm"));
    }
  }

  private static double secondary(IterationResult iteration, String label) {
    return iteration.getSecondaryResults().get(label).getScore();
  }

  private static void print(Map<String, Samples> samples) {
    System.out.println(
        """
        | one call | JNI, ns | alexnet-edge, ns | ratio | ratio of processor time \
        | JNI, bytes | alexnet-edge, bytes |
        |---|---|---|---|---|---|---|\
        """);
    for (Pair pair : PAIRS) {
      Samples jni = samples.get(name(JniCalls.class, pair));
      Samples ffm = samples.get(name(FfmCalls.class, pair));
      System.out.printf(
          "| %s | %.0f | %.0f | %.2f | %.2f | %.0f | %.0f |%n",
          pair.title(),
          median(jni.clock()),
          median(ffm.clock()),
          median(ffm.clock()) / median(jni.clock()),
          median(ffm.processor()) / median(jni.processor()),
          median(jni.heap()),
          median(ffm.heap()));
    }
    double busy =
        samples.values().stream()
            .mapToDouble(s -> median(s.processor()) / median(s.clock()))
            .min()
            .orElseThrow();
    if (busy < FREE) {
      System.err.printf(
          "The machine was busy: a process had a core for only %.0f %% of its time. The times are"
              + " too long; run this again when nothing else runs.%n",
          100 * busy);
    }
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int n = sorted.size();
    return (sorted.get((n - 1) / 2) + sorted.get(n / 2)) / 2;
  }
}
