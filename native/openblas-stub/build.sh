#!/bin/sh
# Builds the two stub libraries into the image package's resources and writes the library lists
# (opencv-PLATFORM.sha256) from the jars in the local Maven repository.
# Needs gcc and aarch64-linux-gnu-gcc (Debian and Ubuntu: gcc, gcc-aarch64-linux-gnu), unzip.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
package=org/alexnetedge/image
resources=$root/src/main/resources/$package
repository=${MAVEN_REPOSITORY:-$HOME/.m2/repository}/org/bytedeco
property() { sed -n "s|.*<$1>\(.*\)</$1>.*|\1|p" "$root/pom.xml"; }
opencv=$(property opencv.version)
javacpp=$(property javacpp.version)

build() { # compiler, our platform name, bytedeco's
  mkdir -p "$resources/$2"
  "$1" -O2 -fPIC -shared -nostartfiles -fvisibility=hidden -ffile-prefix-map="$here"=. \
    -Wl,-soname,libopenblas.so.0 -Wl,-z,noexecstack,-z,now,-z,relro -Wl,--build-id=none -s \
    -o "$resources/$2/libopenblas.so.0" "$here/openblas_stub.c"
  list=$resources/opencv-$2.sha256
  echo "# $opencv" > "$list"
  sha=$(sha256sum "$resources/$2/libopenblas.so.0" | cut -d' ' -f1)
  echo "$sha  $package/$2/libopenblas.so.0" >> "$list"
  # In the order in which they have to be loaded.
  entry() { # artifact, version, file
    name=org/bytedeco/$1/$3/$4
    sha=$(unzip -p "$repository/$1/$2/$1-$2-$3.jar" "$name" | sha256sum | cut -d' ' -f1)
    echo "$sha  $name" >> "$list"
  }
  entry javacpp "$javacpp" "$3" libjnijavacpp.so
  entry opencv "$opencv" "$3" libopencv_core.so.413
  entry opencv "$opencv" "$3" libopencv_imgproc.so.413
  entry opencv "$opencv" "$3" libopencv_imgcodecs.so.413
  entry opencv "$opencv" "$3" libjniopencv_core.so
  entry opencv "$opencv" "$3" libjniopencv_imgcodecs.so
}

build "${CC_X86_64:-gcc}" linux-x86_64 linux-x86_64
build "${CC_AARCH64:-aarch64-linux-gnu-gcc}" linux-aarch64 linux-arm64
