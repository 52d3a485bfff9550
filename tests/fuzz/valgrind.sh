#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# What the sanitizers cannot see: the libraries of the system. Runs the tests of known overflows, the fuzz targets that reach
# libopendkim, libspf2 and GMime over their seeds, what fuzzing found and, where given, a corpus, and the program itself, under
# valgrind; TAP. Usage: tests/fuzz/valgrind.sh BUILD [CORPUS] - an ordinary build without sanitizers, made; CORPUS/TARGET/* as
# tests/fuzz/run leaves it.
set -u
cd "$(dirname "$0")/../.." || exit 70
build=${1:?usage: tests/fuzz/valgrind.sh BUILD [CORPUS]}
corpus=${2:-}
export G_SLICE=always-malloc G_DEBUG=gc-friendly
log=$(mktemp)
trap 'rm -f "$log"' EXIT
count=0
status=0

# one NAME STATUS COMMAND...: under valgrind it ends with STATUS, and valgrind has nothing to say.
one() {
    name=$1
    wanted=$2
    shift 2
    count=$((count + 1))
    valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite --show-leak-kinds=definite --num-callers=30 \
        "$@" >"$log" 2>&1
    got=$?
    if [ "$got" -eq "$wanted" ] && ! grep -q '^==[0-9]*==' "$log"; then
        printf 'ok %d - %s under valgrind\n' "$count" "$name"
    else
        printf 'not ok %d - %s under valgrind: status %d\n' "$count" "$name" "$got"
        grep '^==' "$log" | head -n 60 | sed 's/^/# /'
        status=1
    fi
}

one overflows 0 "$build/tests/unit/test-diagnosis-hostile"
for target in dkim spf from explain filter; do
    one "$target" 0 "$build/tests/fuzz/fuzz-$target" "tests/fuzz/seeds/$target" "tests/fuzz/found/$target" ${corpus:+"$corpus/$target"}
done
tool=$build/src/dmarctrace
one "the command explain" 0 "$tool" explain --verbose --dns=samples/healthy.zone samples/healthy.eml
one "the command filter" 0 "$tool" filter --dns=samples/healthy.zone <samples/healthy.eml
one "the command batch with two threads" 0 "$tool" batch --jobs=2 --dns=samples/healthy.zone samples/healthy.eml samples/listed.eml \
    samples/forged-results.eml samples/bounced.eml
printf '1..%d\n' "$count"
exit $status
