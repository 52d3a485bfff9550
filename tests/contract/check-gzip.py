#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# Messages in gzip (RFC 1952): whole ones are read, whatever their members and padding; damaged ones are refused, never read in part;
# one that unpacks to more than 4 GiB is refused in little memory. check-gzip.py TOOL SAMPLES SHORT_IO, the last a library to preload.
import gzip
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'samples'))
from tap import Tap, run

TOOL, SAMPLES, SHORT_IO = (os.path.abspath(path) for path in sys.argv[1:4])
TAP = Tap()
TMP = tempfile.mkdtemp()
DNS = '--dns=' + os.path.join(SAMPLES, 'healthy.zone')
LITTLE = 256 << 20


def octets(path):
    with open(path, 'rb') as file:
        return file.read()


MESSAGE = octets(os.path.join(SAMPLES, 'healthy.eml'))
HALF = len(MESSAGE) // 2


def packed(data, name=''):
    """One member, with a name in its header or without."""
    body = gzip.compress(data, mtime=1)
    return body[:3] + b'\x08' + body[4:10] + name.encode() + b'\0' + body[10:] if name else body


def answer_of(data, *args):
    path = os.path.join(TMP, 'm.eml.gz')
    with open(path, 'wb') as file:
        file.write(data)
    answer = run(TOOL, 'explain', '--format=json', DNS, *args, path)
    piped = run(TOOL, 'explain', '--format=json', DNS, *args, stdin=data)
    answer.faults = [] if piped.status == answer.status else ['file: status %d, standard input: %d' % (answer.status, piped.status)]
    return answer


def shape(answer):
    """The report without where and when."""
    return re.sub(rb'"(file|evaluated_at)": "[^"]*"', b'', answer.out)


def read(name, data, like=None):
    answer = answer_of(data)
    is_same = answer.status == 0 and shape(answer) == shape(answer_of(like or packed(MESSAGE)))
    TAP.point('%s is read' % name, answer.faults + ([] if is_same else ['status %d, %r' % (answer.status, answer.err[:200])]))


def refusal_faults(answer):
    faults = answer.faults + ([] if answer.status == 65 and b'"verdict"' not in answer.out else ['status %d, %d octets' % (answer.status, len(answer.out))])
    return faults + ([] if answer.err.count(b'\n') == 1 and answer.err.startswith(b'dmarctrace: ') else ['not one line: %r' % answer.err[:200]])


def refused(name, *many):
    faults = []
    for data in many:
        faults += refusal_faults(answer_of(data))
    TAP.point('%s is refused' % name, faults[:5])


def whole():
    read('one member', packed(MESSAGE), MESSAGE)
    read('a member with a name', packed(MESSAGE, 'message.eml'))
    read('several members', packed(MESSAGE[:HALF]) + packed(MESSAGE[HALF:]))
    read('a member for each octet', b''.join(packed(MESSAGE[i:i + 1]) for i in range(len(MESSAGE))))
    read('empty members between', packed(b'') + packed(MESSAGE[:HALF]) + packed(b'') * 1000 + packed(MESSAGE[HALF:]) + packed(b''))
    read('padding of zeros', packed(MESSAGE) + bytes(100000))
    read('something else behind it', packed(MESSAGE) + b'no gzip\n')
    large = MESSAGE + b'0123456789abcdefghijklmnopqrstuvwxyz\r\n' * 60000
    answer, plain = answer_of(packed(large)), answer_of(large)
    TAP.point('2 MiB are read', answer.faults + ([] if shape(answer) == shape(plain) and answer.status == plain.status else [answer.status, answer.err]))


def damaged():
    good = packed(MESSAGE)
    refused('a member cut anywhere', *[good[:cut] for cut in [3, 10, 17] + list(range(18, len(good), len(good) // 10))] + [good[:-1]])
    refused('a second member that is cut', good + packed(b'x' * 1000)[:-5])
    refused('a wrong checksum', good[:-8] + bytes([good[-8] ^ 1]) + good[-7:])
    refused('a wrong length', good[:-4] + bytes([good[-4] ^ 1]) + good[-3:])
    refused('a wrong checksum of the first of two', good[:-8] + bytes([good[-8] ^ 1]) + good[-7:] + packed(b''))
    refused('what begins as a member behind it', good + b'\x1f\x8b\x08' + b'\xff' * 40, good + b'\x1f')
    refused('an unknown method', b'\x1f\x8b\x07' + good[3:])
    refused('nothing but an empty member', packed(b''))
    rng, faults, seen = random.Random(1), [], 0
    reference = shape(answer_of(good))
    for _ in range(15):
        at = rng.randrange(10, len(good))
        answer = answer_of(good[:at] + bytes([good[at] ^ (1 << rng.randrange(8))]) + good[at + 1:])
        seen += answer.status == 65
        if not (answer.status == 0 and shape(answer) == reference):
            faults += refusal_faults(answer)
    TAP.point('one bit is wrong: refused, or the same message', faults[:5] + ([] if seen else ['none was refused']))


def zeros(mebibytes):
    packer, piece = zlib.compressobj(9, zlib.DEFLATED, 31), bytes(1 << 20)
    return b''.join(packer.compress(piece) for _ in range(mebibytes)) + packer.flush()


def bomb():
    """What would be kept of it are holes here, so that no disk is needed."""
    if '__asan_init' in subprocess.run(['nm', '-D', TOOL], capture_output=True, text=True).stdout:
        TAP.skip('more than 4 GiB', 'a sanitizer maps terabytes')
        return
    folder = os.path.join(TMP, 'bombs')
    os.makedirs(folder)
    with open(os.path.join(folder, 'a.eml.gz'), 'wb') as file:
        file.write(packed(MESSAGE) + zeros(64) * 64)
    shutil.copy(os.path.join(SAMPLES, 'healthy.eml'), os.path.join(folder, 'b.eml'))
    done = subprocess.run([TOOL, 'batch', '--jobs=1', '--format=ndjson', DNS, folder], capture_output=True, timeout=200,
                          env=dict(os.environ, LD_PRELOAD=SHORT_IO, SHORT_IO_HOLES='1'), preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (LITTLE, LITTLE)))
    is_good = done.returncode == 65 and done.stdout.count(b'more than 4 GiB') == 1 and done.stdout.count(b'"verdict": "pass"') == 1
    TAP.point('more than 4 GiB are refused in little memory, the next message is read', [] if is_good else [done.returncode, done.stdout[:300], done.stderr[:300]])


def main():
    whole()
    damaged()
    bomb()
    shutil.rmtree(TMP)
    return TAP.end()


sys.exit(main())
