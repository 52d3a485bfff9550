#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# The hardening that the build asks for is in the program that came out of it. check-hardening.py TOOL
import subprocess
import sys

sys.path.insert(0, __file__.rsplit('/', 2)[0] + '/samples')
from tap import Tap

TOOL = sys.argv[1]
TAP = Tap()


def readelf(option):
    return subprocess.run(['readelf', '-W', option, TOOL], capture_output=True, text=True, env={'LC_ALL': 'C', 'PATH': '/usr/bin:/bin'}).stdout


def has(name, text, *words):
    TAP.point(name, [] if any(word in text for word in words) else ['none of %s' % ', '.join(words)])


def main():
    symbols, dynamic = readelf('--dyn-syms'), readelf('-d')
    sanitized = '__asan_init' in symbols or 'libasan' in dynamic
    has('the program may be loaded anywhere (PIE)', dynamic, 'PIE')
    has('the table of functions is read-only (RELRO)', readelf('-l'), 'GNU_RELRO')
    has('and filled at the start (BIND_NOW)', dynamic, 'BIND_NOW', 'NOW')
    has('frames of functions are guarded (stack protector)', symbols, '__stack_chk_fail')
    TAP.point('the stack holds no code', [] if 'RWE' not in readelf('-l') else ['a segment is writable and executable'])
    if sanitized:
        TAP.skip('calls of the C library know their buffers (fortify)', 'a sanitizer build checks them itself')
    else:
        has('calls of the C library know their buffers (fortify)', symbols, '_chk@')
    return TAP.end()


sys.exit(main())
