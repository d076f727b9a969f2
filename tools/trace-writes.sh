#!/bin/sh
# Lists every path that classifying examples/photos opens for writing, makes,
# renames or deletes, with an empty and then with a filled cache, and fails if
# one lies outside the cache folder and -o. Needs strace.
#
#   tools/trace-writes.sh [OPTION...]    more options for classify
#
# It traces the launcher. A bare `java -jar` also writes the JVM's own
# /tmp/hsperfdata_USER/PID, which the launcher turns off (-XX:-UsePerfData).
set -eu
root=$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/run" "$work/home"
export HOME="$work/home" ALEXNET_CACHE="$work/cache"
unset XDG_CACHE_HOME
cd "$work/run"

"$root/alexnet" create --width 0.1 --classes 10 --seed 1 -o "$work/narrow.onnx"
rm -rf "$work/cache"
mkdir "$work/cache"

calls=openat,openat2,open,creat,truncate,mkdir,mkdirat,mknod,mknodat,rename,renameat,renameat2
calls=$calls,link,linkat,symlink,symlinkat,unlink,unlinkat,rmdir,chmod,fchmodat
status=0
for cache in "an empty" "a filled"; do
  rm -rf "$work/out"
  mkdir "$work/out" "$work/trace"
  # One file for each thread, so that no line is torn; -y names the folder of each descriptor.
  strace -ff -y -s 4096 -e "trace=$calls" -o "$work/trace/t" \
    "$root/alexnet" classify --model "$work/narrow.onnx" -o "$work/out/records.jsonl" "$@" \
    "$root/examples/photos" >"$work/stdout" 2>"$work/stderr" || {
    cat "$work/stderr" >&2
    exit 1
  }
  echo "Written with $cache cache:"
  cat "$work"/trace/t.* | awk '
    / = -1 / { next }
    /^(open|openat|openat2)\(/ && !/O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_TMPFILE/ { next }
    {
      call = $0
      sub(/\(.*/, "", call)
      rest = $0
      while (match(rest, /(<[^>]*>, )?"[^"]*"/)) {
        part = substr(rest, RSTART, RLENGTH)
        rest = substr(rest, RSTART + RLENGTH)
        folder = part; sub(/>, ".*/, "", folder); sub(/^</, "", folder)
        path = part; sub(/^[^"]*"/, "", path); sub(/"$/, "", path)
        if (path !~ /^\// && part ~ /^</) path = folder "/" path
        print call " " path
      }
    }' | grep -v -e ' /dev/null$' -e ' /proc/' | sort | uniq -c >"$work/written" || true
  sed -e "s|$work/cache|CACHE|g" -e "s|$work/out|OUT|g" "$work/written"
  if grep -v -F -e " $work/cache" -e " $work/out/records.jsonl" "$work/written" >"$work/strays"; then
    echo "Outside the cache folder and -o:" >&2
    cat "$work/strays" >&2
    status=1
  fi
  rm -rf "$work/trace"
done
exit $status
