#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# The text report word for word, of three samples: check-golden.py TOOL SAMPLES [--update]. With --update what comes now is kept
# as what is expected; read the difference before you commit it.
import difflib
import os
import sys

from tap import Tap, run

TOOL, SAMPLES = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'golden')
# name of the file, sample, options
ROWS = [
    ('ses-as-it-is', 'ses-as-it-is', []),
    ('healthy', 'healthy', []),
    ('healthy-verbose', 'healthy', ['-v']),
    ('saved-copy-changed', 'saved-copy-changed', []),
]


def main():
    tap = Tap()
    for name, sample, options in ROWS:
        text = run(TOOL, 'explain', *options, '--dns=%s.zone' % sample, sample + '.eml', cwd=SAMPLES, env={'TZ': 'UTC', 'LC_ALL': 'C.UTF-8'}).text()
        path = os.path.join(GOLDEN, name + '.txt')
        if '--update' in sys.argv:
            with open(path, 'w', encoding='utf-8') as out:
                out.write(text)
        with open(path, encoding='utf-8') as file:
            wanted = file.read()
        tap.point(name, list(difflib.unified_diff(wanted.split('\n'), text.split('\n'), name + '.txt', 'now', lineterm='')))
    return tap.end()


sys.exit(main())
