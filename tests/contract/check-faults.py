#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# Bad days of the machine: too little memory, memory that is refused once, stops and signals all the time, clocks that jump. An answer
# is the ordinary one or an error with a status of its own, never half of it with success; and it comes in time.
# check-faults.py TOOL SAMPLES BAD_CLOCK BAD_MEMORY BAD_SIGNALS, the last three libraries to preload.
import glob
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'samples'))
from dns_kit import Server
from filter_kit import added_fields
from tap import LIMIT, Tap

TOOL, SAMPLES = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
CLOCK, MEMORY, SIGNALS = (os.path.abspath(path) for path in sys.argv[3:6])
ASAN = 'verify_asan_link_order=0:detect_leaks=0'
TAP = Tap()
TMP = tempfile.mkdtemp()
ZONE, MAIL = os.path.join(SAMPLES, 'healthy.zone'), os.path.join(SAMPLES, 'healthy.eml')
DNS = '--dns=' + ZONE
CALLS = {
    'explain': ['explain', '--format=json', DNS, MAIL],
    'batch': ['batch', '--format=csv', DNS] + sorted(glob.glob(os.path.join(SAMPLES, '*.eml')))[:6],
    'domain': ['domain', DNS, 'shop.example'],
    'filter': ['filter', DNS, '--write-id=check.example.net'],
}
# What tells one good answer from another: when it was made; how long a name server's answer still holds.
CHANGES = rb'2\d\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(Z| UTC)|"ttl": -?\d+|TTL \d+|"tool":|127\.0\.0\.1@\d+'


def octets(path):
    with open(path, 'rb') as file:
        return file.read()


MESSAGE = octets(MAIL)
SEVERAL = MESSAGE + b'0123456789abcde\r\n' * 9000    # read in several pieces
LARGE = MESSAGE + b'0123456789abcde\r\n' * 80000


def started(arguments, env=None, limit=None):
    return subprocess.Popen([TOOL] + arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=limit,
                            env=dict(os.environ, **(env or {})))


def called(arguments, stdin=MESSAGE, env=None, limit=None):
    """(status, what was written without what may change), what was said."""
    with started(arguments, env, limit) as process:
        try:
            out, err = process.communicate(stdin, timeout=LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            err += b' (did not end)'
    return (process.returncode, re.sub(CHANGES, b'', out)), err


def shown(one, err):
    return 'status %d, %d octets, %r' % (one[0], len(one[1]), err[-300:])


# ---- memory -----------------------------------------------------------------------------------------------------------------------


def limited(kibibytes):
    return lambda: resource.setrlimit(resource.RLIMIT_AS, (kibibytes << 10, kibibytes << 10))


def least(arguments):
    """KiB with which it is whole, to 512."""
    low, high = 8 << 10, 100 << 10
    while high - low > 512:
        middle = (low + high) // 2
        if called(arguments, limit=limited(middle))[0][0] == 0:
            high = middle
        else:
            low = middle
    return high


def little_memory(name, arguments, whole):
    """Below what it needs: without memory GLib aborts and the loader ends with 127, no success and no status that names a verdict."""
    faults, counts = [], {True: 0, False: 0}
    enough = least(arguments)
    for kibibytes in [enough - step for step in (64, 256, 512, 1024)] + [10 << 10, enough + 1024]:
        one, err = called(arguments, limit=limited(kibibytes))
        counts[one == whole] += 1
        if one != whole and one[0] in range(0, 7):
            faults.append('%d KiB: %s' % (kibibytes, shown(one, err)))
    TAP.point('%s with too little memory: whole or an error' % name, faults)
    TAP.point('%s: both were seen' % name, [] if all(counts.values()) else [str(counts)])


def pieces(env, arguments=CALLS['filter'], stdin=SEVERAL):
    path = os.path.join(TMP, 'count')
    called(arguments, stdin, dict(env, BAD_MEMORY_COUNT=path))
    return int(octets(path))


def refused_memory():
    """One piece of memory that is not there: the filter never says that all is well with a message that is altered or cut. Every
    large piece, which may be one of the message, and some of the small ones; then none from some piece on."""
    every, large = {'LD_PRELOAD': MEMORY}, {'LD_PRELOAD': MEMORY, 'BAD_MEMORY_LEAST': '500'}
    total, larges = pieces(every), pieces(large)
    cases = [dict(large, BAD_MEMORY=str(n)) for n in range(1, larges + 1)] + [dict(every, BAD_MEMORY=str(n)) for n in list(range(1, total, total // 20)) + [total * 2]]
    cases += [dict(every, BAD_MEMORY=str(n), BAD_MEMORY_ON='1') for n in range(1, total, total // 5)]
    faults, counts, (whole, _) = [], {True: 0, False: 0}, called(CALLS['filter'], SEVERAL)
    for env in cases:
        one, err = called(CALLS['filter'], SEVERAL, env)
        counts[one[0] == 0] += 1
        if one[0] == 0 and one != whole:
            faults.append('%s: %s' % (env, shown(one, err)))
    TAP.point('memory that is refused: the filter is whole or an error', faults[:5])
    TAP.point('and both were seen', [] if all(counts.values()) else [str(counts)])


def opinion_less(out):
    """libspf2 may have had no opinion for lack of memory; a wrong one it may not have."""
    return out.replace(b'"libspf2_result": "pass"', b'"libspf2_result": null')


def refused_report(name, arguments, step):
    """A report that ends with a verdict says what it says with memory."""
    env = {'LD_PRELOAD': MEMORY}
    total = pieces(env, arguments, b'')
    faults, counts, ((_, whole), _) = [], {True: 0, False: 0}, called(arguments, b'')
    for n in range(1, total, step):
        (status, out), err = called(arguments, b'', dict(env, BAD_MEMORY=str(n)))
        counts[status == 0] += 1
        if status in range(0, 6) and opinion_less(out) != opinion_less(whole):
            faults.append('piece %d: %s' % (n, shown((status, out), err)))
    TAP.point('memory that is refused: %s says the same or nothing' % name, faults[:5])
    TAP.point('and %s did both' % name, [] if all(counts.values()) else [str(counts)])


# ---- stops and signals ------------------------------------------------------------------------------------------------------------


def storm(process, done):
    while not done.is_set():
        for number in (signal.SIGSTOP, signal.SIGCONT):
            try:
                process.send_signal(number)
            except ProcessLookupError:
                return
        done.wait(0.002)


def stopped(name, arguments, whole, stdin):
    with started(arguments) as process:
        done = threading.Event()
        thread = threading.Thread(target=storm, args=(process, done))
        thread.start()
        try:
            out, err = process.communicate(stdin, timeout=LIMIT)
        finally:
            done.set()
            thread.join()
            process.kill() if process.poll() is None else None
    one = (process.returncode, re.sub(CHANGES, b'', out))
    TAP.point('%s in a storm of stops' % name, [] if one == whole else [shown(one, err)])


def interrupted(name, arguments, whole, stdin=MESSAGE):
    one, err = called(arguments, stdin, {'LD_PRELOAD': SIGNALS, 'ASAN_OPTIONS': ASAN})
    TAP.point('%s in a storm of signals that are caught' % name, [] if one == whole else [shown(one, err)])


def slow_pipe():
    """A message that comes in pieces, each interrupted many times."""
    child = started(CALLS['filter'], {'LD_PRELOAD': SIGNALS, 'ASAN_OPTIONS': ASAN})
    try:
        for at in range(0, len(MESSAGE), 100):
            child.stdin.write(MESSAGE[at:at + 100])
            child.stdin.flush()
            time.sleep(0.002)
    except BrokenPipeError:
        pass
    out, err = child.communicate(timeout=LIMIT)
    TAP.point('filter from a slow pipe in a storm of signals', [] if child.returncode == 0 and added_fields(out, b'check.example.net')[1] == MESSAGE else [len(out), err])


# ---- clocks -----------------------------------------------------------------------------------------------------------------------


def jumping(name, arguments):
    faults, (whole, _) = [], called(arguments)
    # A name server that is asked while each look at the clock shows another hour is one that does not answer.
    for kind, every in (('real', 40), ('real', 200)) if '--dns-server' in ' '.join(arguments) else (('real', 1), ('real', 7), ('steady', 5)):
        one, err = called(arguments, env={'LD_PRELOAD': CLOCK, 'BAD_CLOCK': kind, 'BAD_CLOCK_EVERY': str(every), 'ASAN_OPTIONS': ASAN})
        if one != whole:
            faults.append('%s, each %d: %s' % (kind, every, shown(one, err)))
    TAP.point('%s while clocks jump' % name, faults)


def silence():
    """The time limit holds by whichever clock."""
    silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    silent.bind(('127.0.0.1', 0))
    faults = []
    for kind, every in (('real', 1), ('real', 30), ('steady', 40)):
        start = time.monotonic()
        one, err = called(['explain', '--dns-server=127.0.0.1@%d' % silent.getsockname()[1], '--timeout=1', MAIL],
                          env={'LD_PRELOAD': CLOCK, 'BAD_CLOCK': kind, 'BAD_CLOCK_EVERY': str(every), 'ASAN_OPTIONS': ASAN})
        if one[0] != 4 or time.monotonic() - start > 20:
            faults.append('%s, each %d: %.0f s, %s' % (kind, every, time.monotonic() - start, shown(one, err)))
    silent.close()
    TAP.point('a silent name server while clocks jump', faults)


def main():
    is_sanitized = '__asan_init' in subprocess.run(['nm', '-D', TOOL], capture_output=True, text=True).stdout
    for name, arguments in CALLS.items():
        whole, _ = called(arguments)
        if is_sanitized:
            TAP.skip('%s with too little memory' % name, 'a sanitizer maps terabytes')
        else:
            little_memory(name, arguments, whole)
        stdin = LARGE if name == 'filter' else MESSAGE
        whole, _ = called(arguments, stdin)
        stopped(name, arguments, whole, stdin)
        interrupted(name, arguments, whole, stdin)
        jumping(name, arguments + ([] if name == 'domain' else ['--at=2026-10-15T00:00:00Z']))
    server = Server(octets(ZONE).decode(), 300)
    for name, arguments in (('explain', ['explain', '--format=json', server.option(), MAIL]), ('filter', ['filter', server.option()])):
        whole, _ = called(arguments)
        interrupted(name + ' with a name server', arguments, whole)
        jumping(name + ' with a name server', arguments)
    server.socket.close()
    slow_pipe()
    silence()
    if is_sanitized:
        TAP.skip('memory that is refused', 'a sanitizer has an allocator of its own')
    else:
        refused_memory()
        refused_report('explain', CALLS['explain'], 61)
        refused_report('spf', ['spf', '--format=json', DNS, '--ip=54.240.9.46', '--mail-from=a@bounce.shop.example'], 2)
    return TAP.end()


sys.exit(main())
