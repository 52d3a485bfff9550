#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# batch and summary from outside: which messages are found, in which order, with which status; that reports merge; that no trouble
# with one file costs another. check-batch.py TOOL SAMPLES.
import csv
import glob
import gzip
import io
import json
import mailbox
import os
import pty
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'samples'))
from filter_kit import small_disk
from tap import LIMIT, Tap, run, text_faults

TOOL, SAMPLES = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
TAP = Tap()
TMP = tempfile.mkdtemp()
DNS = '--dns=' + os.path.join(SAMPLES, 'healthy.zone')
DATE = 'Wed Oct 14 10:21:39 2026'


def sample(name):
    with open(os.path.join(SAMPLES, name + '.eml'), 'rb') as file:
        return file.read()


def plain(n, extra='', body='body\n'):
    return ('From: joe%d@shop%d.example\nTo: sam@mailbox.example\nSubject: %d\nMessage-ID: <%d@shop.example>\n'
            'Date: Wed, 14 Oct 2026 10:21:37 +0000\n%s\n%s' % (n, n % 3, n, n, extra, body))


def made(path, data):
    path = os.path.join(TMP, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'wb') as file:
        file.write(data if isinstance(data, bytes) else data.encode())
    return path


def batch(*args, **more):
    return run(TOOL, 'batch', DNS, *args, cwd=TMP, **more)


def objects(answer):
    return [json.loads(line) for line in answer.out.decode('utf-8').splitlines()]


def files(answer):
    return [entry['file'] for entry in objects(answer)]


def without_times(text):
    return re.sub(r'"evaluated_at": "[^"]*"', '', text if isinstance(text, str) else text.decode('utf-8'))


def same(name, one, other):
    TAP.point(name, [] if one == other else ['%r' % (one,), '%r' % (other,)])


def status_is(name, answer, status, *words):
    faults = [] if answer.status == status else ['status %d, not %d' % (answer.status, status)]
    said = (answer.out + answer.err).decode('utf-8', 'replace')
    faults += ['%r is not in %r' % (word, said[-600:]) for word in words if word not in said]
    TAP.point(name, faults)


# ---- what is found ----------------------------------------------------------------------------------------------------------


def maildir_points():
    for place in ('box/new/1.host', 'box/cur/2.host:2,S', 'box/cur/3.host:2,RST', 'box/.Sent/cur/4.host:2,S', 'box/.Sent/new/.gone', 'box/cur/.hidden'):
        made(place, plain(1))
    made('box/tmp/5.host', plain(5))
    made('box/dovecot-uidlist', '3 V1 N2\n')
    made('box/.Trash/notes.eml', plain(6))
    for empty in ('box/.Sent/tmp', 'box/.Drafts/cur', 'box/.Drafts/new'):
        os.makedirs(os.path.join(TMP, empty))
    same('a maildir: cur, new and its folders; not tmp, hidden files, indexes', files(batch('--format=ndjson', 'box')),
         ['box/.Sent/cur/4.host:2,S', 'box/.Trash/notes.eml', 'box/cur/2.host:2,S', 'box/cur/3.host:2,RST', 'box/new/1.host'])
    same('cur of a maildir alone', files(batch('--format=ndjson', 'box/cur')), ['box/cur/2.host:2,S', 'box/cur/3.host:2,RST'])


def folder_points():
    made('folder/b.eml', plain(1))
    made('folder/a/deep/er.eml', plain(2))
    made('folder/packed.eml.gz', gzip.compress(plain(3).encode()))
    made('folder/17', plain(4))
    made('folder/notes.txt', 'Buy tea.\n')
    made('folder/zone', '$TTL 300\nexample.com. A 192.0.2.1\n')
    made('folder/.hidden.eml', plain(5))
    made('folder/page.emlx', str(len(plain(6))) + '\n' + plain(6) + '<?xml version="1.0"?>')
    same('a folder: what is mail by name or by content, in the order of names', files(batch('--format=ndjson', 'folder')),
         ['folder/17', 'folder/a/deep/er.eml', 'folder/b.eml', 'folder/packed.eml.gz', 'folder/page.emlx'])
    same('paths are visited in the order they are given', files(batch('--format=ndjson', 'folder/b.eml', 'folder/17', 'folder/b.eml')),
         ['folder/b.eml', 'folder/17', 'folder/b.eml'])
    listed = 'folder/b.eml\n\nfolder/17\n'
    same('--files-from reads paths, one a line', files(batch('--format=ndjson', '--files-from=-', stdin=listed.encode())), ['folder/b.eml', 'folder/17'])
    odd = made('odd\nname.eml', plain(7))
    same('-0 wants NUL behind each', files(batch('--format=ndjson', '--files-from', '-', '-0', stdin=b'folder/17\0' + odd.encode() + b'\0')), ['folder/17', odd])
    paths = [path for path in ('folder/%d.eml' % n for n in range(300))]
    for n, path in enumerate(paths):
        made('many/' + path, plain(n, body='x' * (n % 7) * 9000 + '\n'))
    one, eight = batch('-j1', '--format=ndjson', 'many'), batch('-j', '8', '--format=ndjson', 'many')
    same('the order is that of the input, whatever --jobs', without_times(one.out), without_times(eight.out))
    same('so is the text', batch('-j1', 'many').out, batch('-j8', 'many').out)


def boxes():
    """mbox files as mail programs write them."""
    inner = 'text\n\nFrom joe9@example.com %s\nX-Inner: yes\n\ninner\n' % DATE
    return {
        'mboxrd': ''.join('From joe@example.com %s\n%s\n' % (DATE, plain(n, body='Hello\n\n>From the start\n>>From deeper\nbye\n')) for n in range(5)),
        'mboxcl2': ''.join('From joe@example.com %s\n%s\n' % (DATE, plain(n, 'Content-Length: %d\n' % len(inner), inner)) for n in range(4)),
        'mutt': ''.join('From joe@example.com %s\n%s\n' % (DATE, plain(n, 'Content-Length: 5\nLines: 1\nStatus: RO\n')) for n in range(4)),
        'dovecot': ''.join('From joe@example.com  %s\n%s%s\n' % (DATE, 'X-IMAPbase: 1234 3\n' if n == 0 else '', plain(n, 'X-UID: %d\nStatus: RO\n' % n)) for n in range(4)),
        'thunderbird': ''.join('From - %s\nX-Mozilla-Status: 0001\nX-Mozilla-Status2: 00000000\n%s\n' % (DATE, plain(n)) for n in range(4)),
    }


def split_by_us(name):
    """The octets of each message, as the positions and sizes of a run say."""
    with open(os.path.join(TMP, name), 'rb') as file:
        data = file.read()
    found = objects(batch('--format=ndjson', name))
    same('%s: messages are counted from 0' % name, [entry['position']['index'] for entry in found], list(range(len(found))))
    return [data[entry['position']['offset']:][:entry['message']['size']] for entry in found]


def formail_split(name):
    out = os.path.join(TMP, name + '.split')
    os.makedirs(out)
    with open(os.path.join(TMP, name), 'rb') as file:
        subprocess.run(['formail', '-s', 'sh', '-c', 'cat > "$0/$FILENO"', out], stdin=file, check=True)
    return [open(path, 'rb').read() for path in sorted(glob.glob(out + '/*'))]


def mblaze_split(name):
    out = os.path.join(TMP, name + '.maildir')
    for part in ('cur', 'new', 'tmp'):
        os.makedirs(os.path.join(out, part))
    with open(os.path.join(TMP, name), 'rb') as file:
        subprocess.run(['mdeliver', '-M', out], stdin=file, check=True, capture_output=True)
    return len(glob.glob(out + '/*/*'))


def mbox_points():
    for name, text in boxes().items():
        made(name, text)
        ours = split_by_us(name)
        if name != 'mboxcl2':   # Python knows no Content-Length
            theirs = mailbox.mbox(os.path.join(TMP, name))
            same("%s: octets are those of Python's mailbox" % name, [m.split(b'\n', 1)[1] for m in ours], [theirs.get_bytes(key) for key in theirs.keys()])
        if shutil.which('formail'):     # which leaves the empty line between messages to the first
            same('%s: octets are those of formail' % name, [m + b'\n' for m in ours], formail_split(name))
        if shutil.which('mdeliver') and name != 'mboxcl2':
            same('%s: as many as mblaze finds' % name, len(ours), mblaze_split(name))
    made('packed.mbox.gz', gzip.compress(boxes()['mboxrd'].encode()))
    same('an mbox in gzip', [entry['position']['index'] for entry in objects(batch('--format=ndjson', 'packed.mbox.gz'))], [0, 1, 2, 3, 4])
    good = 'From joe@example.com %s\n%s\n' % (DATE, plain(1))
    made('bad.mbox', good + 'From joe@example.com %s\n\n' % DATE + 'From joe@example.com %s\n<html>no mail</html>\n\n' % DATE + good)
    answer = batch('--format=ndjson', 'bad.mbox')
    same('bad messages end no mbox', ['error' in entry for entry in objects(answer)], [False, True, True, False])
    status_is('and are told with their place', answer, 65, 'bad.mbox, message 2 (octet ')
    made('empty.mbox', '')
    status_is('an empty mbox is no fault', batch('empty.mbox'), 0, '0 messages')


# ---- options and statuses -----------------------------------------------------------------------------------------------------


def status_points():
    good = os.path.join(SAMPLES, 'healthy.eml')
    status_is('every message analysed: 0', batch('folder'), 0)
    status_is('whatever its verdict', run(TOOL, 'batch', '--dns=' + os.path.join(SAMPLES, 'strict-alignment.zone'), os.path.join(SAMPLES, 'strict-alignment.eml')), 0)
    status_is('--fail-on a verdict that occurred: 1', batch('--fail-on=pass', good), 1)
    status_is('--fail-on one of several', batch('--fail-on=fail,permerror,pass', good), 1)
    status_is('--fail-on one that did not: 0', batch('--fail-on=fail', good), 0)
    status_is('65 wins over 1', batch('--fail-on=pass', good, made('empty.eml', '')), 65, 'empty.eml')
    status_is('nothing that is there: 66', batch('nowhere'), 66, 'nowhere')
    status_is('something else besides: 65', batch('nowhere', good), 65, 'nowhere')
    for name, args, word in (('no path', [], 'PATH'), ('standard input', ['-'], '--files-from'), ('--jobs=0', ['--jobs=0', 'x'], '--jobs'), ('--jobs=257', ['--jobs=257', 'x'], '256'),
                             ('--fail-on=often', ['--fail-on=often', 'x'], 'often'), ('-j without a number', ['-j'], '-j'), ('--format=yaml', ['--format=yaml', 'x'], 'yaml')):
        status_is('64: ' + name, batch(*args), 64, word)
    status_is('a list that is not there: 66', batch('--files-from=nowhere'), 66, 'nowhere')
    quiet = batch('-q', good, made('empty.eml', ''))
    same('-q writes no report', quiet.out, b'')
    TAP.point('the text is fit for a terminal', text_faults(batch('folder', 'bad.mbox', good).text()))
    snapshot = os.path.join(TMP, 'snapshot')
    live = run(TOOL, 'batch', DNS, '--save-dns=' + snapshot, '--format=csv', good, cwd=TMP)
    again = run(TOOL, 'batch', '--dns=' + snapshot, '--format=csv', good, cwd=TMP)
    same('--save-dns holds what a later run needs', live.out, again.out)
    status_is('--attached looks into each', batch('--attached', '--format=ndjson', os.path.join(SAMPLES, 'bounced.eml')), 0, '"verdict"')
    damaged = ['--format=ndjson', '--dns=' + os.path.join(SAMPLES, 'saved-copy-changed.zone'), os.path.join(SAMPLES, 'saved-copy-changed.eml')]
    search = [any(signature['damage'] for signature in json.loads(run(TOOL, 'batch', *more, *damaged).out)['dkim']) for more in ([], ['--damage-search'])]
    same('damage is searched for when asked for', search, [False, True])


def csv_points():
    made('=2+2.eml', plain(1))
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'doc', 'csv.txt'), encoding='utf-8') as file:
        told = [line.split('\t')[0] for line in file if not line.startswith('#')]
    same('csv: the columns that doc/csv.txt tells', batch('--format=csv', 'empty.eml').text().split('\r\n')[0].split(','), told)
    rows = list(csv.DictReader(io.StringIO(batch('--format=csv', '=2+2.eml', 'mboxrd', os.path.join(SAMPLES, 'healthy.eml'), 'empty.eml').text(), newline='')))
    same('csv: a row a message', [row['index'] for row in rows], ['', '0', '1', '2', '3', '4', '', ''])
    same('csv: no formula', rows[0]['file'], "'=2+2.eml")
    same('csv: verdicts', [row['verdict'] for row in rows][-2:], ['pass', ''])
    same('csv: signatures', rows[-2]['dkim_aligned'], 'true')
    TAP.point('csv: what could not be read says why', [] if 'empty' in rows[-1]['error'] else [repr(rows[-1])])


def merge_points():
    paths = ['many', 'mboxrd', 'bad.mbox', os.path.join(SAMPLES, 'healthy.eml'), os.path.join(SAMPLES, 'saved-copy-changed.eml'), 'empty.eml']
    parts = [made('part%d' % n, batch('--format=ndjson', *paths[n::2]).out) for n in range(2)]
    for form in ('text', 'html'):
        whole, merged = batch('--format=' + form, *paths).text(), run(TOOL, 'summary', '--format=' + form, *parts[::-1]).text()
        same('merged parts give the same %s as one run' % form, whole, merged)
    rows = [sorted(answer.text().splitlines()) for answer in (batch('--format=csv', *paths), run(TOOL, 'summary', '--format=csv', *parts))]
    same('and the same rows of csv', rows[0], rows[1])
    lines = b''.join(open(part, 'rb').read() for part in parts)
    same('ndjson goes through as it is', run(TOOL, 'summary', '--format=ndjson', stdin=lines).out, lines)
    status_is('what could not be analysed there is not forgotten here', run(TOOL, 'summary', stdin=lines), 65, 'empty.eml')
    status_is('--fail-on holds for a summary', run(TOOL, 'summary', '--fail-on=pass', stdin=batch('--format=ndjson', os.path.join(SAMPLES, 'healthy.eml')).out), 1)
    status_is('a line that is none of ours: 65, the rest is done', run(TOOL, 'summary', stdin=lines.split(b'\n')[0] + b'\n[1]\nno\n'), 65, 'standard input:2', '1 message')
    status_is('a file that is not there: 66', run(TOOL, 'summary', 'nowhere', parts[0]), 66, 'nowhere')
    status_is('nothing to sum up', run(TOOL, 'summary', stdin=b''), 0, '0 messages')


# ---- bad days -------------------------------------------------------------------------------------------------------------------


def special_points():
    os.makedirs(os.path.join(TMP, 'odd/inner'))
    made('odd/good.eml', plain(1))
    os.mkfifo(os.path.join(TMP, 'odd/pipe.eml'))
    os.symlink('..', os.path.join(TMP, 'odd/inner/up'))
    os.symlink('self.eml', os.path.join(TMP, 'odd/self.eml'))
    os.symlink('/dev/zero', os.path.join(TMP, 'odd/zero.eml'))
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(os.path.join(TMP, 'odd/socket.eml'))
    answer = batch('--format=ndjson', 'odd')
    listener.close()
    same('FIFOs, sockets, devices and links in a circle are passed by', files(answer), ['odd/good.eml'])
    for what in ('pipe.eml: a FIFO', 'socket.eml: a socket', 'zero.eml: a device', 'self.eml: a link that leads in a circle', 'up: a link to a folder that was visited'):
        status_is('with a line: ' + what, answer, 0, what)
    status_is('a FIFO that is named is passed by, too', batch('odd/pipe.eml'), 0, 'a FIFO')
    deep = os.path.join(TMP, 'deep', *['d'] * 101)
    made(os.path.join(deep, 'far.eml'), plain(1))
    made('deep/near.eml', plain(2))
    answer = batch('--format=ndjson', 'deep')
    same('folders deeper than 100 are passed by', (files(answer), b'too many folders' in answer.err), (['deep/near.eml'], True))
    os.symlink('nowhere', os.path.join(TMP, 'odd/dangling.eml'))
    status_is('a link to nothing is a fault and stops nothing', batch('--format=ndjson', 'odd'), 65, 'dangling.eml', '"verdict"')
    if os.getuid() != 0:
        os.chmod(made('odd/secret.eml', plain(2)), 0)
        status_is('an unreadable file is a fault and stops nothing', batch('--format=ndjson', 'odd'), 65, 'secret.eml', '"verdict"')


def feed(args, lines, act):
    """A run that waits for more of its list while act is done."""
    worker = subprocess.Popen([TOOL, 'batch', DNS, '--files-from=-'] + args, cwd=TMP, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    worker.stdin.write(''.join(line + '\n' for line in lines).encode())
    worker.stdin.flush()
    time.sleep(1.0)
    act(worker)
    out, err = worker.communicate(timeout=LIMIT)
    return type('Answer', (), {'status': worker.returncode, 'out': out, 'err': err})


def vanish_points():
    gone = made('gone.eml', plain(1))

    def remove(worker):
        os.unlink(gone)
        worker.stdin.write(b'gone.eml\nfolder/17\n')
    status_is('a file that vanished is a fault and stops nothing', feed(['--format=ndjson'], ['folder/b.eml'], remove), 65, 'gone.eml', 'folder/17')
    made('moved/new/1.host', plain(1))
    os.makedirs(os.path.join(TMP, 'moved/cur'))
    for n in range(400):
        made('moved/cur/%04d.host:2,' % n, plain(n))
    os.makedirs(os.path.join(TMP, 'moved/tmp'))
    worker = subprocess.Popen([TOOL, 'batch', DNS, '-j1', '--format=ndjson', 'moved'], cwd=TMP, stdout=subprocess.PIPE)
    for n in reversed(range(400)):
        os.rename(os.path.join(TMP, 'moved/cur/%04d.host:2,' % n), os.path.join(TMP, 'moved/cur/%04d.host:2,S' % n))
    out, _ = worker.communicate(timeout=LIMIT)
    same('messages whose flags change meanwhile are found all the same', (worker.returncode, len(out.splitlines())), (0, 401))


def stop_points():
    for number in (signal.SIGINT, signal.SIGTERM):
        name = signal.Signals(number).name
        answer = feed(['-j2'], ['folder/b.eml', 'folder/17'], lambda worker: worker.send_signal(number))
        status_is(name + ' gives the summary of what is done', answer, 130, '2 messages', 'stopped before the end')
    answer = feed(['--format=ndjson'], ['folder/b.eml', 'folder/17'], lambda worker: worker.send_signal(signal.SIGINT))
    same('lines that are written are whole', (answer.status, len(objects(answer))), (130, 2))
    silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    silent.bind(('127.0.0.1', 0))
    server = '--dns-server=127.0.0.1@%d' % silent.getsockname()[1]
    start = time.monotonic()
    answer = run(TOOL, 'batch', '-j4', server, '--timeout=1', '--format=ndjson', 'folder', cwd=TMP)
    same('a silent name server is a temporary error', {entry['verdict'] for entry in objects(answer)}, {'temperror'})
    TAP.point('within the time limit', [] if time.monotonic() - start < 20 else ['%.1f s' % (time.monotonic() - start)])
    worker = subprocess.Popen([TOOL, 'batch', server, '--timeout=60', 'folder'], cwd=TMP, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(1.5)
    start = time.monotonic()
    worker.send_signal(signal.SIGINT)
    out, _ = worker.communicate(timeout=LIMIT)
    same('Ctrl-C does not wait for it', (worker.returncode, b'0 messages' in out, time.monotonic() - start < 10), (130, True, True))
    silent.close()


def output_points():
    with open('/dev/full', 'wb') as full:
        done = subprocess.run([TOOL, 'batch', DNS, '--format=ndjson', 'many'], cwd=TMP, stdout=full, stderr=subprocess.PIPE, timeout=LIMIT)
    same('a full disk: 74 and a line', (done.returncode, b'standard output' in done.stderr), (74, True))
    worker = subprocess.Popen([TOOL, 'batch', DNS, '--format=ndjson', 'many', 'many', 'many'], cwd=TMP, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    worker.stdout.readline()
    worker.stdout.close()
    same('a reader that goes away: 74 without a word', (worker.wait(LIMIT), worker.stderr.read()), (74, b''))
    worker.stderr.close()
    large = plain(1, body='0123456789\n' * 300000)
    made('large.eml.gz', gzip.compress(large.encode()))
    with small_disk(TMP, 1) as disk:
        if not disk:
            TAP.skip('a full disk for what does not fit into memory costs only that message', 'no small file system can be mounted')
        else:
            answer = batch('--format=ndjson', 'large.eml.gz', 'folder/17', env={'TMPDIR': disk})
            status_is('a full disk for what does not fit into memory costs only that message', answer, 65, 'large.eml.gz', '"verdict"')
    status_is('it is read where there is room', batch('--format=ndjson', 'large.eml.gz'), 0)


def on_terminal(*args):
    """What is written to standard error when it is a terminal."""
    ours, theirs = pty.openpty()
    worker = subprocess.Popen([TOOL, 'batch', DNS, *args], cwd=TMP, stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    said = b''
    try:
        while True:
            said += os.read(ours, 4096)
    except OSError:
        pass
    os.close(ours)
    worker.wait(LIMIT)
    return said


def progress_points():
    shown = on_terminal('-j1', *['many'] * 20)
    TAP.point('progress on a terminal: share, count, rate, time left', [] if re.search(rb'\[[#.]+\] +\d+ %  \d+ messages  \d+/s  \d+:\d\d:\d\d left', shown) else [repr(shown[:300])])
    TAP.point('which is taken away at the end', [] if shown.endswith(b'\r\x1b[K') else [repr(shown[-80:])])
    same('not with -q', on_terminal('-q', 'many'), b'')


def main():
    maildir_points()
    folder_points()
    mbox_points()
    status_points()
    csv_points()
    merge_points()
    special_points()
    vanish_points()
    stop_points()
    output_points()
    progress_points()
    shutil.rmtree(TMP)
    sys.exit(TAP.end())


main()
