package org.alexnetedge;

import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullMarked;

/** The arrows between packages, and who may touch which library. */
@AnalyzeClasses(
    packages = ArchitectureTest.ROOT,
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  static final String ROOT = "org.alexnetedge";

  /** Top to bottom. A package knows those of lower rows, and beside it only what is said here. */
  private static final List<List<String>> ROWS =
      List.of(
          List.of("cli"),
          List.of("classify", "train", "evaluate", "bench"),
          List.of("pipeline"),
          List.of("alexnet", "artifacts", "draw", "weights", "image"),
          List.of("onnx", "ort"),
          List.of("natives"));

  /**
   * What a package may know beside it: an evaluation classifies, and learning is measured after
   * each epoch.
   */
  private static final Map<String, List<String>> BESIDE =
      Map.of("evaluate", List.of("classify"), "train", List.of("evaluate"));

  @ArchTest
  static void every_package_stands_in_a_row(JavaClasses project) {
    List<String> known = ROWS.stream().flatMap(List::stream).toList();
    assertEquals(
        List.of(),
        project.stream()
            .map(ArchitectureTest::part)
            .distinct()
            .filter(part -> !known.contains(part))
            .toList(),
        "packages without a place among the rows of this test");
  }

  @ArchTest
  static void arrows_go_down_only(JavaClasses project) {
    for (int row = 0; row < ROWS.size(); row++) {
      List<String> above = ROWS.subList(0, row).stream().flatMap(List::stream).toList();
      for (String from : ROWS.get(row)) {
        List<String> forbidden = new ArrayList<>(above);
        List<String> allowed = BESIDE.getOrDefault(from, List.of());
        ROWS.get(row).stream()
            .filter(beside -> !beside.equals(from) && !allowed.contains(beside))
            .forEach(forbidden::add);
        noClasses()
            .that(are(in(List.of(from))))
            .should()
            .dependOnClassesThat(are(in(forbidden)))
            .because(from + " knows only what stands below it")
            .allowEmptyShould(true)
            .check(project);
      }
    }
  }

  @ArchTest
  static final ArchRule packages_have_no_cycles =
      slices().matching(ROOT + ".(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule natives_and_ort_use_the_jdk_only =
      classes()
          .that(are(in(List.of("natives", "ort"))))
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "java..", "org.jspecify.annotations", ROOT + ".natives..", ROOT + ".ort..");

  @ArchTest
  static final ArchRule inference_does_not_know_training =
      noClasses()
          .that()
          .resideInAPackage(ROOT + ".ort")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(ROOT + ".ort.training..")
          .allowEmptyShould(true);

  @ArchTest static final ArchRule protobuf = only("onnx", "com.google.protobuf..", "ai.onnx..");

  @ArchTest static final ArchRule opencv = only("image", "org.bytedeco..", "org.opencv..");

  @ArchTest
  static final ArchRule command_line = only("cli", "picocli..", "me.tongfei..", "org.jline..");

  /** Tribuo's generated ONNX classes are carried in the jar, Tribuo itself is not. */
  @ArchTest
  static final ArchRule what_is_not_carried_is_not_used =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.tribuo..", "ai.onnxruntime..", "com.google.errorprone..");

  @ArchTest
  static final ArchRule nothing_logs_through_the_jdk =
      noClasses().should().dependOnClassesThat().resideInAPackage("java.util.logging..");

  @ArchTest
  static void every_package_is_null_marked(JavaClasses project) {
    assertEquals(
        List.of(),
        project.stream()
            .map(JavaClass::getPackage)
            .distinct()
            .filter(each -> !each.isAnnotatedWith(NullMarked.class))
            .map(each -> each.getName())
            .sorted(Comparator.naturalOrder())
            .toList(),
        "packages whose package-info.java does not say @NullMarked");
  }

  private static ArchRule only(String part, String... libraries) {
    return noClasses()
        .that(DescribedPredicate.not(in(List.of(part))))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(libraries)
        .because(part + " alone touches this library");
  }

  private static DescribedPredicate<JavaClass> in(List<String> parts) {
    return DescribedPredicate.describe(
        "in " + parts,
        each -> each.getPackageName().startsWith(ROOT + ".") && parts.contains(part(each)));
  }

  /** The name below the root: {@code ort} for {@code org.alexnetedge.ort.training}. */
  private static String part(JavaClass each) {
    String name = each.getPackageName();
    return name.equals(ROOT) ? "" : name.substring(ROOT.length() + 1).split("\\.", 2)[0];
  }
}
