#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# The filter from outside: which octets come out, with which status, and that no trouble costs a message. check-filter.py TOOL
# SAMPLES [SHORT_IO], the last a library to preload. How mail programs call it is check-filter-agents.py's part.
import os
import random
import re
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'samples'))
from filter_kit import FULL, added_fields, small_disk
from tap import Tap, run

TOOL, SAMPLES = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
TAP = Tap()
TMP = tempfile.mkdtemp()
ID = 'check.example.net'
ZONE = os.path.join(SAMPLES, 'ses-as-it-is.zone')
PLAIN = b'From: a@shop.example\nSubject: plain\n\nbody\n'


def sample(name):
    with open(os.path.join(SAMPLES, name + '.eml'), 'rb') as file:
        return file.read()


def call(message, *args, dns=ZONE, write_id=ID, **more):
    options = ['--dns=' + dns] if dns else []
    options += ['--write-id=' + write_id] if write_id else []
    return run(TOOL, 'filter', *options, *args, stdin=message, cwd=TMP, **more)


def passed(message, *args, **more):
    answer = call(message, *args, **more)
    return added_fields(answer.out, more.get('write_id', ID).encode()), answer


def rest_faults(message, rest, head=b'', *args, **more):
    """rest: what must follow the two fields; head: what must stand in front of them."""
    answer = call(message, *args, **more)
    faults = [] if answer.status == 0 else ['status %d: %r' % (answer.status, answer.err)]
    if not answer.out.startswith(head):
        return faults + ['does not begin with %r: %r' % (head, answer.out[:200])]
    added, after = added_fields(answer.out[len(head):], ID.encode())
    if not added:
        return faults + ['no fields on top: %r' % answer.out[:300]]
    if after != rest:
        at = next((i for i, (a, b) in enumerate(zip(after, rest)) if a != b), min(len(after), len(rest)))
        faults.append('differs at octet %d of %d/%d: %r, not %r' % (at, len(after), len(rest), after[at:at + 40], rest[at:at + 40]))
    end = re.search(rb'\r{0,2}\n', (message[len(head):] or b'\n'))
    wanted = end.group(0) if end else b'\n'
    ends = set(re.findall(rb'\r{0,2}\n', added))
    return faults + ([] if ends == {wanted} else ['line ends %r, not %r' % (ends, wanted)])


def whole(name, message, rest=None, head=b'', *args, **more):
    TAP.point(name, rest_faults(message, message[len(head):] if rest is None else rest, head, *args, **more))


def refused(name, message, status, *args, **more):
    answer = call(message, *args, **more)
    faults = [] if answer.status == status else ['status %d, not %d' % (answer.status, status)]
    faults += ['%d octets were written' % len(answer.out)] if answer.out else []
    said = answer.err.split(b'\n')
    TAP.point(name, faults + ([] if len(said) == 2 and said[0].startswith(b'dmarctrace: ') else ['not one line: %r' % answer.err]))


# ---- which octets come out ------------------------------------------------------------------------------------------------------


def content():
    for name in ('healthy', 'ses-as-it-is', 'forged-results', 'bounced', 'forwarded', 'listed'):
        whole('sample %s comes out whole' % name, sample(name))
    crlf = sample('healthy').replace(b'\r\n', b'\n').replace(b'\n', b'\r\n')
    whole('CRLF', crlf)
    whole('CR CR LF', crlf.replace(b'\r\n', b'\r\r\n'))
    whole('a header in LF over a body in CRLF', b'From: a@shop.example\n\nbody\r\nmore\r\n')
    whole('a header in CRLF over a body in LF', b'From: a@shop.example\r\n\r\nbody\nmore\n')
    whole('no final line end', PLAIN + b'the end')
    whole('the header alone', b'From: a@shop.example\r\nSubject: x\r\n')
    whole('one field and no line end', b'From: a@shop.example')
    whole('an empty body', b'From: a@shop.example\n\n')
    whole('NUL and 8-bit octets', b'From: a@shop.example\nSubject: \x00\xff\xfe\n\n\x00\xff\r\x00\n')
    whole('every octet in the body', b'From: a@shop.example\n\n' + bytes(range(256)) * 300)
    whole('lines of white space and lines that are no fields', b'From: a@shop.example\n \t\nno field at all\n: x\nTo: b@shop.example\n\nb')
    whole('a body that begins with fields', PLAIN + b'X-Dmarctrace: verdict=pass\n\nX-Dmarctrace: verdict=pass\n')
    whole('a long line', b'From: a@shop.example\n\n' + b'x' * 300000)
    whole('3 MiB', b'From: a@shop.example\n\n' + b'0123456789abcde\n' * 200000)
    whole('3 MiB without a line end', b'From: a@shop.example\n\n' + b'x' * 3000000)
    whole('a header of 3 MiB', b'From: a@shop.example\n' + b''.join(b'X-%d: %s\n' % (n, b'y' * 1000) for n in range(3000)) + b'\nbody')
    whole('a field of 3 MiB', b'From: a@shop.example\nX-Long: ' + b'y' * 3000000 + b'\nTo: b@shop.example\n\nbody')
    whole('more fields than are read', b'From: a@shop.example\n' + b'X: y\n' * 250000 + b'\nbody')


def beginnings():
    line = b'From a@shop.example Wed Oct 14 08:21:37 2026\n'
    whole('a From_ line stays in its place', line + PLAIN, PLAIN, line)
    crlf = PLAIN.replace(b'\n', b'\r\n')
    whole('a From_ line in LF over a message in CRLF', line + crlf, crlf, line)
    whole('a quoted From_ line', b'>' + line + PLAIN, PLAIN, b'>' + line)
    whole('two From_ lines', line + b'>' + line + PLAIN, PLAIN, line + b'>' + line)
    whole('a From_ line and a blank one', line + b'\n' + PLAIN, b'\n' + PLAIN, line)
    whole('"From :" is a field', b'From : a@shop.example\n\nbody\n')
    whole('a blank line in front', b'\n' + PLAIN)
    whole('text in front', b'some text\n' + PLAIN)
    whole('a byte order mark stays the first thing', b'\xef\xbb\xbf' + PLAIN, PLAIN, b'\xef\xbb\xbf')
    fold = b' verdict=pass\n'
    whole('a first line that would continue our field stays above it', fold + PLAIN, PLAIN, fold)
    whole('so behind a From_ line', line + b'\tx\n' + PLAIN, PLAIN, line + b'\tx\n')
    whole('a body below a blank first line keeps what looks like fields', b'Subject: a\n\nhello\n\nX-Dmarctrace: x\nFrom: b@shop.example\n\nbody\n')


def taken_out():
    def forged(name, field, goes=True, line_end=b'\n'):
        before, after = b'From: a@shop.example' + line_end, b'Subject: x' + line_end + line_end + b'body' + line_end
        whole(name, before + field + line_end + after, before + (b'' if goes else field + line_end) + after)

    ours = ID.encode()
    forged('X-Dmarctrace goes', b'X-Dmarctrace: verdict=pass')
    forged('in any case, with white space before the colon and folded', b'x-DMARCtrace \t: verdict=pass;\n causes=\n\tnone')
    forged('X-Dmarctrace-Note stays', b'X-Dmarctrace-Note: verdict=pass', False)
    forged('a line without a colon stays', b'X-Dmarctrace verdict=pass', False)
    forged('results with our id go', b'Authentication-Results: ' + ours + b'; dmarc=pass header.from=shop.example')
    forged('in CRLF', b'Authentication-Results: ' + ours + b';\r\n\tdmarc=pass', line_end=b'\r\n')
    forged('in CRLF and folded X-Dmarctrace', b'X-Dmarctrace:\r\n verdict=pass', line_end=b'\r\n')
    forged('the id in capitals', b'AUTHENTICATION-RESULTS:' + ours.upper() + b'; none')
    forged('the id quoted', b'Authentication-Results: "' + ours + b'"; none')
    forged('quoted with escapes', b'Authentication-Results: "\\c\\heck.example.net"; none')
    forged('the id behind comments and folds', b'Authentication-Results: (a (b) \\) c)\n (d)\n\t' + ours + b' (e) 1; none')
    forged('the id alone', b'Authentication-Results: ' + ours)
    forged('with a version', b'Authentication-Results: ' + ours + b' 1; none')
    forged('another id stays', b'Authentication-Results: mx.' + ours + b'; none', False)
    forged('a longer id stays', b'Authentication-Results: ' + ours + b'.example; none', False)
    forged('the id in a comment only stays', b'Authentication-Results: (' + ours + b') mx.example.com; none', False)
    forged('without the first word there is no id', b'Authentication-Results: ; spf=pass', False)
    forged('ARC-Authentication-Results stay', b'ARC-Authentication-Results: i=1; ' + ours + b'; none', False)
    forged('one behind 3 MiB of comments is nobody\'s and goes', b'Authentication-Results: (' + b'x' * 3000000 + b') ' + ours + b'; none')
    forged('one of 3 MiB', b'Authentication-Results: ' + ours + b'; none (' + b'x' * 3000000 + b')')
    forged('one of 3 MiB with another id stays', b'Authentication-Results: mx.example.com; none (' + b'x' * 3000000 + b')', False)
    many = b'Authentication-Results: ' + ours + b'; none\n'
    whole('300 of them', b'From: a@shop.example\n' + many * 300 + b'\nbody', b'From: a@shop.example\n\nbody')
    others = b'Authentication-Results: mx.example.com; none\n' * 300
    whole('one behind 300 others', b'From: a@shop.example\n' + others + many + b'\nbody', b'From: a@shop.example\n' + others + b'\nbody')
    whole('as the last line without a line end', b'From: a@shop.example\nX-Dmarctrace: verdict=pass', b'From: a@shop.example\n')
    whole('behind the limits of the reader', b'From: a@shop.example\n' + b'X: y\n' * 250000 + b'X-Dmarctrace: z\n' + many + b'\nb',
          b'From: a@shop.example\n' + b'X: y\n' * 250000 + b'\nb')
    whole('in text above the header', b'text\nX-Dmarctrace: z\n' + PLAIN, b'text\n' + PLAIN)
    whole('in a header below blank lines', b'\nX-Dmarctrace: z\n' + PLAIN, b'\n' + PLAIN)
    site = b'Authentication-Results: mx.example.com; dmarc=pass\nReceived-SPF: pass\n'
    whole('the site\'s own results stay', site + PLAIN)


def random_field(rng):
    """(octets with \\n as line ends, does it go)"""
    ours = rng.choice([ID, ID.upper(), '"%s"' % ID, '(c) ' + ID, '\n\t%s' % ID, '(a\n b)\n ' + ID]).encode()
    junk = bytes(rng.choice(b'abcXYZ019 .:;=()"\\\x00\x01\x7f\x80\xff\r') for _ in range(rng.randrange(60))).rstrip(b'\r')
    name = rng.choice([b'Received', b'Subject', b'X-Anything', b'To', b'Authentication-Result', b'X-Dmarctrac', b'Cc'])
    return rng.choice([
        (name + b': ' + junk, False),
        (name + b':\n ' + junk + b'\n\t' + junk, False),
        (b'no field here ' + junk.replace(b':', b''), False),
        (b'X-Dmarctrace:' + junk, True),
        (b'x-dmarctrace: ' + junk + b'\n \n\t' + junk, True),
        (b'Authentication-Results: ' + ours + b'; ' + rng.choice([b'none', b'dmarc=pass header.from=shop.example', b'spf=']), True),
        (b'Authentication-Results: mx.example.com; ' + junk, False),
        (b'Authentication-Results : other.example' + b';\n\tspf=pass', False),
        (b'DKIM-Signature: v=1; a=rsa-sha256; d=shop.example; s=x; h=from; bh=; b=' + junk, False),
    ])


def generated(count):
    faults = []
    for seed in range(count):
        rng = random.Random(seed)
        ends = rng.choice([[b'\n'], [b'\r\n'], [b'\n', b'\r\n'], [b'\r\r\n', b'\r\n'], [b'\n', b'\r\n', b'\r\r\n']])

        def wire(octets):
            return b''.join(part + rng.choice(ends) for part in octets.split(b'\n'))

        head = wire(b'From a@shop.example Wed Oct 14 08:21:37 2026') if rng.random() < 0.3 else b''
        fields = [(b'From: a@shop.example', False)] + [random_field(rng) for _ in range(rng.randrange(25))]
        rng.shuffle(fields)
        if b':' not in fields[0][0]:
            fields.insert(0, (b'Date: Wed, 14 Oct 2026 08:21:37 +0000', False))
        made = [(wire(octets), goes) for octets, goes in fields]
        body = rng.choice([b'', wire(b''), wire(b'\n') + bytes(rng.getrandbits(8) for _ in range(rng.randrange(3000)))])
        message = head + b''.join(octets for octets, _ in made) + body
        rest = b''.join(octets for octets, goes in made if not goes) + body
        for fault in rest_faults(message, rest, head):
            faults.append('seed %d: %s' % (seed, fault))
    TAP.point('%d generated messages: what comes out is what came in, less what goes' % count, faults[:5])


# ---- ids ----------------------------------------------------------------------------------------------------------------------


def ids():
    results = re.compile(rb'Authentication-Results: (\S+);')
    host = results.match(call(PLAIN, write_id=None).out)
    TAP.point('the default id is dmarctrace.HOSTNAME', [] if host and host.group(1) == ('dmarctrace.' + socket.gethostname()).encode() else [str(host)])
    for value in ('', 'a\nb', 'a\x01b', 'x' * 300):
        refused('%r is no id' % value[:10], PLAIN, 64, '--write-id=' + value, write_id=None)
    first = call(PLAIN, write_id='my id')
    again = call(first.out, write_id='MY ID')
    TAP.point('an id with a blank is quoted, and found again', [] if b'Results: "my id";' in first.out and again.out == first.out.replace(b'my id', b'MY ID')
              else [repr(again.out)])
    refused('an id that --authserv-id names is taken', PLAIN, 64, '--authserv-id=' + ID.upper())
    healthy = sample('healthy')
    trace = b'Authentication-Results: %s; spf=pass\n' % ID.encode()
    refused('an id that is believed by its place is taken', trace + healthy, 64)
    TAP.point('the same id below the boundary is not', [] if call(healthy + b'', write_id=ID).status == 0 else ['refused'])
    once = call(healthy, dns=os.path.join(SAMPLES, 'healthy.zone'))
    twice = call(once.out, dns=os.path.join(SAMPLES, 'healthy.zone'))
    TAP.point('a second run takes the place of the first', [] if twice.status == 0 and twice.out == once.out else [twice.err, repr(twice.out[:600])])
    other = call(once.out, dns=ZONE)
    TAP.point('and believes nothing of it', [] if other.status == 0 and other.out == call(healthy, dns=ZONE).out else [repr(other.out[:700])])


def words():
    (fields, _), _ = passed(sample('healthy'), dns=os.path.join(SAMPLES, 'healthy.zone'))
    flat = re.sub(rb'\r?\n\t', b' ', fields)
    TAP.point('a pass says what it rests on', [word for word in (b'spf=pass smtp.mailfrom=', b'dkim=pass header.d=shop.example header.s=', b' header.b=',
                                                                 b'dmarc=pass header.from=shop.example policy.dmarc=', b'\nX-Dmarctrace: verdict=pass') if
                                               word not in flat.replace(b'\r', b'')])
    (fields, _), _ = passed(sample('ses-as-it-is'))
    TAP.point('a fail names its causes', [] if b'X-Dmarctrace: verdict=fail; causes=ses-mailfrom-default,' in fields else [fields])
    (fields, _), _ = passed(sample('bounced'), dns=os.path.join(SAMPLES, 'bounced.zone'))
    TAP.point('a delivery report is judged for itself, not for what it returns', [] if b'header.from=shop.example' not in fields else [fields])
    long = b'Return-Path: <' + b'x' * 5000 + b'@shop.example>\n' + PLAIN
    (fields, _), _ = passed(long, '--ip=192.0.2.1')
    TAP.point('no line is longer than 998 octets', [] if fields and max(map(len, fields.split(b'\n'))) <= 998 else [len(fields or b'')])
    hostile = b'Return-Path: <"a\r\n\tb;x=y"@shop.example>\nFrom: "\n X-Evil: 1" <a@shop.example>\n\nb'
    (fields, _), _ = passed(hostile, '--ip=192.0.2.1')
    names = re.findall(rb'^([!-9;-~]+):', fields or b'', re.M)
    TAP.point('nothing of the message becomes a field', [] if names == [b'Authentication-Results', b'X-Dmarctrace'] else [fields])


# ---- no message, wrong calls ------------------------------------------------------------------------------------------------------


def no_message():
    refused('empty input', b'', 65)
    refused('blank lines', b'\n\n\n', 65)
    refused('binary', b'\x7fELF\x02\x01\x01\x00' * 500, 65)
    refused('text', b'hello there\n', 65)
    refused('gzip', b'\x1f\x8b\x08\x00' + b'\x00' * 30, 65)
    refused('an .emlx', b'%d\n%s' % (len(PLAIN), PLAIN), 65)
    refused('a count that would cut the message', b'12\n' + PLAIN, 65)
    refused('a file', PLAIN, 64, 'message.eml')
    refused('an unknown option', PLAIN, 64, '--format=json')
    refused('a zone file that is not there', PLAIN, 66, '--dns=/nonexistent', dns=None)
    answer = call(b'', '-q')
    TAP.point('-q says nothing', [] if answer.status == 65 and not answer.err and not answer.out else [answer.err])
    answer = call(PLAIN, '-v')
    TAP.point('-v says what was written', [] if answer.status == 0 and answer.err.startswith(b'dmarctrace: Authentication-Results: ') else [answer.err])
    answer = call(PLAIN, '--save-dns=/nonexistent/snapshot')
    TAP.point('a snapshot that cannot be written is said and holds nothing up', [] if answer.status == 0 and answer.err and answer.out else [answer.err])


# ---- bad days -------------------------------------------------------------------------------------------------------------------


def started(*args, **more):
    return subprocess.Popen([TOOL, 'filter', '--dns=' + ZONE, '--write-id=' + ID] + list(args), cwd=TMP, stderr=subprocess.PIPE, **more)


def dns_trouble():
    silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    silent.bind(('127.0.0.1', 0))
    begin = time.time()
    whole('a silent name server', sample('healthy'), None, b'', '--dns-server=127.0.0.1@%d' % silent.getsockname()[1], '--timeout=1', dns=None)
    TAP.point('holds up no longer than the time limit', [] if time.time() - begin < 3 else ['%.1f s' % (time.time() - begin)])
    port = silent.getsockname()[1]
    (fields, _), _ = passed(sample('healthy'), '--dns-server=127.0.0.1@%d' % port, '--timeout=0.2', dns=None)
    TAP.point('and is a temporary error', [] if fields and b'dmarc=temperror' in fields and b'verdict=temperror' in fields else [fields])
    silent.close()
    whole('nothing listens there', sample('healthy'), None, b'', '--dns-server=127.0.0.1@%d' % port, '--timeout=1', dns=None)
    refused('no address of a name server', PLAIN, 64, '--dns-server=nowhere', dns=None)


def closed_streams():
    for name, redirect, status in (('standard output closed', '>&-', 74), ('standard input closed', '<&-', 74), ('a full device', '> /dev/full', 74)):
        done = subprocess.run(['sh', '-c', '"$@" ' + redirect, 'sh', TOOL, 'filter', '--dns=' + ZONE], input=PLAIN, capture_output=True, timeout=30)
        TAP.point(name, [] if done.returncode == status and not done.stdout and done.stderr else [done.returncode, done.stdout, done.stderr])
    big = PLAIN + b'x' * 2000000
    done = subprocess.run(['sh', '-c', '"$@" 2>&- --verbose', 'sh', TOOL, 'filter', '--dns=' + ZONE, '--write-id=' + ID], input=big,
                          stdout=subprocess.PIPE, timeout=30)
    TAP.point('standard error closed', [] if done.returncode == 0 and added_fields(done.stdout, ID.encode())[1] == big else [done.returncode, len(done.stdout)])


def reader_gone():
    for size in (10, 5000000):
        child = started(stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        child.stdout.close()
        try:
            child.stdin.write(PLAIN + b'x' * size)
            child.stdin.close()
        except BrokenPipeError:
            pass
        status = child.wait(30)
        TAP.point('the reader is gone before %d octets' % size, [] if status == 74 else [status, child.stderr.read()])
        child.stderr.close()


def pieces():
    message = sample('healthy')
    child = started(stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    for i in range(0, len(message), 7):
        child.stdin.write(message[i:i + 7])
        child.stdin.flush()
    child.stdin.close()
    out = child.stdout.read()
    TAP.point('read in pieces of 7 octets', [] if child.wait(30) == 0 and added_fields(out, ID.encode())[1] == message else [len(out)])
    big = PLAIN + bytes(range(256)) * 8000
    for name, kinds in (('pipes', os.pipe), ('sockets', lambda: [s.detach() for s in socket.socketpair()])):
        (in_read, in_write), (out_read, out_write) = kinds(), kinds()
        if name == 'sockets':
            in_read, in_write = in_write, in_read
            out_read, out_write = out_write, out_read
        for end in (in_read, out_write):
            os.set_blocking(end, False)
        child = started(stdin=in_read, stdout=out_write)
        os.close(in_read)
        os.close(out_write)
        rest = big
        while rest:
            rest = rest[os.write(in_write, rest[:50000]):]
        os.close(in_write)
        out = b''
        while True:
            piece = os.read(out_read, 3001)
            if not piece:
                break
            out += piece
        os.close(out_read)
        TAP.point('%s that do not block' % name, [] if child.wait(30) == 0 and added_fields(out, ID.encode())[1] == big else [len(out), child.stderr.read()])


def full_disk():
    big, out = PLAIN + b'x' * 3000000, None
    with small_disk(TMP, 1) as disk:
        if not disk:
            TAP.skip('a full disk', 'cannot mount')
            return
        path = os.path.join(disk, 'out')
        with open(path, 'wb') as file:
            done = subprocess.run([TOOL, 'filter', '--dns=' + ZONE], input=big, stdout=file, stderr=subprocess.PIPE, timeout=30)
        TAP.point('the output does not fit on the disk', [] if done.returncode == 74 and FULL in done.stderr else [done.returncode, done.stderr])
        os.unlink(path)
        answer = call(big, env={'TMPDIR': disk})
        TAP.point('a large message cannot be kept on a full disk', [] if answer.status == 74 and not answer.out and FULL in answer.err else [answer.err])
        with open(path, 'wb') as file:
            try:
                file.write(b'x' * 3000000)
            except OSError:
                pass
        whole('a small message needs no disk', sample('healthy'), None, b'', env={'TMPDIR': disk})
    whole('nor a folder for temporary files', sample('healthy'), None, b'', env={'TMPDIR': '/nonexistent'})
    refused('a large one does', big, 74, env={'TMPDIR': '/nonexistent'})


def short_io():
    if len(sys.argv) < 4:
        TAP.skip('short and interrupted reads and writes', 'no library for it')
        return
    preload = {'LD_PRELOAD': os.path.abspath(sys.argv[3]), 'ASAN_OPTIONS': 'verify_asan_link_order=0:detect_leaks=0'}
    messages = [sample('healthy'), PLAIN + bytes(range(256)) * 8000, b'From a@shop.example Wed Oct 14 08:21:37 2026\n' + sample('healthy')]
    faults = []
    for seed in range(24):
        message = messages[seed % 3]
        head = message[:message.index(b'\n') + 1] if message.startswith(b'From ') else b''
        faults += rest_faults(message, message[len(head):], head, env=dict(preload, SHORT_IO_SEED=str(seed)))
    TAP.point('short and interrupted reads and writes', faults[:5])
    faults = []
    for seed in range(24):
        message = messages[seed % 3]
        room = str(random.Random(seed).randrange(len(message)))
        answer = call(message, env=dict(preload, SHORT_IO_SEED=str(seed), SHORT_IO_ENOSPC=room))
        if answer.status != 74 or FULL not in answer.err:
            faults.append('full after %s octets: status %d, %r' % (room, answer.status, answer.err))
    TAP.point('a disk that is full somewhere in the middle', faults[:5])


def short_memory():
    """Status 0 only with the whole message, whatever is missing."""
    faults, counts = [], {True: 0, False: 0}
    message = PLAIN + b'0123456789abcde\n' * 200000
    for mebibytes in (20, 40, 60, 70, 80, 90, 100, 120, 150, 300):
        limit = mebibytes << 20
        done = subprocess.run([TOOL, 'filter', '--dns=' + ZONE, '--write-id=' + ID], input=message, capture_output=True, timeout=60,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
        counts[done.returncode == 0] += 1
        if done.returncode == 0 and added_fields(done.stdout, ID.encode())[1] != message:
            faults.append('%d MiB: status 0 and %d octets' % (mebibytes, len(done.stdout)))
    TAP.point('too little memory: whole or an error', faults)
    print('# %d times whole, %d times an error' % (counts[True], counts[False]))


def memory():
    def peak(size):
        path = os.path.join(TMP, 'peak')
        with open(path, 'wb') as file:
            file.write(PLAIN + (b'0123456789abcde\n' * 64) * (size // 1024))
        code = 'import resource,subprocess,sys; subprocess.run(sys.argv[1:], stdin=open(%r), stdout=subprocess.DEVNULL, check=True); ' \
               'print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' % path
        out = subprocess.run([sys.executable, '-c', code, TOOL, 'filter', '--dns=' + ZONE], capture_output=True, timeout=120).stdout
        os.unlink(path)
        return int(out)

    small, large = peak(4 << 20), peak(200 << 20)
    TAP.point('memory does not grow with the message', [] if large < small + 4096 else ['%d KiB for 4 MiB, %d KiB for 200 MiB' % (small, large)])


def main():
    content()
    beginnings()
    taken_out()
    generated(int(os.environ.get('FILTER_GENERATED', '150')))
    ids()
    words()
    no_message()
    dns_trouble()
    closed_streams()
    reader_gone()
    pieces()
    full_disk()
    short_io()
    short_memory()
    memory()
    shutil.rmtree(TMP)
    return TAP.end()


sys.exit(main())
