#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# Output safety: every octet and every class of Unicode pushed through every place of a message, of DNS, of options and file names,
# then through every report. check-output.py TOOL. Text must be fit for a terminal, JSON must parse, a field must be one field, a
# zone must parse again, commands must be what they are and nothing else, a page must hold no markup but its own.
import csv
import html.parser
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unicodedata

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'samples'))
from forge import TOKEN, Mail, Zone, gmail, plain_host, stored
from tap import BIDI, LONG, Tap, run

TOOL = os.path.abspath(sys.argv[1])
TAP = Tap()
TMP = tempfile.mkdtemp()
FORMATS = ['text', 'json', 'ndjson', 'html', 'authres']


GROUPS = {'Ll': 'letters', 'Lu': 'letters', 'Lt': 'letters', 'Lm': 'letters', 'Lo': 'letters', 'Mc': 'marks', 'Me': 'marks', 'Mn': 'marks', 'Nd': 'numbers', 'Nl': 'numbers', 'No': 'numbers',
          'Cn': 'unassigned and private', 'Co': 'unassigned and private', 'Cc': 'C1 controls', 'Cf': 'format characters', 'Zs': 'separators', 'Zl': 'separators', 'Zp': 'separators'}


def classes():
    """A few characters of each general category, all of those that are known to do harm."""
    found = {}
    for code in range(0x80, 0x110000):
        kind = unicodedata.category(chr(code))
        row = found.setdefault(kind, [])
        if kind != 'Cs' and (len(row) < 6 or kind in ('Cf', 'Zl', 'Zp', 'Cc') or (code % 997 == 0 and len(row) < 12)):
            row.append(chr(code))
    texts = {}
    for kind, row in sorted(found.items()):
        name = GROUPS.get(kind, 'punctuation and symbols')
        texts[name] = texts.get(name, '') + ''.join(row)[:120]
    return texts


BYTES = {'octets %02x-%02x' % (i, i + 31): bytes(range(i, i + 32)) for i in range(0, 256, 32)}
TEXTS = {'Unicode ' + kind: text.encode() for kind, text in sorted(classes().items())}
TEXTS.update({
    'invalid UTF-8': b'\xc0\xaf \xed\xa0\x80 \xf4\x90\x80\x80 \xf8\x88\x80\x80\x80 \xe2\x82 \xff',
    'terminal control': b'\x1b[2J\x1b]0;title\x07\x1b]8;;http://evil.example\x1b\\here\x1b]8;;\x1b\\\x9b31m\x08\x7f',
    'bidi': '\u202emoc.live\u202c \u2066a\u2069 \u200f\u061c'.encode(),
    'markup': b'<script>alert(1)</script><img src=x onerror=alert(1)>"><svg/onload=x>&amp;&lt;\'"<!-- --><![CDATA[x]]></style></script>',
    'shell': b"'; touch /tmp/owned; echo ' $(id) `id` \\ \" ${IFS} !! \n# && || > < * ? ~ -- -x",
    'formulas': b'=cmd|"/c calc"!A1 +1+1 -1 @SUM(1)',
    'header': b'x\r\nBcc: joe@evil.example\r\n\r\nbody \rX: y; spf=pass (c) "q" \\ a=b',
    'zone': b'x" "y \\" ; $INCLUDE /etc/passwd ( ) @ \\032 *',
    'JSON': b'"}],"verdict":"pass",{"a":[\\u0000 \\ \x08',
    'long': b'x' * 5000,
    'long words': ('\u4e2d' * 3000).encode(),
    'combining': ('e' + '\u0301' * 2000).encode(),
})
INPUTS = dict(BYTES, **TEXTS)


def made(name, data):
    path = os.path.join(TMP.encode(), name if isinstance(name, bytes) else name.encode())
    with open(path, 'wb') as file:
        file.write(data if isinstance(data, bytes) else data.encode('utf-8', 'surrogateescape'))
    return path


def call(*args, **more):
    done = run(TOOL, *args, cwd=TMP, **more)
    return done


# ---- what each format promises ----------------------------------------------------------------------------------------------------


def utf8(octets, what):
    try:
        return octets.decode('utf-8'), []
    except UnicodeDecodeError as error:
        return octets.decode('utf-8', 'replace'), ['%s is no UTF-8: %s' % (what, error)]


def columns(line):
    return sum(0 if unicodedata.category(c) in ('Mn', 'Me') else 2 if unicodedata.east_asian_width(c) in 'WF' else 1 for c in line)


def hidden(text):
    return sorted({c for c in text if (unicodedata.category(c) in ('Cf', 'Cc', 'Zl', 'Zp', 'Cs', 'Co') and c != '\n') or c in BIDI})


def check_text(octets):
    text, faults = utf8(octets, 'the text')
    faults += ['U+%04X in the text' % ord(c) for c in hidden(text)]
    lines = text.split('\n')[1:]     # the first holds the file's name
    return faults + ['%d columns: %s' % (columns(line), line) for line in lines if columns(line) > 80 and not LONG.match(line)]


def check_colored(octets):
    return check_text(re.sub(rb'\x1b\[[0-9;]*m', b'', octets))


def check_error(octets):
    """What is said on standard error: whole lines, nothing that moves a terminal."""
    text, faults = utf8(octets, 'standard error')
    faults += ['U+%04X on standard error' % ord(c) for c in hidden(text)]
    return faults + ['standard error: %r' % line[:80] for line in text.split('\n')[:-1] if not line.startswith(('dmarctrace: ', '  '))]


def no_twice(pairs):
    keys = [key for key, value in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError('a key twice: %s' % keys)
    return dict(pairs)


def check_json(octets):
    text, faults = utf8(octets, 'the JSON')
    at, decoder = 0, json.JSONDecoder(object_pairs_hook=no_twice)
    try:
        while at < len(text):
            value, at = decoder.raw_decode(text, at)
            at += len(text[at:]) - len(text[at:].lstrip('\n'))
    except ValueError as error:
        faults.append('JSON: %s' % error)
    return faults


def check_csv(octets):
    """RFC 4180, as many cells in each row as columns, and none that a spreadsheet takes for a formula."""
    text, faults = utf8(octets, 'the CSV')
    try:
        head, *rows = csv.reader(io.StringIO(text, newline=''), strict=True)
    except (csv.Error, ValueError) as error:
        return faults + ['CSV: %s' % error]
    faults += ['%d cells for %d columns' % (len(row), len(head)) for row in rows if len(row) != len(head)]
    cells = [cell for row in rows for cell in row]
    faults += ['a formula: %r' % cell[:40] for cell in cells if cell[:1] in tuple('=+-@\t\r\n')]
    return faults + ['U+%04X in a cell' % ord(c) for cell in cells for c in hidden(cell)]


def check_lines(octets):
    """Text whose lines are as long as names are."""
    text, faults = utf8(octets, 'the text')
    return faults + ['U+%04X in the text' % ord(c) for c in hidden(text)]


VALUE = r'(?:[^\s;()"\\=,<>:\[\]?\x00-\x20\x7f]+(?:@[^\s;()"\\=,<>:\[\]?]+)?|[^\s;()"\\,<>\x00-\x20\x7f]+|"(?:[^"\\\x00-\x1f\x7f]|\\[^\x00-\x1f\x7f])*")'
FIELD = re.compile(r'Authentication-Results: %s(?:;\s+[a-z-]+=[a-z]+(?: reason="[a-z0-9-]+")?(?: [a-z-]+\.[a-z0-9_.-]+=%s)*)*' % (VALUE, VALUE))


def check_field(octets):
    text, faults = utf8(octets, 'the field')
    faults += ['U+%04X in the field' % ord(c) for c in sorted(set(text)) if unicodedata.category(c) in ('Cc', 'Zl', 'Zp') and c not in '\n\t']
    lines = text.split('\n')
    if lines[-1] != '' or not all(line.startswith('\t') and line.strip() for line in lines[1:-1]):
        faults.append('not one field: %r' % text)
    if not FIELD.fullmatch(re.sub(r'\n\t', ' ', text[:-1])):
        faults.append('not a field of results: %r' % text)
    return faults


class Page(html.parser.HTMLParser):
    """The tags and attributes of a page, its text."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.texts = set(), set(), []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, value in attrs}
        self.texts += [value or '' for name, value in attrs]

    def handle_comment(self, data):
        self.tags.add('comment')

    def handle_data(self, data):
        self.texts.append(data)


PLAIN_PAGE = {}


def check_html(octets):
    text, faults = utf8(octets, 'the page')
    page = Page(text)
    if not PLAIN_PAGE:
        PLAIN_PAGE.update(tags=page.tags, attributes=page.attributes)
    extra = (page.tags | page.attributes) & {'script', 'img', 'iframe', 'object', 'comment', 'a:href', 'onerror', 'onload', 'onclick', 'srcdoc'}
    faults += ['the page holds %s' % extra] if extra - PLAIN_PAGE['tags'] - PLAIN_PAGE['attributes'] else []
    shown = ''.join(page.texts)
    faults += ['U+%04X in the page' % ord(c) for c in sorted(set(shown)) if (unicodedata.category(c) == 'Cc' and c not in '\n\t') or c in '\u202a\u202b\u202d\u202e\u2066\u2067\u2068']
    return faults


STUBS = 'PATH=/nonexistent\naws() { printf "%s\\0" aws "$@"; }\ndig() { printf "%s\\0" dig "$@"; }\ndmarctrace() { printf "%s\\0" dmarctrace "$@"; }\n'


def check_commands(octets):
    text, faults = utf8(octets, 'the script')
    faults += ['U+%04X in the script' % ord(c) for c in hidden(text)]
    if subprocess.run(['bash', '-n'], input=octets, capture_output=True).returncode:
        return faults + ['bash -n refuses it']
    done = subprocess.run(['bash', '--norc', '--noprofile', '-u'], input=STUBS.encode() + octets, capture_output=True, cwd=TMP)
    if done.stderr or done.returncode:
        faults.append('it does more than it says: %r' % done.stderr[:300])
    words = done.stdout.split(b'\0')[:-1]
    expect = [line for line in text.split('\n') if line.startswith(('aws ', 'dig ', 'dmarctrace '))]
    if sum(w in (b'aws', b'dig', b'dmarctrace') for w in words) < len(expect):
        faults.append('%d commands, %r' % (len(expect), words))
    return faults


def check_zone(octets, dns, message):
    """What fix writes is what --assume reads."""
    text, faults = utf8(octets, 'the zone')
    faults += ['U+%04X in the zone' % ord(c) for c in hidden(text)]
    path = made('again.zone', octets)
    again = call('-q', dns, '--assume=' + path.decode(), message)
    return faults + (['not read back: %r' % again.err] if again.status >= 64 else [])


def check_foreign(octets, foreign):
    """A set that is replaced as a whole keeps what stood beside: the text, escaped in octal."""
    for change in json.loads(octets)['Changes'] if foreign and b'\0' not in foreign else []:
        record = change['ResourceRecordSet']
        if record['Name'] != 'bounce.shop.example.' or record['Type'] != 'TXT':
            continue
        texts = [b''.join(re.sub(rb'\\([0-7]{3}|.)', lambda m: bytes([int(m.group(1), 8)]) if len(m.group(1)) == 3 else m.group(1), s)
                          for s in re.findall(rb'"((?:[^"\\]|\\.)*)"', value['Value'].encode())) for value in record['ResourceRecords']]
        return [] if foreign in texts else ['%r is lost: %r' % (foreign, texts)]
    return ['no set of bounce.shop.example'] if foreign and b'\0' not in foreign else []


CHECKS = {'text': check_text, 'color': check_colored, 'json': check_json, 'ndjson': check_json, 'html': check_html, 'authres': check_field}


# ---- the places --------------------------------------------------------------------------------------------------------------------


def in_header(octets):
    """As it can stand inside a field: NUL and line ends are tried by their own places."""
    return octets.replace(b'\r', b' ').replace(b'\n', b' ').decode('utf-8', 'surrogateescape')


def encoded(octets):
    return ' '.join('=?utf-8?Q?%s?=' % ''.join('=%02X' % b for b in octets[i:i + 20]) for i in range(0, min(len(octets), 600), 20))


def message(octets):
    """Every field of the message with the text in it."""
    raw, words = in_header(octets), encoded(octets)
    mail = Mail('%s <orders@shop.example>' % words, own='shop.example', envelope='bounce.shop.example', subject=raw + ' ' + words, fields=[
        'Reply-To: ' + raw, 'X-' + 'Odd: ' + raw, 'List-Id: ' + raw + ' <x.shop.example>', 'Sender: ' + raw])
    results = 'dkim=fail (%s) header.i=@shop.example header.s="%s"; spf=softfail (%s) smtp.mailfrom=%s; dmarc=fail (%s) header.from=shop.example' % ((raw.replace(';', ',').replace('(', '').replace(')', '').replace('"', ''),) * 5)
    top = gmail(mail, results, helo=raw.replace('(', '')[:200] or 'x')
    mail.core = [f.replace('Message-ID: <', 'Message-ID: <' + raw) if f.startswith('Message-ID') else f for f in mail.core]
    mail.signatures.append('DKIM-Signature: v=1; a=%s; c=%s; d=%s; s=%s; i=%s; h=From:%s; t=%s; bh=%s; b=%s' % ((raw.replace(';', ','),) * 9))
    return stored(mail, top)


def authors(octets):
    """The author's address made of the text."""
    raw = in_header(octets)
    mail = Mail('"%s" <%s@%s>' % (raw.replace('"', '').replace('\\', ''), raw, raw), envelope='bounce.shop.example')
    return stored(mail, plain_host(mail, envelope=raw + '@' + raw, helo=raw[:100] or 'x', by=raw[:60] or 'x'))


def escaped(octets, count=255):
    return '"%s"' % ''.join('\\%03d' % b for b in octets[:count])


def label(octets):
    return ''.join('\\%03d' % b for b in (octets or b'x')[:40])


def zones(octets):
    """Every record of the sender with the text in it."""
    zone = Zone().host('shop.example', None).easy_dkim('shop.example')
    rows = ['_dmarc.shop.example. TXT "v=DMARC1; p=nonsense; rua=mailto:" %s "; x=" %s' % (escaped(octets), escaped(octets)),
            'bounce.shop.example. TXT "v=spf1 include:%s.example " %s " include:other.example -all"' % ('x', escaped(octets)),
            'bounce.shop.example. TXT ' + escaped(octets), 'bounce.shop.example. MX 10 %s.example.' % label(octets),
            'shop.example. TXT ' + escaped(octets), 'shop.example. TXT "v=spf1 ip4:192.0.2.1 -all"',
            '%s._domainkey.shop.example. TXT "v=DKIM1; n=" %s "; p=AAAA"' % ('news', escaped(octets)),
            '9.46.240.54.in-addr.arpa. PTR %s.example.' % label(octets), '_domainkey.shop.example. CNAME %s.example.' % label(octets)]
    for row in rows:
        zone.line(row)
    return zone.text()


def names(octets):
    """The sender's names lead to names with the text in them."""
    zone = Zone()
    odd = label(octets) + '.example.'
    for row in ('shop.example. A 192.0.2.1', '_dmarc.shop.example. CNAME ' + odd, odd + ' TXT "v=DMARC1; p=nonsense"', '%s._domainkey.shop.example. CNAME ' % TOKEN + odd,
                'bounce.shop.example. MX 10 ' + odd, 'bounce.shop.example. MX 20 x.' + odd, 'bounce.shop.example. TXT "v=spf1 a:%s -all"' % ''.join(chr(b) for b in octets[:100] if 33 <= b < 127 and b not in b'"\\')):
        zone.line(row)
    return zone.text()


IDENTITY = {'IdentityType': 'DOMAIN', 'VerifiedForSendingStatus': True, 'DkimAttributes': {'SigningEnabled': True, 'Status': 'X', 'Tokens': ['X', TOKEN], 'SigningAttributesOrigin': 'X', 'SigningHostedZone': 'X'},
            'MailFromAttributes': {'MailFromDomain': 'X', 'MailFromDomainStatus': 'X', 'BehaviorOnMxFailure': 'X'}}


def identity(octets):
    return json.dumps(IDENTITY).replace('"X"', json.dumps(octets.decode('utf-8', 'replace')))


# ---- all of it ---------------------------------------------------------------------------------------------------------------------


RUNS = [(form, ['--format=' + form], CHECKS[form]) for form in FORMATS] + [('text -v', ['-v'], check_text), ('color', ['--color=always'], check_colored),
                                                                              ('csv', ['batch', '--format=csv'], check_csv), ('batch', ['batch'], check_lines)]


def all_formats(what, args, eml):
    faults = []
    for form, options, check in RUNS:
        answer = call(*options, *args, eml)
        if answer.status == 64 and form == 'html':
            continue    # a build without it
        faults += ['%s: %s' % (form, f) for f in check_error(answer.err)]
        if answer.out or answer.status < 64:
            faults += ['%s: %s' % (form, f) for f in check(answer.out)]
    TAP.point(what, faults)


def fixes(what, args, eml, foreign=None):
    dns = args[0]
    faults = []
    zone = call('fix', '--format=zone', *args, eml)
    if zone.status == 65 and len(args) > 1:
        return TAP.point(what, check_error(zone.err))   # an identity that is refused
    faults += ['zone: %s' % f for f in check_zone(zone.out, dns, eml)] if zone.status <= 2 else ['status %d' % zone.status]
    route = call('fix', '--format=route53', *args, eml)
    faults += ['route53: %s' % f for f in check_json(route.out) + check_foreign(route.out, foreign)]
    aws = call('fix', '--format=aws', *args, eml)
    faults += ['aws: %s' % f for f in check_commands(aws.out)]
    TAP.point(what, faults)


def others(what, dns, octets):
    """domain, spf, dmarc, and what options say."""
    faults = []
    raw = octets.replace(b'\0', b'').replace(b'\n', b' ')
    for command in (['domain', dns, '--ses-mail-from=bounce.shop.example', 'shop.example'], ['domain', dns, raw or b'x'],
                    ['spf', dns, '--ip=192.0.2.1', b'--mail-from=' + raw + b'@shop.example', b'--helo=' + raw], ['dmarc', dns, '--from=shop.example', b'--spf=pass:' + raw],
                    ['causes', raw or b'x'], [b'--' + (raw or b'x')], [b'--dns=' + raw, 'x'], [b'--authserv-id=' + raw, dns, 'healthy.eml']):
        for form in ('text', 'json'):
            answer = call(*command, *([] if command[0] == 'causes' else ['--format=' + form]))
            faults += ['%r: %s' % (command[:1], f) for f in (check_json if form == 'json' and command[0] != 'causes' else check_text)(answer.out) + check_error(answer.err)]
    TAP.point(what, faults)


def main():
    healthy = Mail(own='shop.example', envelope='bounce.shop.example')
    made('healthy.eml', stored(healthy, plain_host(healthy)))
    unsigned = Mail(envelope='bounce.shop.example')
    made('unsigned.eml', stored(unsigned, plain_host(unsigned)))
    plain = '--dns=' + made('plain.zone', Zone().host('shop.example').mail_from('bounce.shop.example').easy_dkim('shop.example').text()).decode()
    all_formats('a message with nothing odd in it', [plain], 'healthy.eml')
    for name, octets in INPUTS.items():
        all_formats('fields: ' + name, [plain], made('fields.eml', message(octets)).decode())
        all_formats('addresses: ' + name, [plain], made('authors.eml', authors(octets)).decode())
        dns = '--dns=' + made('odd.zone', zones(octets)).decode()
        all_formats('DNS: ' + name, [dns], 'healthy.eml')
        fixes('fix, DNS: ' + name, [dns], 'healthy.eml')
        beside = Zone().host('shop.example').line('bounce.shop.example. TXT ' + escaped(octets)).mail_from('bounce.shop.example', spf='v=spf1 ip4:192.0.2.1 -all').text()
        fixes('fix, beside: ' + name, ['--dns=' + made('beside.zone', beside).decode(), '--plan=2'], 'unsigned.eml', octets[:255])
        dns = '--dns=' + made('names.zone', names(octets)).decode()
        fixes('fix, names: ' + name, [dns], 'healthy.eml')
        fixes('fix, identity: ' + name, [dns, '--ses-identity=' + made('identity.json', identity(octets)).decode()], 'healthy.eml')
        file = octets.replace(b'/', b'').replace(b'\0', b'')[:200]
        shutil.copy(os.path.join(TMP, 'healthy.eml'), os.path.join(TMP.encode(), b'f' + file))
        all_formats('a file name: ' + name, [plain], b'f' + file)
        all_formats('a file that is not there: ' + name, [plain], b'g' + file) if name in BYTES else None
        others('options: ' + name, plain, octets)
    shutil.rmtree(TMP)
    return TAP.end()


sys.exit(main())
