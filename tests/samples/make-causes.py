#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# Writes samples/causes/CODE anew: make-causes.py DIRECTORY. For every cause a hit and a near miss, with the DNS that goes with
# it and what is expected. The files are kept in the repository; this says how they came to be.
import json
import os
import sys

import causes_dkim  # noqa: F401  (each family fills CASES)
import causes_dmarc  # noqa: F401
import causes_input  # noqa: F401
import causes_mailfrom  # noqa: F401
import causes_path  # noqa: F401
import causes_spf  # noqa: F401
from causes_kit import CASES


def write(path, data):
    if isinstance(data, str):
        data = data.encode('utf-8', 'surrogateescape')
    with open(path, 'wb') as out:
        out.write(data)


def main():
    for code, cases in sorted(CASES.items()):
        folder = os.path.join(sys.argv[1], code)
        os.makedirs(folder, exist_ok=True)
        for old in os.listdir(folder):
            os.unlink(os.path.join(folder, old))
        for name, one in cases.items():
            base = os.path.join(folder, name)
            if one['text'] is not None:
                write(base + '.eml', one['text'])
            write(base + '.zone', one['zone'])
            if one['args']:
                write(base + '.args', '\n'.join(one['args']) + '\n')
            for extra, text in one['files'].items():
                write(os.path.join(folder, extra), text)
        write(os.path.join(folder, 'expect.json'), json.dumps({n: c['expect'] for n, c in cases.items()}, indent=1) + '\n')


main()
