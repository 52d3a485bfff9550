#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# Reading and writing on bad days, of every command: calls that come short or are interrupted, disks that are full or damaged, streams
# that are closed or do not block, readers that go away. What comes out is whole, or the status is that of an error and one line says
# why; a recording is there whole or as it was. check-io.py TOOL SAMPLES SHORT_IO, the last a library to preload.
import fcntl
import os
import random
import re
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'samples'))
from filter_kit import FULL
from tap import LIMIT, Tap, run

TOOL, SAMPLES = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
PRELOAD = {'LD_PRELOAD': os.path.abspath(sys.argv[3]), 'ASAN_OPTIONS': 'verify_asan_link_order=0:detect_leaks=0'}
SEED = os.environ.get('SHORT_IO_SEED', '1')
TAP = Tap()
TMP = tempfile.mkdtemp()
DNS = '--dns=' + os.path.join(SAMPLES, 'ses-as-it-is.zone')
MAIL = os.path.join(SAMPLES, 'ses-as-it-is.eml')
SAVED = os.path.join(TMP, 'saved.zone')
NOW = rb'2\d\d\d-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(Z| UTC)'
DAMAGED = b'Input/output error'


def octets(path):
    with open(path, 'rb') as file:
        return file.read()


def made(name, data):
    path = os.path.join(TMP, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'wb') as file:
        file.write(data)
    return path


def large():
    """More than is kept in memory."""
    return octets(MAIL) + b'0123456789abcdefghijklmnopqrstuvwxyz\r\n' * 32000


def calls():
    """(name, arguments, standard input)"""
    message, big = octets(MAIL), large()
    made('mail/a.eml', message)
    made('mail/b.eml', octets(os.path.join(SAMPLES, 'healthy.eml')))
    made('mail/box', b''.join(b'From joe@shop.example Wed Oct 14 10:21:39 2026\n' + message.replace(b'\r\n', b'\n') + b'\n' for _ in range(5)))
    rows = made('rows.ndjson', run(TOOL, 'batch', '--format=ndjson', DNS, 'mail', cwd=TMP).out)
    for kind in ('text', 'json', 'ndjson', 'html', 'authres'):
        yield 'explain in ' + kind, ['explain', DNS, '--format=' + kind, MAIL], b''
    yield 'explain of standard input', ['explain', DNS, '--format=json'], message
    yield 'explain of a large file', ['explain', DNS, '--format=json', made('big.eml', big)], b''
    yield 'explain of large standard input', ['explain', DNS, '--format=json'], big
    yield 'explain of several', ['explain', DNS, '--format=ndjson', MAIL, os.path.join(SAMPLES, 'healthy.eml'), MAIL], b''
    yield 'explain with a recording', ['explain', DNS, '--save-dns=' + SAVED, MAIL], b''
    yield 'the traces', ['explain', DNS, '--verbose', MAIL], b''
    for kind in ('zone', 'route53', 'aws'):
        yield 'fix in ' + kind, ['fix', DNS, '--format=' + kind, MAIL], b''
    for kind in ('text', 'ndjson', 'csv', 'html'):
        yield 'batch in ' + kind, ['batch', DNS, '--format=' + kind, 'mail'], b''
        yield 'summary in ' + kind, ['summary', '--format=' + kind, rows], b''
    yield 'batch with a recording', ['batch', DNS, '--jobs=1', '--save-dns=' + SAVED, 'mail'], b''
    yield 'summary of standard input', ['summary', '--format=csv'], octets(rows)
    yield 'domain', ['domain', DNS, '--save-dns=' + SAVED, 'shop.example'], b''
    yield 'spf', ['spf', DNS, '--ip=54.240.3.21', '--mail-from=a@eu-west-1.amazonses.com'], b''
    yield 'dmarc', ['dmarc', DNS, '--from=shop.example', '--spf=pass:shop.example'], b''
    yield 'causes', ['causes', '--format=json'], b''
    yield 'the version', ['--version'], b''
    yield 'the help', ['explain', '--help'], b''


def without_time(octets_of_report):
    """Of the same length: only the moment at which it was made is gone."""
    return re.sub(NOW, lambda found: re.sub(rb'\d', b'0', found.group(0)), octets_of_report)


def result(arguments, stdin, env=None):
    """What came of a call, and the recording it left."""
    answer = run(TOOL, *arguments, stdin=stdin, cwd=TMP, env=env)
    answer.out = without_time(answer.out)
    saved = octets(SAVED) if os.path.exists(SAVED) else None
    return answer, without_time(saved) if saved is not None else None


def is_error(status):
    """A status of its own: 0 to 6 are verdicts and the like."""
    return 64 <= status <= 75


def line_faults(answer, holds=b''):
    lines = answer.err.split(b'\n')
    is_one = len(lines) == 2 and lines[0].startswith(b'dmarctrace: ') and holds in lines[0]
    return [] if is_one else ['not one line: %r' % answer.err[:300]]


def debris():
    return [name for name in os.listdir(TMP) if name.startswith('saved.zone.')]


ALL = list(calls())
# One of each command and each way of reading, for what takes several runs each.
FEW = [call for call in ALL if call[0] in ('explain in text', 'explain of large standard input', 'explain of a large file', 'explain with a recording', 'fix in zone',
                                           'batch in csv', 'batch in html', 'summary of standard input', 'domain', 'spf')]
IS_SANITIZED = '__asan_init' in subprocess.run(['nm', '-D', TOOL], capture_output=True, text=True).stdout
if IS_SANITIZED:    # which is slow
    ALL = FEW + ALL[1::3]
WHOLE = {}


def ordinary():
    for name, arguments, stdin in ALL:
        WHOLE[name] = result(arguments, stdin)
        if SAVED in ' '.join(arguments):
            os.unlink(SAVED)


def short_calls():
    faults = []
    for name, arguments, stdin in ALL:
        answer, saved = result(arguments, stdin, dict(PRELOAD, SHORT_IO_SEED=SEED))
        whole, whole_saved = WHOLE[name]
        if (answer.status, answer.out, saved) != (whole.status, whole.out, whole_saved):
            faults.append('%s: status %d, %d octets for %d, %r' % (name, answer.status, len(answer.out), len(whole.out), answer.err[:200]))
        if SAVED in ' '.join(arguments) and saved is not None:
            os.unlink(SAVED)
    TAP.point('short and interrupted reads and writes change nothing', faults[:5])


def full_disk():
    rng, faults, saved_faults = random.Random(1), [], []
    for name, arguments, stdin in FEW:
        whole = WHOLE[name][0]
        is_saving = SAVED in ' '.join(arguments)
        for room in {0, rng.randrange(len(whole.out)), len(whole.out) - 1}:
            made('saved.zone', b'before') if is_saving else None
            answer, saved = result(arguments, stdin, dict(PRELOAD, SHORT_IO_ENOSPC=str(room)))
            if name.endswith('large standard input'):
                # It is kept in a file, which may be what does not fit.
                faults += [] if is_error(answer.status) else ['%s, %d octets: status %d' % (name, room, answer.status)]
                continue
            found = [] if answer.status == 74 else ['status %d' % answer.status]
            found += [] if whole.out[:room] == answer.out else ['%d octets, not the first %d' % (len(answer.out), room)]
            if not is_saving:
                found += line_faults(answer, FULL)
            faults += ['%s, %d octets: %s' % (name, room, fault) for fault in found]
            if is_saving and saved not in (b'before', WHOLE[name][1]):
                saved_faults.append('%s, %d octets: %r' % (name, room, saved))
        if is_saving:
            made('saved.zone', b'before')
            answer, saved = result(arguments, stdin, dict(PRELOAD, SHORT_IO_ENOSPC=str(len(whole.out) + 20)))
            found = [] if answer.status == 74 and saved == b'before' else ['status %d, %r' % (answer.status, saved[:60])]
            saved_faults += ['%s, full while recording: %s' % (name, fault) for fault in found + line_faults(answer, FULL)]
            os.unlink(SAVED)
    TAP.point('a disk that becomes full is an error and one line', faults[:5])
    TAP.point('a recording is there whole or as it was', saved_faults + debris())


def full_device():
    faults = []
    for name, arguments, stdin in ALL:
        with open('/dev/full', 'wb') as device:
            done = subprocess.run([TOOL] + arguments, input=stdin, stdout=device, stderr=subprocess.PIPE, cwd=TMP, timeout=LIMIT)
        if done.returncode != 74 or FULL not in done.stderr:
            faults.append('%s: status %d, %r' % (name, done.returncode, done.stderr[:200]))
    TAP.point('a full device', faults)
    answer, _ = result(['explain', DNS, '--save-dns=/dev/full', MAIL], b'')
    TAP.point('a recording on a full device', line_faults(answer, FULL) + ([] if answer.status == 74 else [answer.status]))


def late_error():
    faults = []
    for name, arguments, stdin in ALL + [('filter', ['filter', DNS], octets(MAIL))]:
        answer, _ = result(arguments, stdin, dict(PRELOAD, SHORT_IO_CLOSE='1'))
        found = line_faults(answer, DAMAGED) if answer.status == 74 else ['status %d' % answer.status]
        faults += ['%s: %s' % (name, fault) for fault in found]
    TAP.point('an error that shows only when the output is closed', faults[:5])


def closed_streams():
    def call(redirect, arguments, stdin):
        return subprocess.run(['sh', '-c', '"$@" ' + redirect, 'sh', TOOL] + arguments, input=stdin, capture_output=True, cwd=TMP, timeout=LIMIT)

    faults = {'>&-': [], '2>&-': [], '<&-': []}
    for name, arguments, stdin in ALL:
        whole = WHOLE[name][0]
        done = call('>&-', arguments, stdin)
        if done.returncode != 74 or b'Bad file descriptor' not in done.stderr:
            faults['>&-'].append('%s: status %d, %r' % (name, done.returncode, done.stderr[:200]))
        if (name, arguments, stdin) not in FEW:
            continue
        done = call('2>&-', arguments, stdin)
        if (done.returncode, without_time(done.stdout)) != (whole.status, whole.out):
            faults['2>&-'].append('%s: status %d, %d octets' % (name, done.returncode, len(done.stdout)))
        done = call('<&-', arguments, b'')
        if stdin and (done.returncode != 74 or b'Bad file descriptor' not in done.stderr):
            faults['<&-'].append('%s: status %d, %r' % (name, done.returncode, done.stderr[:200]))
        if not stdin and (done.returncode, without_time(done.stdout)) != (whole.status, whole.out):
            faults['<&-'].append('%s: status %d, %d octets' % (name, done.returncode, len(done.stdout)))
    for redirect, name in (('>&-', 'output'), ('2>&-', 'error'), ('<&-', 'input')):
        TAP.point('standard %s is closed' % name, faults[redirect][:5])
    done = call('>&- 2>&-', ['explain', DNS, '--quiet', MAIL], b'')
    TAP.point('who wants the status alone needs no output', [] if done.returncode == 1 else [done.returncode])
    done = call('>&- 2>&-', ['explain', DNS, '--save-dns=' + SAVED, '/nonexistent', MAIL], b'')
    text = octets(SAVED)
    TAP.point('nothing meant for a closed stream gets into a file', [] if text.startswith(b';! snapshot') and b'dmarctrace' not in text else [text[:200]])
    os.unlink(SAVED)


def reader_gone():
    faults = []
    for name, arguments, stdin in ALL:
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run([TOOL] + arguments, input=stdin, stdout=writing, stderr=subprocess.PIPE, cwd=TMP, timeout=LIMIT)
        os.close(writing)
        if done.returncode != 74 or done.stderr:
            faults.append('%s: status %d, %r' % (name, done.returncode, done.stderr[:200]))
    TAP.point('a reader that went away ends it without a word', faults)


def not_blocking():
    faults = []
    for name, arguments, stdin in ALL:
        (in_read, in_write), (out_read, out_write) = os.pipe(), os.pipe()
        for end in (in_read, out_write):
            os.set_blocking(end, False)
        fcntl.fcntl(out_write, fcntl.F_SETPIPE_SZ, 4096)
        child = subprocess.Popen([TOOL] + arguments, stdin=in_read, stdout=out_write, stderr=subprocess.PIPE, cwd=TMP)
        os.close(in_read)
        os.close(out_write)
        rest = stdin
        while rest:
            rest = rest[os.write(in_write, rest[:50000]):]
        os.close(in_write)
        out = b''
        with os.fdopen(out_read, 'rb') as pipe:
            out = pipe.read()
        err, status = child.stderr.read(), child.wait(LIMIT)
        child.stderr.close()
        if (status, without_time(out)) != (WHOLE[name][0].status, WHOLE[name][0].out):
            faults.append('%s: status %d, %d octets for %d, %r' % (name, status, len(out), len(WHOLE[name][0].out), err[:200]))
    TAP.point('pipes that do not block', faults[:5])


def damaged_input():
    """Reads that fail from some on: first those of the zone, then those of the message."""
    faults, counts = [], {True: 0, False: 0}
    for name, arguments, stdin in FEW:
        for reads in (0, 1, 2, 3, 5, 9):
            answer, _ = result(arguments, stdin, dict(PRELOAD, SHORT_IO_EIO=str(reads)))
            is_whole = (answer.status, answer.out) == (WHOLE[name][0].status, WHOLE[name][0].out)
            counts[is_whole] += 1
            if not is_whole and (not is_error(answer.status) or DAMAGED not in answer.out + answer.err and b'cannot be read' not in answer.err):
                faults.append('%s, %d reads: status %d, %r' % (name, reads, answer.status, answer.err[:200]))
    TAP.point('reads that fail: whole or an error', faults[:5])
    TAP.point('both were seen', [] if all(counts.values()) else [str(counts)])
    for path in ('/proc/self/mem', SAMPLES):
        answer, _ = result(['explain', DNS, path], b'')
        TAP.point('%s is read' % ('a folder' if path == SAMPLES else path), line_faults(answer) + ([] if is_error(answer.status) and not answer.out else [answer.status]))
    answer, _ = result(['explain', DNS, '--ses-identity=' + made('nul.json', b'{"IdentityType": "DOMAIN"}\0' + b' ' * 100000), MAIL], b'')
    TAP.point('an identity file with a NUL', line_faults(answer) + ([] if answer.status == 65 else [answer.status]))
    answer, _ = result(['batch', DNS, '--format=csv', '--files-from=' + TMP], b'')
    TAP.point('a list that cannot be read is said once', [] if is_error(answer.status) and answer.out.count(b'cannot be read') == 1 else [answer.status, answer.out[:300]])
    faults = []
    for listings in range(3):
        answer, _ = result(['batch', DNS, '--format=ndjson', 'mail'], b'', dict(PRELOAD, SHORT_IO_READDIR=str(listings)))
        faults += [] if is_error(answer.status) and DAMAGED in answer.out + answer.err else ['%d names: status %d, %r' % (listings, answer.status, answer.err[:200])]
    TAP.point('a folder that cannot be listed to its end', faults)


def file_size():
    """A limit on the size of files, as mail servers set it for what they start."""
    faults = []
    for name, arguments, stdin in FEW:
        path = os.path.join(TMP, 'limited')
        room = len(WHOLE[name][0].out) // 2
        with open(path, 'wb') as file:
            done = subprocess.run([TOOL] + arguments, input=stdin, stdout=file, stderr=subprocess.PIPE, cwd=TMP, timeout=LIMIT,
                                  preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)))
        if done.returncode != 74 or b'File too large' not in done.stderr:
            faults.append('%s: status %d, %r' % (name, done.returncode, done.stderr[:200]))
    TAP.point('a limit on the size of files', faults[:5])


def little_memory():
    """A line that does not fit into memory does not end the input."""
    path = made('long', b'{}\n' + b'x' * 150000000 + b'\n{}\n')
    limit = 120 << 20
    if IS_SANITIZED:
        TAP.skip('a line that does not fit into memory', 'a sanitizer maps terabytes')
    else:
        for arguments in (['summary', '--format=csv', path], ['batch', DNS, '--format=csv', '--files-from=' + path]):
            done = subprocess.run([TOOL] + arguments, stdin=subprocess.DEVNULL, capture_output=True, cwd=TMP, timeout=LIMIT,
                                  preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
            TAP.point('%s: a line that does not fit into memory' % arguments[0],
                      [] if is_error(done.returncode) and done.stderr.count(b'Cannot allocate memory') == 1 else [done.returncode, done.stderr[:300]])
    os.unlink(path)


def interrupted_output():
    """Ctrl-C while the reader does not read: what has begun is written to its end, and the status says that it was stopped."""
    made('many/box', octets(os.path.join(TMP, 'mail/box')) * 10)
    reading, writing = os.pipe()
    child = subprocess.Popen([TOOL, 'batch', DNS, '--format=ndjson', 'many'], stdout=writing, stderr=subprocess.PIPE, cwd=TMP)
    end = time.monotonic() + LIMIT
    while select.select([], [writing], [], 0)[1] and child.poll() is None and time.monotonic() < end:
        time.sleep(0.01)
    os.close(writing)
    child.send_signal(signal.SIGINT)
    with os.fdopen(reading, 'rb') as pipe:
        out = pipe.read()
    err, status = child.stderr.read(), child.wait(LIMIT)
    child.stderr.close()
    lines = out.split(b'\n')
    TAP.point('Ctrl-C while the reader does not read', [] if status == 130 and lines[-1] == b'' and all(line.endswith(b'}') for line in lines[:-1]) and len(lines) > 2
              else ['status %d, %d octets, %r' % (status, len(out), err[:200])])


def main():
    for part in (ordinary, short_calls, full_disk, full_device, late_error, closed_streams, reader_gone, not_blocking, damaged_input, file_size,
                 little_memory, interrupted_output):
        start = time.monotonic()
        part()
        if os.environ.get('CHECK_TIMES'):
            print('# %s: %.1f s' % (part.__name__, time.monotonic() - start))
    shutil.rmtree(TMP)
    return TAP.end()


sys.exit(main())
