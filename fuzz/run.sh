#!/bin/bash
# Runs every fuzz target for a time, one after the other on one core, and writes what was done to docs/results/fuzz.jsonl: package, target, seconds, inputs tried,
# inputs that reached new code. A finding ends it: Go leaves the input in testdata/fuzz, where the next test run reads it again.
# Usage: fuzz/run.sh [TIME each, default 10m] [words that a target's name or package must hold]
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:-10m} only=${2:-.}
out=docs/results/fuzz.jsonl
touch "$out"
for pkg in $(go list ./...); do
  dir=${pkg#*/assay/}
  dir=${dir#*/assay/}
  for target in $(go test -list '^Fuzz' "$pkg" | grep '^Fuzz' || true); do
    echo "$dir $target" | grep -Eq "$only" || continue
    log=$(mktemp)
    go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" -parallel 1 -fuzzminimizetime 100x "$pkg" 2>&1 | tee "$log" | tail -1
    last=$(grep -E '^fuzz: elapsed: .*execs' "$log" | tail -1)
    rm "$log"
    took=$(echo "$last" | sed -E 's/^fuzz: elapsed: ([0-9hms]+),.*/\1/; s/([0-9]+)h/\1*3600+/; s/([0-9]+)m/\1*60+/; s/([0-9]+)s/\1/')
    seconds=$((took))
    execs=$(echo "$last" | sed -E 's/.*execs: ([0-9]+).*/\1/')
    new=$(echo "$last" | sed -E 's/.*new interesting: ([0-9]+).*/\1/')
    grep -v "\"package\":\"$dir\",\"target\":\"$target\"" "$out" > "$out.new" || true
    echo "{\"package\":\"$dir\",\"target\":\"$target\",\"seconds\":$seconds,\"execs\":$execs,\"new\":$new}" >> "$out.new"
    sort "$out.new" > "$out"
    rm "$out.new"
  done
done
