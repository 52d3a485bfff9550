#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# Limits, both sides of each: past one the report says so and stays right about the rest, in bounded time. check-limits.py TOOL
# DOC. Every limit that doc/limits.txt lists is tried here or named with the unit test that tries it.
import os
import re
import shutil
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'samples'))

from forge import TIME, TOKEN, Mail, Zone, plain_host, public, stamp, stored
from tap import Tap, run, text_faults

TOOL, DOC = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
TAP = Tap()
TMP = tempfile.mkdtemp()
SHOP = 'shop.example'
SECONDS = 20
SEEN = set()    # names of limits that were tried


def made(name, data):
    path = os.path.join(TMP, name)
    with open(path, 'wb') as file:
        file.write(data.encode('utf-8', 'surrogateescape'))
    return path


def dns():
    return Zone().host(SHOP).mail_from('bounce.shop.example').easy_dkim(SHOP)


def usual():
    return Mail(own=SHOP, envelope='bounce.shop.example')


def at(answer, path):
    for key in path.split('.'):
        answer = answer[int(key) if key.isdigit() else key]
    return answer


def tried(limit, name, text, zone=None, warning=None, args=(), more=None, **expect):
    """warning: the code that must be there; None: no warning of a cut may be there. expect: paths with "__" for "."."""
    SEEN.add(limit)
    eml, file = made('m.eml', text), made('z.zone', (zone or dns()).text())
    start = time.monotonic()
    answer = run(TOOL, '--format=json', '--dns=' + file, *args, eml).json()
    faults = ['it took %.0f s' % (time.monotonic() - start)] if time.monotonic() - start > SECONDS else []
    shown = run(TOOL, '--dns=' + file, *args, eml).text()
    faults += text_faults(shown)
    codes = {w['code'] for w in answer['warnings'] if w['code'].endswith('-cut')}
    if codes != ({warning} if warning else set()):
        faults.append('warnings: %s' % sorted(codes))
    for w in answer['warnings']:
        if w['code'] == warning and w['text'][:40] not in re.sub(r'\s+', ' ', shown):
            faults.append('the text does not say it')
    for path, value in expect.items():
        found = at(answer, path.replace('__', '.'))
        if found != value:
            faults.append('%s is %r, not %r' % (path, found, value))
    if more:
        faults += more(answer)
    TAP.point('%s: %s' % (limit, name), faults)


def with_top(lines):
    mail = usual()
    mail.above = lines
    return stored(mail, plain_host(mail))


def with_end(lines):
    mail = usual()
    mail.core += lines
    return stored(mail, plain_host(mail))


def messages():
    hop = 'Received: from a%d.example by b.example; ' + stamp(TIME)
    tried('hops', '200', with_top([hop % i for i in range(199)]), verdict='pass')
    tried('hops', '201', with_top([hop % i for i in range(200)]), warning='hops-cut', verdict='pass', spf__ip='54.240.9.46')
    results = 'Authentication-Results: x%d.example; none'
    tried('results', '200', with_top([results % i for i in range(200)]), verdict='pass')
    tried('results', '201', with_top([results % i for i in range(201)]), warning='results-cut', verdict='pass')
    tried('results of a field', '100', with_top(['Authentication-Results: x.example; ' + '; '.join(['spf=none'] * 100)]), verdict='pass')
    tried('results of a field', '101', with_top(['Authentication-Results: x.example; ' + '; '.join(['spf=none'] * 101)]), warning='long-results-cut', verdict='pass',
          more=lambda a: [] if len(a['recorded'][0]['results']) == 100 else ['%d results' % len(a['recorded'][0]['results'])])
    near = with_end([])
    room = 200000 - near.split('\r\n\r\n')[0].count('\r\n') - 1 + near.split('\r\n\r\n')[0].count('\r\n\t') + near.split('\r\n\r\n')[0].count('\r\n ')
    tried('fields', '200000', with_end(['X-%d: y' % i for i in range(room)]), verdict='pass')
    tried('fields', '200001', with_end(['X-%d: y' % i for i in range(room + 1)]), warning='header-cut', verdict='permerror', dkim__0__reason='beyond-limits')
    tried('length of a field', '1 MiB', with_end(['X: ' + 'y' * (1024 * 1024 - 3)]), verdict='pass')
    tried('length of a field', '1 MiB and 1', with_end(['X: ' + 'y' * (1024 * 1024 - 2)]), warning='header-cut', verdict='permerror', dkim__0__result='neutral')
    tried('length of a field', 'a second From behind the cut', with_end(['X: ' + 'y' * 1100000, 'From: joe@evil.example']), warning='header-cut', verdict='permerror')
    tried('header', '30 MB', with_end(['X: ' + 'y' * 1000] * 30000), warning='header-cut', verdict='permerror')
    mail = usual()
    mail.signatures = mail.signatures[:1] * 18 + mail.signatures
    tried('signatures', '20', stored(mail, plain_host(mail)), verdict='pass', dkim__19__result='pass')
    mail.signatures = mail.signatures[:1] + mail.signatures
    tried('signatures', '21', stored(mail, plain_host(mail)), verdict='pass', dkim__20__reason='too-many', dkim__0__result='pass')
    mail = usual()
    mail.core[0] = 'From: ' + ', '.join(['orders@shop.example'] * 1000)
    tried('addresses', '1000', stored(mail, plain_host(mail)), verdict='pass')
    mail.core[0] += ', joe@evil.example'
    tried('addresses', '1001', stored(mail, plain_host(mail)), verdict='permerror')
    mail = usual()
    mail.body = 'x' * 40000000 + '\r\n'
    tried('body', 'a line of 40 MB', stored(mail, plain_host(mail)), verdict='pass', dkim__0__body_hash='mismatch')


def damage():
    # far below the edge: near it the time may be over first
    for size, found in ((20 * 1024, True), (1024 * 1024 + 200, False)):
        line = 'x' * 70 + '\r\n'
        body = 'until 02:00.\r\n' + line * (size // len(line))
        mail = Mail(own=SHOP, envelope='bounce.shop.example', body=body)
        text = stored(mail, plain_host(mail)).replace('until 02:00.\r\n', 'until 02:00. \r\n')
        tried('damage search', '%d octets' % size, text, verdict='pass', dkim__0__reason='body-changed',
              more=lambda a, found=found: [] if bool(a['dkim'][0]['damage']) == found else ['damage: %r' % a['dkim'][0]['damage']])


def parts():
    inner = '--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: a@b.example\r\nSubject: x\r\n\r\nend\r\n'
    for count, expect in ((50, 50), (51, 50)):
        mail = Mail(own=SHOP, envelope='bounce.shop.example', kind='multipart/mixed; boundary=b', body=inner * count + '--b--\r\n')
        tried('attached messages', str(count), stored(mail, plain_host(mail)), warning='attached-cut' if count > expect else None, verdict='pass',
              more=lambda a, n=expect: [] if len(a['attached']) == n else ['%d attached' % len(a['attached'])])
    def nested(depth):
        body, kind = 'From: a@b.example\r\nSubject: x\r\n\r\nend\r\n', 'message/rfc822'
        for i in range(depth):
            body, kind = '--b%d\r\nContent-Type: %s\r\n\r\n%s\r\n--b%d--\r\n' % (i, kind, body, i), 'multipart/mixed; boundary=b%d' % i
        mail = Mail(own=SHOP, envelope='bounce.shop.example', kind=kind, body=body)
        return stored(mail, plain_host(mail))
    tried('MIME depth', '16', nested(16), verdict='pass', more=lambda a: [] if len(a['attached']) == 1 else ['not found'])
    tried('MIME depth', '17', nested(17), warning='parts-cut', verdict='pass', more=lambda a: [] if not a['attached'] else ['found'])
    tried('MIME depth', '2000', nested(2000), warning='parts-cut', verdict='pass', more=lambda a: [] if not a['attached'] else ['found'])


def answers():
    def chain(length):
        zone = Zone().host(SHOP, None).mail_from('bounce.shop.example').easy_dkim(SHOP)
        names = ['_dmarc.shop.example.'] + ['c%d.chain.example.' % i for i in range(1, length)] + ['end.example.']
        for one, other in zip(names, names[1:]):
            zone.line('%s CNAME %s' % (one, other))
        return zone.line('end.example. TXT "v=DMARC1; p=reject"')
    mail = stored(usual(), plain_host(usual()))
    tried('CNAME chain', '16', mail, chain(16), verdict='pass')
    tried('CNAME chain', '17', mail, chain(17), verdict='temperror')

    def spf(*rows, text):
        zone = Zone().host(SHOP).easy_dkim(SHOP).txt('bounce.shop.example', text)
        for row in rows:
            zone.line(row)
        return zone
    names = ['n%d.shop.example. A 192.0.2.1' % i for i in range(12)]
    for count, result in ((10, 'fail'), (11, 'permerror')):
        tried('SPF lookups', str(count), mail, spf(*names, text='v=spf1 ' + ' '.join('a:n%d.shop.example' % i for i in range(count)) + ' -all'), spf__result=result, verdict='pass')
    for count, result in ((2, 'fail'), (3, 'permerror')):
        tried('SPF void lookups', str(count), mail, spf(text='v=spf1 ' + ' '.join('a:v%d.shop.example' % i for i in range(count)) + ' -all'), spf__result=result, verdict='pass')
    for count, result in ((10, 'fail'), (11, 'permerror')):
        rows = ['bounce.shop.example. MX %d m%d.shop.example.' % (i, i) for i in range(count)] + ['m%d.shop.example. A 192.0.2.1' % i for i in range(count)]
        tried('SPF mx hosts', str(count), mail, spf(*rows, text='v=spf1 mx -all'), spf__result=result, verdict='pass')
    for length, shown in ((4096, True), (4097, False)):
        said = lambda a, shown=shown: [] if (a['spf']['explanation'] is not None) == shown else ['%r' % a['spf']['explanation']]
        tried('SPF explanation', str(length), mail, spf('e.shop.example. TXT ' + ' '.join('"%s"' % ('x' * min(200, length - i)) for i in range(0, length, 200)),
                                                        text='v=spf1 -all exp=e.shop.example'), spf__result='fail', verdict='pass', more=said)
    many = 'v=spf1 ' + 'ip4:192.0.2.1 ' * 4000 + '-all'
    def said(answer, steps, is_cut):
        trace = answer['spf']['trace']
        return [] if len(trace) == steps and (trace[-1]['outcome'] == 'cut') == is_cut else ['%d steps, the last is %r' % (len(trace), trace[-1])]
    few = 'v=spf1 ' + 'ip4:192.0.2.1 ' * 1998 + '-all'
    tried('SPF terms shown', '2000', mail, spf(text=few), spf__result='fail', verdict='pass', more=lambda a: said(a, 2000, False))
    tried('SPF terms shown', '4000', mail, spf(text=many), spf__result='fail', verdict='pass', more=lambda a: said(a, 2001, True))
    rows = ['_dmarc.shop.example. TXT "x%d"' % i for i in range(5000)]
    zone = dns()
    for row in rows:
        zone.line(row)
    tried('records of an answer', '5000', mail, zone, verdict='pass')


def questions():
    """More questions than one message may ask: what is left is a temporary error, said as such."""
    zone = Zone().host(SHOP).easy_dkim(SHOP)
    zone.txt('bounce.shop.example', 'v=spf1 ' + ' '.join('include:i%d.example' % i for i in range(9)) + ' -all')
    for i in range(9):
        zone.txt('i%d.example' % i, 'v=spf1 ' + ' '.join('ip4:192.0.2.%d' % k for k in range(40)) + ' -all')
    mail = usual()
    fields = []
    for i in range(400):
        fields.append('DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/simple; d=d%d.x.example; s=s%d; h=From; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA' % (i, i))
    mail.signatures += fields
    tried('questions', 'of 400 signatures', stored(mail, plain_host(mail)), zone, verdict='pass', dkim__30__reason='too-many',
          more=lambda a: [] if len(a['dns']) <= 300 else ['%d questions' % len(a['dns'])])
    slow = ['_dmarc.shop.example. TXT "v=DMARC1; p=reject"']
    tried('time', 'none is left at once', stored(usual(), plain_host(usual())), dns(), args=['--timeout=0'], verdict='pass')


def status(limit, name, want, *args):
    SEEN.add(limit)
    answer = run(TOOL, *args, cwd=TMP)
    TAP.point('%s: %s' % (limit, name), [] if answer.status == want else ['status %d, not %d: %s' % (answer.status, want, answer.err[:200])])


def files():
    eml, zone = made('m.eml', stored(usual(), plain_host(usual()))), '--dns=' + made('z.zone', dns().text())
    tokens = ['--dkim-token=token%d' % i for i in range(13)]
    status('Easy DKIM tokens', '12', 0, zone, *tokens[:12], eml)
    status('Easy DKIM tokens', '13', 64, zone, *tokens, eml)
    identity = '{"IdentityType": "DOMAIN", "DkimAttributes": {}}'
    status('identity file', '1 MiB', 0, zone, '--ses-identity=' + made('i.json', identity.ljust(1024 * 1024)), eml)
    status('identity file', '1 MiB and 1', 65, zone, '--ses-identity=' + made('i.json', identity.ljust(1024 * 1024 + 1)), eml)
    text = dns().text()
    line = '; ' + 'x' * 1021 + '\n'
    status('zone file', '64 MiB', 0, '--dns=' + made('big.zone', (text + line * 65535)[:64 * 1024 * 1024]), eml)
    status('zone file', '64 MiB and 1', 65, '--dns=' + made('big.zone', (text + line * 65537)[:64 * 1024 * 1024 + 1]), eml)
    for depth in (99, 100):     # and the folder that holds them
        deep = os.path.join(TMP, 'deep%d' % depth, *['d'] * depth)
        os.makedirs(deep)
        shutil.copy(eml, os.path.join(deep, 'm.eml'))
        answer = run(TOOL, 'batch', '--format=ndjson', zone, os.path.join(TMP, 'deep%d' % depth))
        count = answer.out.count(b'"verdict"')
        SEEN.add('folders')
        TAP.point('folders: %d deep' % depth, [] if count == (depth < 100) else ['%d messages, status %d: %s' % (count, answer.status, answer.err[:300])])


def documented():
    """The table names what was tried, and each number in it stands in the sources."""
    with open(DOC, encoding='utf-8') as file:
        rows = [line.rstrip('\n').split('\t') for line in file if line.strip() and not line.startswith('#')]
    names = {row[0] for row in rows}
    here = {row[0] for row in rows if row[3] == 'tests/contract/check-limits.py'}
    TAP.point('doc/limits.txt names what is tried here', ['not tried: %s' % n for n in sorted(here - SEEN)] + ['not named: %s' % n for n in sorted(SEEN - names)])
    root = os.path.dirname(os.path.dirname(DOC))
    faults = []
    for row in rows:
        path, _, word = row[2].partition(':')
        source = open(os.path.join(root, path), encoding='utf-8').read()
        if not re.search(r'\b%s\b' % re.escape(word), source):
            faults.append('%s: %s is not in %s' % (row[0], word, path))
        if row[3] != '-' and not os.path.exists(os.path.join(root, row[3])):
            faults.append('%s: there is no %s' % (row[0], row[3]))
    TAP.point('what doc/limits.txt names is there', faults)


def main():
    for part in (messages, damage, parts, answers, questions, files, documented):
        part()
    shutil.rmtree(TMP)
    return TAP.end()


sys.exit(main())
