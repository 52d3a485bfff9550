#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# The samples are what their makers make: check-made.py SAMPLES. Needs the openssl command; skipped where it is missing.
import filecmp
import os
import shutil
import subprocess
import sys
import tempfile

from tap import Tap

SAMPLES = os.path.abspath(sys.argv[1])
HERE = os.path.dirname(os.path.abspath(__file__))


def files_below(folder):
    return {os.path.relpath(os.path.join(at, name), folder) for at, _, names in os.walk(folder) for name in names}


def faults_of(maker, folder, wanted):
    with tempfile.TemporaryDirectory() as made:
        done = subprocess.run([sys.executable, os.path.join(HERE, maker), made], capture_output=True)
        if done.returncode:
            return [done.stderr.decode('utf-8', 'replace')[-1000:]]
        new, old = files_below(made), {name for name in files_below(folder) if wanted(name)}
        return ['%s is in only one of the two' % name for name in sorted(new ^ old)] + [
            '%s differs' % name for name in sorted(new & old) if not filecmp.cmp(os.path.join(made, name), os.path.join(folder, name), shallow=False)]


def main():
    tap = Tap()
    everything = lambda name: True
    for maker, folder, wanted in (('make-samples.py', SAMPLES, lambda name: os.sep not in name and name.endswith(('.eml', '.zone'))),
                                  ('make-causes.py', os.path.join(SAMPLES, 'causes'), everything),
                                  ('make-receivers.py', os.path.join(SAMPLES, 'receivers'), everything)):
        if shutil.which('openssl'):
            tap.point(maker + ' makes what is kept', faults_of(maker, folder, wanted))
        else:
            tap.skip(maker, 'no openssl command')
    return tap.end()


sys.exit(main())
