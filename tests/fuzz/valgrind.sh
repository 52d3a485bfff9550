#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# What the sanitizers cannot see: the libraries of the system. Runs the fuzz targets that reach libopendkim, libspf2 and GMime over
# their seeds, what fuzzing found and, where given, a corpus, and the tests of known overflows, under valgrind. Usage:
# tests/fuzz/valgrind.sh BUILD [CORPUS] - an ordinary build without sanitizers; CORPUS/TARGET/* as tests/fuzz/run leaves it.
set -eu
cd "$(dirname "$0")/../.."
build=${1:?usage: tests/fuzz/valgrind.sh BUILD [CORPUS]}
corpus=${2:-}
export G_SLICE=always-malloc G_DEBUG=gc-friendly
check="valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite --show-leak-kinds=definite --num-callers=30"
ninja -C "$build" tests/unit/test-diagnosis-hostile tests/fuzz/fuzz-dkim tests/fuzz/fuzz-spf tests/fuzz/fuzz-from tests/fuzz/fuzz-explain >/dev/null
status=0

one() {
    name=$1
    shift
    if $check "$@" >"$build/valgrind-$name.log" 2>&1; then
        printf 'ok - %s under valgrind: %s claims\n' "$name" "$(grep -c '^ok ' "$build/valgrind-$name.log")"
    else
        printf 'not ok - %s under valgrind, see %s\n' "$name" "$build/valgrind-$name.log"
        status=1
    fi
}

one overflows "$build/tests/unit/test-diagnosis-hostile"
for target in dkim spf from explain; do
    one "$target" "$build/tests/fuzz/fuzz-$target" "tests/fuzz/seeds/$target" "tests/fuzz/found/$target" ${corpus:+"$corpus/$target"}
done
exit $status
