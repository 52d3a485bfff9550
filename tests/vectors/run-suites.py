#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# Runs published suites through the command, one TAP point each: run-suites.py TOOL SOURCE_ROOT. They are no part of this project;
# where they are not at hand every point is skipped. $DMARCTRACE_SUITES names their folder, else ../shared/suites is looked for;
# a folder `scenarios` beside it with a check.py of the same kind is run too.
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'samples'))
from tap import Tap

TOOL, ROOT = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
LIMIT = 1200

# name, checker, what stands behind --tool PATH
SUITES = [
    ('RFC 7208 suite of openspf.org', 'check-rfc7208.py', []),
    ('vectors of RFC 7208', 'check-vectors.py', ['spf', 'spf-vectors.jsonl']),
    ('vectors of RFC 9989 and RFC 7489', 'check-vectors.py', ['dmarc', 'dmarc-vectors.jsonl']),
    ('results as receivers write them', 'check-headers.py', ['authres', 'authres.jsonl']),
    ('trace fields as receivers write them', 'check-headers.py', ['received', 'received.jsonl']),
    ('ARC validation suite', 'check-arc.py', []),
]


def last_line(text):
    lines = [line for line in text.decode('utf-8', 'replace').split('\n') if line]
    return lines[-1] if lines else ''


def faults_of(command):
    """A checker ends with `N passed, N failed`."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        return ['no end after %d seconds' % LIMIT]
    said = re.match(r'(\d+) passed, (\d+) failed', last_line(done.stdout))
    print('# ' + last_line(done.stdout))
    if said and said.group(2) == '0' and done.returncode == 0:
        return []
    return done.stdout.decode('utf-8', 'replace').split('\n')[-40:]


def python_for(checker):
    """Some checkers need a module of the system's Python: their first line says which one."""
    with open(checker, encoding='utf-8') as file:
        first = file.readline().strip()
    return first[2:] if first.startswith('#!/usr/bin/python3') and os.path.exists(first[2:]) else sys.executable


def main():
    tap = Tap()
    folder = os.environ.get('DMARCTRACE_SUITES') or os.path.join(os.path.dirname(ROOT), 'shared', 'suites')
    for name, checker, words in SUITES:
        path = os.path.join(folder, checker)
        if not os.path.exists(path):
            tap.skip(name, 'not at hand')
            continue
        files = [os.path.join(folder, w) if w.endswith('.jsonl') else w for w in words]
        tap.point(name, faults_of([python_for(path), path, '--tool', TOOL] + files))
    scenarios = os.path.join(os.path.dirname(folder), 'scenarios', 'check.py')
    if os.path.exists(scenarios):
        tap.point('scenarios', faults_of([sys.executable, scenarios, '--tool', TOOL]))
    else:
        tap.skip('scenarios', 'not at hand')
    return tap.end()


sys.exit(main())
