#!/bin/bash -eu
# Builds every fuzz target as a libFuzzer program, in the manner of OSS-Fuzz: run in an image that has compile_native_go_fuzzer, with the module in the working
# folder and $OUT for the programs. A target's seeds go beside it.
for pkg in $(go list ./...); do
  dir=$(go list -f '{{.Dir}}' "$pkg")
  for target in $(go test -list '^Fuzz' "$pkg" | grep '^Fuzz' || true); do
    name=$(echo "${pkg##*assay/}" | tr / _)_$target
    compile_native_go_fuzzer "$pkg" "$target" "$name"
    if [ -d "$dir/testdata/fuzz/$target" ]; then
      (cd "$dir/testdata/fuzz/$target" && zip -q "$OUT/${name}_seed_corpus.zip" ./*)
    fi
  done
done
