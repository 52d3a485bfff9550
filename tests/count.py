#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# Counts the claims in a meson test log (one JSON object a line; TAP in stdout). Prints what failed, with its output, one summary line, and
# "COUNT passed failed" for tests/run.
import json
import re
import sys

passed = failed = skipped = 0
for line in open(sys.argv[1], encoding='utf-8'):
    test = json.loads(line)
    good = bad = 0
    for row in (test.get('stdout') or '').splitlines():
        point = re.match(r'\s*(not )?ok \d+(.*)', row)
        if point and re.search(r'#\s*skip', point.group(2), re.I):
            skipped += 1
        elif point and point.group(1):
            bad += 1
        elif point:
            good += 1
    if test['result'] in ('OK', 'SKIP', 'EXPECTEDFAIL'):
        good = good or (test['result'] == 'OK')
    else:
        bad = bad or 1
        print('--- %s: %s %s' % (sys.argv[2], test['name'], test['result']))
        print('\n'.join(((test.get('stdout') or '') + (test.get('stderr') or '')).splitlines()[-40:]))
    passed += good
    failed += bad
print('%s: %d passed, %d failed, %d skipped' % (sys.argv[2], passed, failed, skipped))
print('COUNT %d %d' % (passed, failed))
