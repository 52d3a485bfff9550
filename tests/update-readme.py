#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# Puts the real report of the README's first command into README.md, or (--check, TAP) says whether it is there.
# Usage: update-readme.py TOOL [--check]
import os
import re
import subprocess
import sys

root = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..')
report = subprocess.run([os.path.abspath(sys.argv[1]), 'explain', '--dns=samples/ses-as-it-is.zone', 'samples/ses-as-it-is.eml'], cwd=root,
                        capture_output=True, text=True).stdout
path = os.path.join(root, 'README.md')
text = open(path, encoding='utf-8').read()
new = re.sub(r'(The first one gives this:\n\n```\n).*?(```\n)', lambda m: m.group(1) + report + m.group(2), text, flags=re.S)
if '--check' in sys.argv:
    print('1..1\n%s 1 - the README shows the report that its first command gives' % ('ok' if new == text and report else 'not ok'))
else:
    open(path, 'w', encoding='utf-8').write(new)
