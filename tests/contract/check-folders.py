#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# Folders as other mail programs write them are read as their writers and readers mean them: mbox files of mutt and Dovecot (made by
# these programs, in folders/), of Thunderbird and formail, maildirs of Dovecot; counts and octets beside formail, mblaze and Python's
# mailbox. Where these disagree the rule is mbox(5) and RFC 4155: a From_ line has a date and stands behind an empty line, and a
# Content-Length that leads to the next one is believed. Usage: check-folders.py TOOL FOLDERS. Prints TAP.
import glob
import json
import mailbox
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'samples'))
from tap import Tap, run

TOOL, FOLDERS = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
TAP = Tap()
WORK = tempfile.TemporaryDirectory()
DATE = 'Wed Nov 25 04:58:58 2026'
INNER = 'Hello\n\nFrom the start\n>From quoted\n\nFrom joe@example.com %s\nReceived: inner\n\nend\n' % DATE
ATTACHED = '--b\nContent-Type: message/rfc822\n\nFrom joe@example.com %s\nFrom: x@example.com\nSubject: inner\n\ninner\n--b--\n' % DATE
BODIES = ['Hello\n', '', INNER, 'no end', 'text\n\n\n', 'Grüße\n', ATTACHED, 'x' * 1200 + '\n']     # what was saved into folders/*


def made(name, octets):
    path = os.path.join(WORK.name, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'wb') as file:
        file.write(octets if isinstance(octets, bytes) else octets.encode())
    return path


def content(path):
    with open(path, 'rb') as file:
        return file.read()


def batch(*paths):
    answer = run(TOOL, 'batch', '--format=ndjson', '--dns=' + ZONE, *paths)
    return [json.loads(line) for line in answer.out.decode('utf-8').split('\n') if line]


def split(paths):
    """path: the octets of each of its messages, as one run finds them; None where it could not be read."""
    found = {path: [] for path in paths}
    for entry in batch(*paths):
        position, message = entry.get('position') or {}, entry.get('message') or {}
        found[entry['file']].append(content(entry['file'])[position['offset']:][:message['size']] if message else None)
    return found


def body(message):
    return message.replace(b'\r\n', b'\n').split(b'\n\n', 1)[1]


def plain(number, body='text\n', more=''):
    return 'Received: from a.example by b.example; Wed, 25 Nov 2026 04:58:58 +0000\nFrom: a@example.com\nTo: b@example.net\nSubject: message %d\n%s\n%s' % (number, more, body)


def same(name, one, other):
    TAP.point(name, [] if one == other else ['%r' % (one,), '%r' % (other,)])


# ---- the readers of others -------------------------------------------------------------------------------------------------


def by_python(path):
    """Without From_ line, and without the empty line that parts messages."""
    box = mailbox.mbox(path, create=False)
    try:
        return [box.get_bytes(key) for key in box.keys()]
    finally:
        box.close()


def by_formail(path):
    """With From_ line and the empty line behind each."""
    out = tempfile.mkdtemp(dir=WORK.name)
    with open(path, 'rb') as file:
        subprocess.run(['formail', '-s', 'sh', '-c', 'cat > "$0/$FILENO"', out], stdin=file, check=True, env=dict(os.environ, FILENO='0000'))
    return [content(name) for name in sorted(glob.glob(out + '/*'))]


def by_mblaze(path):
    box = tempfile.mkdtemp(dir=WORK.name)
    for part in ('cur', 'new', 'tmp'):
        os.mkdir(os.path.join(box, part))
    with open(path, 'rb') as file:
        subprocess.run(['mdeliver', '-M', box], stdin=file, check=True, stdout=subprocess.DEVNULL)
    return [content(name) for name in sorted(glob.glob(box + '/*/*'))]


READERS = {'formail': ('formail', by_formail), "Python's mailbox": ('true', by_python), 'mblaze': ('mdeliver', by_mblaze)}


def readers():
    return {name: read for name, (program, read) in READERS.items() if shutil.which(program)}


# ---- mbox ------------------------------------------------------------------------------------------------------------------


def stored_boxes():
    boxes = sorted(glob.glob(FOLDERS + '/*.mbox'))
    found = split(boxes)
    for path in boxes:
        # Dovecot ends every body with a line end; an empty body and one without end are so already when it writes them
        want = [text if text.endswith('\n') or 'mutt' in path else text + '\n' for text in BODIES]
        same('%s: every message with its body' % os.path.basename(path), [body(m).decode() for m in found[path]], want)


def thunderbird():
    status = 'X-Mozilla-Status: 0001\nX-Mozilla-Status2: 00000000\nX-Mozilla-Keys: %s\n' % (' ' * 80)
    texts = [plain(n, text) for n, text in enumerate(['Hello\n', 'Hello\n\n>From here\n', 'From: no field\n', '\n\n', 'Grüße\n'])]
    for name, line in {'dated From_ lines': 'From - %s\n' % DATE, 'bare From_ lines': 'From \n', 'nothing but "From -"': 'From -\n'}.items():
        for end in ('\n', '\r\n'):
            path = made('tb/%s-%d' % (re.sub(r'\W', '', name), len(end)), ''.join(line + status + text + '\n' for text in texts).replace('\n', end))
            same('Thunderbird, %s, lines end in %s' % (name, repr(end)[1:-1]), [m.decode().replace(end, '\n') for m in split([path])[path]],
                 [line + status + text for text in texts])


def written_by_formail():
    if not shutil.which('formail'):
        return TAP.skip('what formail writes', 'formail is not installed')
    texts = [plain(n, text) for n, text in enumerate(['Hello\n', 'Hello\n\nFrom the start\nFrom joe@example.com %s\n' % DATE, '', 'end\n\n\n'])]
    octets = b''.join(subprocess.run(['formail'], input=text.encode(), capture_output=True, check=True).stdout for text in texts)
    path = made('formail.mbox', octets)
    ours = split([path])[path]
    same('what formail writes: as many messages as it was given', len(ours), len(texts))
    same("what formail writes: octets are those of Python's mailbox", [m.split(b'\n', 1)[1] for m in ours], by_python(path))
    same('what formail writes: octets are those of formail -s', [m.rstrip(b'\n') for m in ours], [m.rstrip(b'\n') for m in by_formail(path)])
    return None


LINES = ['Hello\n', '\n', '\n\n', '>From here\n', 'From: no field\n', 'x' * 200 + '\n', 'Grüße\n', '.\n', 'Received: x\n', '-- \n', 'Content-Length: 3\n', '>>From deeper\n', ' From a\n']
STAMPS = [DATE, 'Wed Nov 25 04:58:58 2026 +0000', 'Wed Nov 25 04:58:58 +0000 2026', 'Wed Nov  5 04:58 2026', 'Wed, 25 Nov 2026 04:58:58 +0000']
SENDERS = ['joe@example.com', '-', 'MAILER-DAEMON', '"joe smith"@example.com', 'joe', '<joe@example.com>', 'bounce+x=y@a.example', 'joe@example.com ']


def odd_box(chance):
    text = ''
    for number in range(chance.randrange(1, 7)):
        lines = ''.join(chance.choice(LINES) for _ in range(chance.randrange(6)))
        more = chance.choice(['', '', 'X-Fold: a\n From b\n', 'Status: RO\n', 'Content-Length: %d\n' % len(lines.encode()), 'Content-Length: 99999\n'])
        text += 'From %s %s\n%s' % (chance.choice(SENDERS), chance.choice(STAMPS), plain(number, lines, more))
        text += '\n' if chance.random() < 0.7 or not text.endswith('\n\n') else ''
    return text.rstrip('\n') if chance.random() < 0.1 else text


def other_octets(name, messages):
    """Without the From_ line and without the line ends behind, which each program counts in its own way."""
    drop = name != "Python's mailbox"
    return [(m.split(b'\n', 1)[1] if drop and m.startswith(b'From ') else m).rstrip(b'\n') for m in messages]


def odd_boxes():
    chance = random.Random(4155)
    paths = [made('odd/%03d.mbox' % n, odd_box(chance)) for n in range(60)]
    found, faults, agreed = split(paths), {name: [] for name in readers()}, 0
    for path in paths:
        ours = other_octets('', found[path])
        theirs = {name: other_octets(name, read(path)) for name, read in readers().items() if name != 'mblaze'}
        agreed += all(one == list(theirs.values())[0] for one in theirs.values())
        for name, messages in theirs.items():
            if messages != ours and all(one == messages for one in theirs.values()):
                faults[name].append('%s: %r' % (path, content(path)))
    TAP.point('odd boxes: where the others agree, so does this', sum(faults.values(), []) + ([] if agreed > 30 else ['they agree on %d of %d' % (agreed, len(paths))]))
    if 'mblaze' in readers():
        few = [path for path in paths if b'Content-Length' not in content(path)][:20]
        TAP.point('odd boxes: as many messages as mblaze delivers', [path for path in few if len(by_mblaze(path)) != len(found[path])])


# Disagreements among them, and the rule that decides.
RULED = [
    ('a body line "From ..." without a date parts nothing (RFC 4155: address and date)', plain(0, 'text\n\nFrom here on it rains\nReceived: x\n'), 1),
    ('a From_ line in the middle of a text parts nothing (mbox(5): behind an empty line)', plain(0, 'text\nFrom joe@example.com %s\ntext\n' % DATE), 1),
    ('a From_ line right in front of a header does, though no empty line is there', plain(0, 'text\nFrom joe@example.com %s\n%s' % (DATE, plain(1))), 2),
    ('a Content-Length that leads to the next From_ line is believed (mboxcl2)', plain(0, INNER, 'Content-Length: %d\n' % len(INNER)), 1),
    ('one that leads elsewhere is not', plain(0, 'text\n\nFrom joe@example.com %s\n%s' % (DATE, plain(1)), 'Content-Length: 7\n'), 2),
    ('one beyond the end is not', plain(0, 'text\n\nFrom joe@example.com %s\n%s' % (DATE, plain(1)), 'Content-Length: 99999\n'), 2),
]


def ruled():
    paths = [made('ruled/%d.mbox' % n, 'From joe@example.com %s\n%s\nFrom joe@example.com %s\n%s' % (DATE, text, DATE, plain(9))) for n, (_, text, _) in enumerate(RULED)]
    found = split(paths)
    for path, (rule, _, count) in zip(paths, RULED):
        same(rule, len(found[path]), count + 1)


# ---- maildir ---------------------------------------------------------------------------------------------------------------

# names as Dovecot gives them; flags in new, too
NAMES = ['new/1795593586.M323292P27202.host,S=203,W=211:2,RS', 'cur/1795593586.M524131P27219.host,S=203,W=210:2,', 'cur/1795593586.M593359P27223.host,S=204,W=214:2,ST',
         'new/1795593586.M660214P27228.host,S=205,W=213', 'cur/1795593586.M725715P27233.host,S=383,W=401:2,Sab', '.Sent.Sub/cur/1795593586.M792099P27235.host,S=1398,W=1406:2,S',
         '.Sent.Sub/new/1795593586.M389730P27207.host,S=197,W=204', '.Junk/cur/1795593586.M456304P27214.host:2,S', '.Gr&APwA3w-e/cur/1795593586.M456305P27215.host:2,S']
NO_MAIL = ['dovecot-uidlist', 'dovecot-uidvalidity', 'dovecot-uidvalidity.6b06948a', 'dovecot.index.cache', 'dovecot.index.log', 'dovecot.list.index.log', 'dovecot-keywords',
           'maildirfolder', 'subscriptions', '.Sent.Sub/dovecot-uidlist', '.Sent.Sub/dovecot.index.cache', '.Sent.Sub/maildirfolder', 'maildirsize', 'courierimapuiddb']
UIDLIST = '3 V1795593585 N9 G11f7e43031ad066bec\n1 S203 W211 :1795593586.M323292P27202.host,S=203,W=211\n'


def by_mailbox(path):
    box = mailbox.Maildir(path, create=False)
    folders = [box] + [box.get_folder(name) for name in box.list_folders()]
    return sorted(folder.get_bytes(key) for folder in folders for key in folder.keys())


def maildirs():
    top = os.path.join(WORK.name, 'Maildir')
    for number, name in enumerate(NAMES):
        made('Maildir/' + name, plain(number))
    for name in NO_MAIL:
        made('Maildir/' + name, UIDLIST if 'uidlist' in name else b'\0\1\2From: a@example.com\n' if 'index' in name else '')
    made('Maildir/tmp/1795593586.M1P1.host', plain(99))
    made('Maildir/.Sent.Sub/tmp/1795593586.M1P1.host', plain(99))
    for folder in ('', '.Sent.Sub', '.Junk', '.Gr&APwA3w-e', '.Empty'):
        for part in ('cur', 'new', 'tmp'):
            os.makedirs(os.path.join(top, folder, part), exist_ok=True)
    entries = batch(top)
    paths = sorted(entry['file'] for entry in entries)
    same('a maildir of Dovecot: each message once, nothing else', paths, sorted(os.path.join(top, name) for name in NAMES))
    same("its octets are those of Python's mailbox", sorted(content(path) for path in paths), by_mailbox(top))
    if shutil.which('mlist'):
        listed = subprocess.run(['sh', '-c', 'mdirs "$0" | mlist', top], capture_output=True, check=True, text=True)
        same('its messages are those that mdirs and mlist show', paths, sorted(listed.stdout.split('\n')[:-1]))
        found = subprocess.run(['magrep', 'subject:message [0-3]$'], input=listed.stdout, capture_output=True, text=True).stdout
        same('its subjects are those that magrep finds', sorted(e['file'] for e in entries if re.search('message [0-3]$', e['message']['subject'])),
             sorted(found.split('\n')[:-1]))
    else:
        TAP.skip('its messages are those that mdirs and mlist show', 'mblaze is not installed')


def main():
    stored_boxes()
    thunderbird()
    written_by_formail()
    odd_boxes()
    ruled()
    maildirs()
    WORK.cleanup()
    return TAP.end()


ZONE = made('zone', '$TTL 300\nexample.com. A 192.0.2.1\n')
sys.exit(main())
