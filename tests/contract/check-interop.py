#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# What independent implementations sign verifies here, and what is changed afterwards does not: dkimpy as a library, messages of
# signed/ that opendkim and mailauth made (and those programs themselves where they are installed). Usage: check-interop.py TOOL
# SIGNED, or check-interop.py --write SIGNED to make these messages anew. Prints TAP.
import json
import os
import random
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, '..', 'samples')]
SYSTEM = '/usr/bin/python3'     # has the packages of Debian, whichever Python comes first
try:
    import dkim  # noqa: F401
except ImportError:
    if os.path.exists(SYSTEM) and not os.environ.get('INTEROP_AGAIN'):
        os.execve(SYSTEM, [SYSTEM] + sys.argv, dict(os.environ, INTEROP_AGAIN='1'))

import interop_kit as kit
from tap import Tap, run

TAP = Tap()
CANONS = ['simple/simple', 'simple/relaxed', 'relaxed/simple', 'relaxed/relaxed']
FIELDS = [b'Received: from a.example (a.example [192.0.2.1]) by b.example; Wed, 25 Nov 2026 05:00:00 +0000',
          b'Received: from c.example (c.example [192.0.2.3])\r\n\tby a.example;\r\n Wed, 25 Nov 2026 04:59:00 +0000',
          b'From: "Orders,  of the  shop"   <orders@shop.example>', b'To: sam@mailbox.example,\r\n\tother@mailbox.example',
          b'Subject:  A \t long   subject\r\n that is folded \t and has \t\r\n\t tabs  ', b'Date: Wed, 25 Nov 2026 04:58:58 +0000',
          b'Message-ID: <1@shop.example>', b'MIME-Version: 1.0', b'Content-Type: text/plain; charset=UTF-8', b'X-Repeat: one', b'X-Repeat: two',
          b'X-Repeat: three', b'X-Long: ' + b'word ' * 30 + b'\r\n ' + b'y' * 300, b'x-empty:', b'X-Blank:  \t ']
BODIES = {'plain': b'Hello,\r\n\r\nthis is  a \t body.  \r\nwith trailing blanks\t\r\n', 'empty': b'', 'line': b'\r\n', 'blanks': b'  \r\n\t\r\n',
          'trailing': b'text\r\n\r\n\r\n\r\n', 'eight-bit': b'Gr\xc3\xbc\xc3\x9fe\r\nGr\xfc\xdfe \xe4\xf6\r\n', 'dots': b'From the start\r\n>From here\r\n.\r\n..\r\n',
          'long': b'x' * 3000 + b'\r\n' + b'ab cd ' * 500 + b'\r\n'}
FEW = ('plain', 'empty', 'trailing', 'eight-bit')
# Twice From and Subject where there is one of each: none may be added. X-Repeat twice of three: the lower two are signed.
SIGNED = ['from', 'from', 'to', 'subject', 'subject', 'date', 'message-id', 'x-repeat', 'x-repeat', 'x-none', 'x-long', 'x-empty', 'x-blank']


def message(body='plain'):
    return b'\r\n'.join(FIELDS) + b'\r\n\r\n' + BODIES[body]


# ---- what dmarctrace says --------------------------------------------------------------------------------------------------


class Reports:
    """One run of batch over all messages of a claim."""

    def __init__(self, at='@%d' % kit.TIME):
        self.at, self.paths = kit.stamp(kit.TIME) if at.startswith('@') else at, []

    def add(self, octets):
        path = os.path.join(kit.WORK.name, 'm%05d.eml' % len(self.paths))
        with open(path, 'wb') as file:
            file.write(octets)
        self.paths.append(path)

    def read(self):
        answer = run(TOOL, 'batch', '--format=ndjson', '--dns=' + KEYS.zone, '--at=' + self.at, '--files-from=-', stdin='\n'.join(self.paths).encode())
        lines = answer.out.decode('utf-8').split('\n')
        found = {row['file']: row for row in map(json.loads, filter(None, lines))}
        return [found[path] for path in self.paths]


def outcomes(messages, at='@'):
    """For each message 'result reason' of every signature, one string."""
    reports = Reports(at)
    for one in messages:
        reports.add(one)
    return [', '.join('%s %s' % (s['result'], s['reason']) for s in row.get('dkim', [])) for row in reports.read()]


def chains(messages):
    reports = Reports()
    for one in messages:
        reports.add(one)
    return [row['arc']['result'] for row in reports.read()]


def claim(name, rows, at='@'):
    """rows: (what, message, expected outcome)."""
    rows = list(rows)
    have = outcomes([row[1] for row in rows], at)
    faults = ['%s: %s, not %s' % (what, got, want) for (what, octets, want), got in zip(rows, have) if got != want]
    TAP.point(name, faults if rows else ['no message'])


def all_pass(name, messages, at='@'):
    claim(name, [(what, octets, ', '.join(['pass ok'] * len(re.findall(br'(?mi)^DKIM-Signature:', octets.split(b'\r\n\r\n')[0])))) for what, octets in messages], at)


# ---- DKIM ------------------------------------------------------------------------------------------------------------------


def changed(octets, old, new):
    """One place behind the signatures changed."""
    start = octets.index(b'Received: from a.example')
    assert octets.count(old, start) >= 1, old
    return octets[:start] + octets[start:].replace(old, new, 1)


HEADER, BODY, BOTH, OK = 'fail header-changed', 'fail body-changed', 'fail body-and-header-changed', 'pass ok'


def changes(octets):
    """The same message with each change after signing, and what that must give."""
    yield 'untouched', octets, OK
    yield 'one octet of the body', changed(octets, b'Hello', b'Hallo'), BODY
    yield 'one octet of From', changed(octets, b'orders@', b'orders0@'), HEADER
    yield 'one octet of a long field', changed(octets, b'yyy', b'yzy'), HEADER
    yield 'body and header', changed(changed(octets, b'Hello', b'Hallo'), b'orders@', b'order@'), BOTH
    yield 'a field that is not signed', changed(octets, b'from c.example', b'from d.example'), OK
    yield 'a second From', b'From: eve@example.net\r\n' + octets, HEADER
    yield 'a second Subject', b'Subject: new\r\n' + octets, HEADER
    yield 'a field that was vouched absent', b'X-None: here\r\n' + octets, HEADER
    yield 'a line behind the body', octets + b'added\r\n', BODY
    yield 'an empty line behind the body', octets + b'\r\n', OK
    yield 'h= of the signature', octets.replace(b'message-id', b'message-ie', 1).replace(b'Message-ID:', b'Message-IE:', 1), HEADER


def dkimpy_claims():
    for canon in CANONS:
        all_pass('dkimpy %s: every body verifies' % canon, [(body, kit.sign_dkimpy(message(body), SIGNED, canon=canon)) for body in BODIES])
    all_pass('dkimpy: every kind of key verifies', [(key, kit.sign_dkimpy(message(), SIGNED, key)) for key in ('medium', 'own', 'large', 'ed')])
    one = kit.sign_dkimpy(message(), SIGNED)
    claim('dkimpy: each change is told', changes(one))
    ed = kit.sign_dkimpy(message(), SIGNED, 'ed')
    claim('dkimpy, Ed25519: each change is told', changes(ed))
    claim('dkimpy: the lower ones of repeated fields are signed', [('uppermost', changed(one, b'X-Repeat: one', b'X-Repeat: 1'), OK),
          ('second', changed(one, b'X-Repeat: two', b'X-Repeat: 2'), HEADER), ('lowest', changed(one, b'X-Repeat: three', b'X-Repeat: 3'), HEADER)])
    relaxed, simple = kit.sign_dkimpy(message(), SIGNED), kit.sign_dkimpy(message(), SIGNED, canon='simple/simple')
    blanks = (b'Subject:  A \t long', b'Subject: A long'), (b'body.  \r\n', b'body.\r\n'), (b'X-Blank:  \t ', b'X-Blank:')
    claim('dkimpy: blanks count in simple, not in relaxed', [('relaxed', changed(relaxed, *b), OK) for b in blanks] +
          [('simple', changed(simple, *b), BODY if b'body' in b[0] else HEADER) for b in blanks])
    short = kit.sign_dkimpy(message(), SIGNED, length=True)
    claim('dkimpy: l= leaves what follows unsigned', [('whole', short, OK), ('more behind it', short + b'added\r\n', OK), ('less', short[:-20], BODY),
          ('inside', changed(short, b'Hello', b'Hallo') + b'added\r\n', BODY)])
    claim('dkimpy: i= is within d=', [('a subdomain', kit.sign_dkimpy(message(), SIGNED, identity=b'user@sub.shop.example'), OK),
          ('another', kit.sign_dkimpy(message(), SIGNED, identity=b'user@shop.example').replace(b'i=user@shop.example', b'i=user@list.example'), 'permerror identity-mismatch')])
    two = kit.sign_dkimpy(kit.sign_dkimpy(message(), SIGNED, canon='simple/simple'), SIGNED, 'ed', 'list.example')
    claim('dkimpy: two signatures are judged apart', [('both', two, OK + ', ' + OK), ('blanks changed', changed(two, b'body.  \r\n', b'body.\r\n'), OK + ', ' + BODY),
          ('body changed', changed(two, b'Hello', b'Hallo'), BODY + ', ' + BODY), ('another key', two.replace(b's=ed', b's=own'), 'permerror key-type-mismatch, ' + OK)])


def stored(folder, start):
    found = []
    for name in sorted(os.listdir(folder)):
        if name.startswith(start) and name.endswith('.eml'):
            with open(os.path.join(folder, name), 'rb') as file:
                found.append((name, file.read()))
    return found


def stored_claims(folder):
    for program in ('opendkim', 'mailauth'):
        messages = stored(folder, program + '-dkim')
        all_pass('%s: what it signed verifies' % program, messages)
        plain = [octets for name, octets in messages if 'plain' in name]
        claim('%s: a changed octet is told' % program, [row for octets in plain for row in list(changes(octets))[:6]])
        if program == 'opendkim':
            claim('opendkim: oversigned fields cannot be added', [row for octets in plain for row in list(changes(octets))[6:9]])
    limited = [octets for name, octets in stored(folder, 'mailauth-dkim') if '-l.' in name]
    claim('mailauth: l= leaves what follows unsigned', [('more', octets + b'added\r\n', OK) for octets in limited] + [('changed', changed(octets, b'Hello', b'Hallo'), BODY) for octets in limited])
    dated = [octets for name, octets in messages if b' x=' in octets]
    claim('mailauth: x= ends it', [('later', octets, 'permerror expired') for octets in dated], at=kit.stamp(kit.TIME + 604801))
    claim('mailauth: x= is its last second', [('then', octets, OK) for octets in dated], at=kit.stamp(kit.TIME + 604800))
    claim('mailauth: t= in the future', [('earlier', octets, 'permerror future') for octets in dated], at=kit.stamp(kit.TIME - 301))


# ---- ARC -------------------------------------------------------------------------------------------------------------------


def field_changed(octets, field, instance, old, new):
    """old becomes new in the ARC field of an instance."""
    pattern = re.compile(br'^%s: i=%d;.*?\r\n(?![ \t])' % (field, instance), re.M | re.S)
    found = pattern.search(octets)
    text = re.sub(old, new, found.group(0), count=1)
    assert text != found.group(0), (field, instance)
    return octets[:found.start()] + text + octets[found.end():]


def other_octet(match):
    return match.group(1) + (b'B' if match.group(2) == b'A' else b'A')


B_VALUE = br'(\sb=.{20})(.)'


def arc_changes(octets, sets):
    yield 'untouched', octets, 'pass'
    yield 'body', changed(octets, b'Hello', b'Hallo'), 'fail'
    yield 'a signed field', changed(octets, b'orders@', b'orders0@'), 'fail'
    yield 'a field that is not signed', changed(octets, b'from c.example', b'from d.example'), 'pass'
    for instance in range(1, sets + 1):
        yield 'results %d' % instance, field_changed(octets, b'ARC-Authentication-Results', instance, b'spf=pass', b'spf=fail'), 'fail'
        yield 'b= of signature %d' % instance, field_changed(octets, b'ARC-Message-Signature', instance, B_VALUE, other_octet), 'fail'
        yield 'b= of seal %d' % instance, field_changed(octets, b'ARC-Seal', instance, B_VALUE, other_octet), 'fail'
        yield 'cv= of seal %d' % instance, field_changed(octets, b'ARC-Seal', instance, br'cv=\w+', b'cv=pass' if instance == 1 else b'cv=none'), 'fail'


def arc_claim(name, rows):
    rows = list(rows)
    have = chains([row[1] for row in rows])
    TAP.point(name, ['%s: %s, not %s' % (what, got, want) for (what, octets, want), got in zip(rows, have) if got != want] + ([] if rows else ['no message']))


def dkimpy_chain(sets, last=None):
    octets = kit.sign_dkimpy(message(), SIGNED)
    for instance in range(1, sets + 1):
        cv = 'none' if instance == 1 else 'pass'
        octets = kit.seal_dkimpy(octets, instance, last if last and instance == sets else cv)
    return octets


def arc_claims(folder):
    for sets in (1, 2, 3):
        arc_claim('dkimpy: a chain of %d holds until something is changed' % sets, arc_changes(dkimpy_chain(sets), sets))
    arc_claim('dkimpy: cv=fail ends the chain, no set is none', [('fail', dkimpy_chain(2, 'fail'), 'fail'), ('none', message(), 'none')])
    listed = dkimpy_chain(1).replace(b'Subject:  A', b'Subject: [list] A') + b'-- \r\nthe list\r\n'
    arc_claim('dkimpy: a list may change what it seals again', [('changed', listed, 'fail'), ('sealed again', kit.seal_dkimpy(listed, 2, 'pass'), 'pass')])


def stored_chains(folder):
    for name, octets in stored(folder, 'mailauth-arc'):
        arc_claim('%s holds until something is changed' % name, arc_changes(octets, len(re.findall(br'(?m)^ARC-Seal:', octets))))
    arc_claim('mailauth: cv=fail ends the chain', [(name, octets, 'fail') for name, octets in stored(folder, 'mailauth-failed')])


# ---- mutations -------------------------------------------------------------------------------------------------------------


def mutated(chance, octets):
    """A message as something on the way might have left it: one or two small changes anywhere."""
    for _ in range(chance.choice([1, 1, 2])):
        at = chance.randrange(len(octets))
        kind = chance.randrange(6)
        header, body = octets.split(b'\r\n\r\n', 1)
        fields = re.split(br'\r\n(?![ \t])', header)
        field = chance.randrange(len(fields))
        if kind == 0:
            octets = octets[:at] + bytes([chance.choice([chance.randrange(33, 127), 32, 9, chance.randrange(128, 256)])]) + octets[at + 1:]
        elif kind == 1:
            octets = octets[:at] + octets[at + 1:]
        elif kind == 2:
            octets = octets[:at] + chance.choice([b' ', b'\t', b'x', b'\r\n ', b'\r\n']) + octets[at:]
        else:
            if kind == 3:
                del fields[field]
            elif kind == 4:
                fields.insert(chance.randrange(len(fields)), fields[field])
            else:
                fields[field] = chance.choice([fields[field] + b' ', fields[field].replace(b' ', b'\r\n '), re.sub(br'\r\n[ \t]+', b' ', fields[field]), fields[field].replace(b': ', b':')])
            octets = b'\r\n'.join(fields) + b'\r\n\r\n' + body
        if octets.count(b'\r\n\r\n') == 0:
            octets += b'\r\n\r\n'
    return octets


def is_beyond_dkimpy(octets):
    """Where dkimpy departs from RFC 6376: it always takes one From more than h= names, skips a field "From :" and wants b= padded; and
    what is no message as SMTP carries them."""
    header, _, body = octets.partition(b'\r\n\r\n')
    froms = re.findall(br'(?mi)^From[ \t]*:', header)
    b = re.search(br'[;\s]b\s*=([^;]*?)\r\n(?![ \t])', header + b'\r\n')
    return (len(froms) != 1 or b' ' in froms[0] or not body.endswith(b'\r\n') or re.search(br'\r(?!\n)|(?<!\r)\n', octets) is not None or
            (b is not None and len(re.sub(br'\s', b'', b.group(1))) % 4 != 0))


def mutations():
    chance = random.Random(6376)
    sources = [kit.sign_dkimpy(message(body), SIGNED, canon=canon) for canon in CANONS for body in ('plain', 'trailing', 'eight-bit')]
    sources += [kit.sign_dkimpy(message(), SIGNED, 'ed', canon=canon) for canon in CANONS]
    messages = [m for m in (mutated(chance, chance.choice(sources)) for _ in range(600)) if not is_beyond_dkimpy(m)]
    verdicts = [(octets, kit.verify_dkimpy(octets, KEYS)) for octets in messages]
    known = [(octets, verdict) for octets, verdict in verdicts if verdict is not None]
    reports = Reports()
    for octets, _ in known:
        reports.add(octets)
    faults, count = [], [0, 0]
    for (octets, theirs), row in zip(known, reports.read()):
        ours = [one['result'] == 'pass' for one in row['dkim']]
        if ours != theirs:
            faults.append('ours %s, dkimpy %s: %r' % ([one['reason'] for one in row['dkim']], theirs, octets[:700]))
        count[bool(ours) and all(ours)] += 1
    TAP.point('dkimpy and dmarctrace agree on %d mutations' % len(known), faults + ([] if min(count) > 50 else ['only %s' % count]))


# ---- the programs themselves -----------------------------------------------------------------------------------------------


def by_opendkim(bodies):
    for canon in CANONS:
        with kit.Opendkim(canon, SignatureTTL='604800') as daemon:
            for body in bodies:
                yield 'opendkim-dkim-%s-%s.eml' % (canon.replace('/', '-'), body), daemon.sign(message(body))
    with kit.Opendkim('relaxed/simple', 'medium') as daemon:
        yield 'opendkim-dkim-1024-plain.eml', daemon.sign(message())


def by_mailauth(bodies):
    jobs = [('mailauth-dkim-%s-%s.eml' % (canon.replace('/', '-'), body), (message(body), 'dkim', kit.dkim_options(SIGNED, canon=canon))) for canon in CANONS for body in bodies]
    jobs += [('mailauth-dkim-%s-plain.eml' % key, (message(), 'dkim', kit.dkim_options(SIGNED, key))) for key in ('medium', 'ed')]
    jobs += [('mailauth-dkim-l.eml', (message(), 'dkim', kit.dkim_options(SIGNED, maxBodyLength=30)))]
    yield from zip([name for name, job in jobs], kit.sign_mailauth([job for name, job in jobs]))


def chains_with_mailauth():
    """m sealed by mailauth, d by dkimpy."""
    for order in ('m', 'mm', 'md', 'dm', 'mmm', 'dmd', 'mdm'):
        octets = message()
        for instance, who in enumerate(order, 1):
            cv = 'none' if instance == 1 else 'pass'
            octets = kit.seal_dkimpy(octets, instance, cv) if who == 'd' else kit.sign_mailauth([(octets, 'arc', kit.seal_options(instance, cv))])[0]
        yield 'mailauth-arc-%s.eml' % order, octets
    first = kit.sign_mailauth([(message(), 'arc', kit.seal_options(1, 'none'))])[0]
    yield 'mailauth-failed.eml', kit.sign_mailauth([(first, 'arc', kit.seal_options(2, 'fail'))])[0]


def live_opendkim():
    name = 'opendkim as a daemon: what it signs now verifies'
    if not kit.opendkim_path():
        return TAP.skip(name, 'opendkim is not installed')
    return all_pass(name, by_opendkim(BODIES), at='now')


def live_mailauth():
    signs, reads = 'mailauth as a program: what it signs now verifies', 'mailauth verifies as dmarctrace does'
    if not kit.has_mailauth():
        TAP.skip(signs, 'mailauth is not installed')
        return TAP.skip(reads, 'mailauth is not installed')
    all_pass(signs, by_mailauth(BODIES))
    reports = Reports()
    for octets in [row[1] for row in changes(kit.sign_dkimpy(message(), SIGNED))] + [row[1] for row in arc_changes(dkimpy_chain(2), 2)]:
        reports.add(octets)
    theirs = kit.verify_mailauth(reports.paths, KEYS)
    faults = ['%s: %s, %s' % (row['file'], row['arc'], theirs[row['file']]) for row in reports.read()
              if sum(s['result'] == 'pass' for s in row['dkim']) != theirs[row['file']]['dkim'] or (row['arc']['result'] == 'pass') != bool(theirs[row['file']]['arc'])]
    return TAP.point(reads, faults)


def write(folder):
    for name, octets in [*by_opendkim(FEW), *by_mailauth(FEW), *chains_with_mailauth()]:
        with open(os.path.join(folder, name), 'wb') as file:
            file.write(octets)


def main():
    folder = sys.argv[2]
    if sys.argv[1] == '--write':
        return write(folder)
    stored_claims(folder)
    stored_chains(folder)
    if kit.dkim:
        dkimpy_claims()
        arc_claims(folder)
        mutations()
    else:
        TAP.skip('what dkimpy signs', 'python3-dkim is not installed')
    live_opendkim()
    if kit.dkim:
        live_mailauth()
    return TAP.end()


KEYS = kit.Keys(('own', 'medium', 'other', 'large', 'ed'))
TOOL = os.path.abspath(sys.argv[1])
sys.exit(main())
