#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# Bad days of explain, batch and filter: too little memory, and a storm of stops that interrupts every call that waits. An answer
# is the ordinary one or an error with a status of its own, never half of it with success. check-faults.py TOOL SAMPLES
import os
import resource
import signal
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'samples'))
from tap import Tap

TOOL, SAMPLES = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
TAP = Tap()
ZONE, MAIL = os.path.join(SAMPLES, 'healthy.zone'), os.path.join(SAMPLES, 'healthy.eml')
CALLS = {
    'explain': [TOOL, 'explain', '--format=json', '--dns=' + ZONE, MAIL],
    'batch': [TOOL, 'batch', '--format=csv', '--dns=' + ZONE, SAMPLES],
}


def limited(mebibytes):
    limit = mebibytes << 20
    return lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def short_memory(name, call, whole):
    faults, counts = [], {True: 0, False: 0}
    for mebibytes in (10, 20, 30, 40, 50, 60, 70, 80, 100, 120, 160, 240, 400):
        done = subprocess.run(call, capture_output=True, timeout=120, preexec_fn=limited(mebibytes))
        is_whole = (done.returncode, done.stdout) == whole
        counts[is_whole] += 1
        # Without memory GLib aborts and the loader ends with 127: no success, and no status that names a verdict.
        if not is_whole and done.returncode in range(0, 6):
            faults.append('%d MiB: status %d, %d octets, %r' % (mebibytes, done.returncode, len(done.stdout), done.stderr[:200]))
    TAP.point('%s with too little memory: whole or an error' % name, faults)
    TAP.point('%s: both were seen' % name, [] if all(counts.values()) else [str(counts)])


def storm(process, done):
    while not done.is_set():
        for number in (signal.SIGSTOP, signal.SIGCONT):
            try:
                process.send_signal(number)
            except ProcessLookupError:
                return
        done.wait(0.002)


def stopped(name, call, whole, octets=None):
    faults = []
    for _ in range(2):
        with subprocess.Popen(call, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            done = threading.Event()
            thread = threading.Thread(target=storm, args=(process, done))
            thread.start()
            try:
                out, err = process.communicate(octets, timeout=120)
            finally:
                done.set()
                thread.join()
                process.kill() if process.poll() is None else None
            if (process.returncode, out) != whole:
                faults.append('status %d, %d octets, %r' % (process.returncode, len(out), err[:200]))
    TAP.point('%s in a storm of stops' % name, faults)


def main():
    is_sanitized = '__asan_init' in subprocess.run(['nm', '-D', TOOL], capture_output=True, text=True).stdout
    for name, call in CALLS.items():
        whole = subprocess.run(call, capture_output=True, timeout=120)
        whole = (whole.returncode, whole.stdout)
        if is_sanitized:
            TAP.skip('%s with too little memory' % name, 'a sanitizer maps terabytes')
        else:
            short_memory(name, call, whole)
        stopped(name, call, whole)
    with open(MAIL, 'rb') as file:
        mail = file.read() + b'0123456789abcde\r\n' * 20000
    call = [TOOL, 'filter', '--dns=' + ZONE]
    whole = subprocess.run(call, input=mail, capture_output=True, timeout=120)
    stopped('filter', call, (whole.returncode, whole.stdout), mail)
    return TAP.end()


sys.exit(main())
