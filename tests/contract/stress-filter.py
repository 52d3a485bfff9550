#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# Many deliveries through a mail program while the filter is killed at random moments: each message arrives exactly once, as it
# arrives without a filter or with exactly the two fields. stress-filter.py TOOL SAMPLES [--runs=N] [--seed=N]
# [--agent=procmail|maildrop|dovecot-lda]. Prints TAP.
import argparse
import os
import random
import shutil
import statistics
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'samples'))
from filter_agents import AGENTS, write
from filter_kit import without_added
from tap import Tap

ID = 'stress.example.net'
MARK = b'@@@@@@@@@@'
WORKERS = 2


def messages(samples):
    """Of several sizes: in one piece, more than a pipe holds, more than is kept in memory. MARK becomes the number of the run."""
    with open(os.path.join(samples, 'healthy.eml'), 'rb') as file:
        real = file.read().replace(b'\r\n', b'\n')
    head, body = real.split(b'\n\n', 1)
    head += b'\nX-Run: ' + MARK
    line = b'0123456789abcdefghijklmnopqrstuvwxyz\n'
    small = head + b'\n\n' + body
    return [small, small, small + line * 500, small.replace(b'\n', b'\r\n'), small + line * 6000, small + line * 40000]


class Worker:
    def __init__(self, kind, number, folder, tool, samples):
        self.folder = os.path.join(folder, str(number))
        programs = os.path.join(self.folder, 'bin')
        os.makedirs(programs)
        self.delay = os.path.join(self.folder, 'delay')
        zone = os.path.join(samples, 'healthy.zone')
        write(os.path.join(programs, 'dmarctrace'),
              '#!/bin/sh\nread delay < %s\nexec timeout -s KILL "$delay" %s "$@" --dns=%s --write-id=%s\n' % (self.delay, tool, zone, ID), 0o755)
        self.agent = kind(os.path.join(self.folder, 'home'), programs, samples)
        self.reference = kind(os.path.join(self.folder, 'plain'), programs, samples)
        self.reference.plain()
        self.faults, self.untouched, self.filtered = [], 0, 0

    def plain(self, message):
        """What comes of it without a filter."""
        self.reference.deliver(message)
        return self.reference.delivered()[0][1]

    def one(self, run, message, plain, delay):
        write(self.delay, '%.5f\n' % delay)
        status = self.agent.deliver(message)
        got = [octets for _, octets in self.agent.delivered()]
        if len(got) != 1:
            self.faults.append('run %d: delivered %d times, status %d' % (run, len(got), status))
        elif got[0] == plain:
            self.untouched += 1
        elif without_added(got[0], ID.encode()) == plain:
            self.filtered += 1
        else:
            path = os.path.join(tempfile.gettempdir(), 'stress-filter-%d.eml' % run)
            write(path, '')
            with open(path, 'wb') as file:
                file.write(got[0])
            self.faults.append('run %d: altered, see %s' % (run, path))

    def time_of(self, message, plain):
        times = []
        for _ in range(5):
            start = time.monotonic()
            self.one(-1, message, plain, 30)
            times.append(time.monotonic() - start)
        return statistics.median(times)

    def work(self, runs, seed, kinds):
        rng = random.Random(seed)
        plain = [self.plain(kind) for kind in kinds]
        longest = [self.time_of(kind, octets) for kind, octets in zip(kinds, plain)]
        self.untouched = self.filtered = 0
        for run in runs:
            which = rng.randrange(len(kinds))
            number = b'%010d' % run
            self.one(run, kinds[which].replace(MARK, number), plain[which].replace(MARK, number), max(0.0005, rng.uniform(0, 1.3 * longest[which])))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('tool')
    parser.add_argument('samples')
    parser.add_argument('--runs', type=int, default=200)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--agent', default='procmail', choices=[kind.name for kind in AGENTS])
    args = parser.parse_args()
    tap, folder = Tap(), tempfile.mkdtemp()
    kind = next(kind for kind in AGENTS if kind.name == args.agent)
    if kind.missing():
        tap.skip('deliveries while the filter is killed', kind.missing())
        return tap.end()
    os.chmod(folder, 0o711)
    sizes = messages(os.path.abspath(args.samples))
    workers = [Worker(kind, n, folder, os.path.abspath(args.tool), os.path.abspath(args.samples)) for n in range(WORKERS)]
    threads = [threading.Thread(target=worker.work, args=(range(n, args.runs, WORKERS), args.seed * 100 + n, sizes)) for n, worker in enumerate(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    faults = [fault for worker in workers for fault in worker.faults]
    untouched, filtered = sum(w.untouched for w in workers), sum(w.filtered for w in workers)
    print('# %d deliveries: %d with the two fields, %d as they were sent (filter killed)' % (untouched + filtered, filtered, untouched))
    tap.point('%d deliveries while the filter is killed: each arrives once, unaltered or with the two fields' % args.runs, faults[:20])
    tap.point('some were killed and some were not', [] if args.runs < 100 or (untouched and filtered) else ['no mixture'])
    shutil.rmtree(folder)
    return tap.end()


sys.exit(main())
