# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# The workshop behind check-spoofs.py and check-signatures.py: messages as octets, so that nothing is out of an attacker's reach, signed
# by RSA in Python with keys of any shape, and the command run once over many of them.
import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'samples'))
from forge import TIME, key, stamp
from tap import run, text_faults

SHA256 = bytes.fromhex('3031300d060960864801650304020105000420')
SHA1 = bytes.fromhex('3021300906052b0e03021a05000414')
WORK = tempfile.TemporaryDirectory()

# ---- keys ------------------------------------------------------------------------------------------------------------------


def der(tag, *parts):
    data = b''.join(parts)
    size = bytes([len(data)]) if len(data) < 128 else (lambda n: bytes([128 + len(n)]) + n)(len(data).to_bytes((len(data).bit_length() + 7) // 8, 'big'))
    return bytes([tag]) + size + data


def integer(value):
    return der(2, value.to_bytes(value.bit_length() // 8 + 1, 'big'))


def key_info(n, e):
    """SubjectPublicKeyInfo of an RSA key."""
    return der(0x30, bytes.fromhex('300d06092a864886f70d0101010500'), der(3, b'\0', der(0x30, integer(n), integer(e))))


def prime(bits, chance):
    while True:
        p = chance.getrandbits(bits) | 3 << bits - 2 | 1
        if all(pow(base, p - 1, p) == 1 for base in (2, 3, 5, 7, 11)):
            return p


class Key:
    """An RSA key of the primes p and q."""

    def __init__(self, p, q, e=65537, d=None):
        self.p, self.q, self.n, self.e = p, q, p * q, e
        self.d = pow(e, -1, (p - 1) * (q - 1)) if d is None else d
        self.size = (self.n.bit_length() + 7) // 8

    @classmethod
    def read(cls, name):
        text = subprocess.run(['openssl', 'pkey', '-in', key(name), '-text', '-noout'], capture_output=True, check=True).stdout.decode()
        return cls(*(int(re.sub(r'[\s:]', '', m[1]), 16) for m in re.finditer(r'prime[12]:((?:\s+(?:[0-9a-f]{2}:?)+)+)', text)))

    @classmethod
    def made(cls, bits, e, chance):
        """A key of just so many bits, always the same for one state of chance."""
        while True:
            try:
                made = cls(prime(bits - bits // 2, chance), prime(bits // 2, chance), e)
            except ValueError:      # e has a factor of p - 1 or q - 1
                continue
            if made.n.bit_length() == bits:
                return made

    @property
    def record(self):
        return base64.b64encode(key_info(self.n, self.e)).decode()

    def sign(self, data, info=SHA256):
        value = info + (hashlib.sha256 if info == SHA256 else hashlib.sha1)(data).digest()
        padded = b'\0\1' + b'\xff' * (self.size - 3 - len(value)) + b'\0' + value
        return self.power(int.from_bytes(padded, 'big')).to_bytes(self.size, 'big')

    def power(self, value):
        """value ** d, by way of the primes."""
        a, b = (pow(value % one, self.d % (one - 1), one) for one in (self.p, self.q))
        return b + self.q * ((a - b) * pow(self.q, -1, self.p) % self.p)


# ---- signatures ------------------------------------------------------------------------------------------------------------


def relaxed_field(field):
    name, value = field.split(b':', 1)
    return name.strip(b' \t').lower() + b':' + re.sub(rb'[ \t]+', b' ', value.replace(b'\r\n', b'')).strip(b' ') + b'\r\n'


def relaxed_body(body):
    lines = [re.sub(rb'[ \t]+', b' ', line).rstrip(b' ') for line in body.split(b'\r\n')]
    text = re.sub(rb'(\r\n)*$', b'', b'\r\n'.join(lines))
    return text + b'\r\n' if text else b''


def simple_body(body):
    return re.sub(rb'(\r\n)*$', b'', body) + b'\r\n'


def split_fields(header):
    return [f for f in re.split(rb'\r\n(?![ \t])', header) if f]


def covered(fields, names):
    """The fields that h= takes, the lowest of a name first."""
    left = {}
    for field in fields:
        left.setdefault(field.split(b':')[0].strip(b' \t').lower(), []).append(field)
    return [left[n.lower()].pop() for n in names if left.get(n.lower())]


TAGS = b'v=1; a=%(a)s; c=%(c)s; d=%(d)s; s=%(s)s; t=%(t)d; h=%(h)s; bh=%(bh)s; b='


def signature(header, body, by, d=b'shop.example', s=b'own', h=b'From:To:Subject:Date', tags=TAGS, tail=b'', name=b'DKIM-Signature', a=b'rsa-sha256',
              c=b'relaxed/relaxed', t=TIME, length=None, bh=None, show=None):
    """One signature field by the key by. tags: the form, b= where the signature goes; tail: what stands behind it; show: what is done
    to the base64 of b=."""
    how = (c.split(b'/') + [b'simple'])[:2]
    octets = (relaxed_body if how[1] == b'relaxed' else simple_body)(body)
    digest = (hashlib.sha1 if a == b'rsa-sha1' else hashlib.sha256)(octets if length is None else octets[:length]).digest()
    values = {b'a': a, b'c': c, b'd': d, b's': s, b't': t, b'h': h, b'bh': bh if bh is not None else base64.b64encode(digest), b'l': length}
    head = name + b': ' + tags % values
    canon = relaxed_field if how[0] == b'relaxed' else lambda f: f + b'\r\n'
    data = b''.join(canon(f) for f in covered(split_fields(header), [n.strip() for n in h.split(b':')])) + canon(head + tail)[:-2]
    b = base64.b64encode(by.sign(data, SHA1 if a == b'rsa-sha1' else SHA256))
    return head + (show(b) if show else b) + tail + b'\r\n'


# ---- messages --------------------------------------------------------------------------------------------------------------

MX = b'mx.mailbox.example'
EVIL_IP = '203.0.113.66'
BODY = b'Dear guest,\r\n\r\nwe are looking forward to your stay.\r\n'


def received(ip=EVIL_IP, helo=b'mail.evil.example', envelope=b'x@evil.example'):
    """What the receiver puts on top; the envelope sender None: nothing of it."""
    path = b'' if envelope is None else b'Return-Path: <%s>\r\n' % envelope
    return path + b'Received: from %s (%s [%s])\r\n\tby %s (Postfix) with ESMTPS id 4XyZ12;\r\n\t%s\r\n' % (helo, helo, ip.encode(), MX, stamp(TIME + 2).encode())


def header(sender=b'Orders <orders@shop.example>', more=b'', subject=b'Your booking'):
    """The author's part. sender: a From value, or whole lines."""
    lines = sender if sender.endswith(b'\r\n') or not sender else b'From: %s\r\n' % sender
    return lines + b'To: sam@mailbox.example\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <1@evil.example>\r\n%s' % (subject, stamp(TIME).encode(), more)


# ---- running ---------------------------------------------------------------------------------------------------------------


def put(name, data):
    path = os.path.join(WORK.name, name)
    with open(path, 'wb') as file:
        file.write(data if isinstance(data, bytes) else data.encode())
    return path


def words_of(text):
    """The methods and results of an Authentication-Results field, as another reader finds them."""
    value = text.replace('\r', '').replace('\n\t', ' ').split(':', 1)[1]
    value = re.sub(r'"(\\.|[^"\\])*"', 'quoted', value)
    while re.search(r'\([^()]*\)', value):
        value = re.sub(r'\([^()]*\)', ' ', value)
    return [tuple(part.split()[0].split('=', 1)) for part in value.split(';')[1:] if '=' in part]


def form_faults(row, text, results):
    """The text and the results field must say what the JSON says."""
    faults = text_faults(text)
    if not text.split('\n')[0].split(': ', 1)[-1].startswith('dmarc=' + row['verdict']):
        faults.append('the text says %r' % text.split('\n')[0])
    expect = [('spf', row['spf']['result'])] if row['spf']['result'] else []
    expect += [('dkim', one['result']) for one in row['dkim']] or [('dkim', 'none')]
    if words_of(results) != expect + [('dmarc', row['verdict'])]:
        faults.append('the results field says %s' % words_of(results))
    return faults


def parts_of(text, mark):
    at = [m.start() for m in re.finditer(mark, text, re.M)]
    return [text[start:end] for start, end in zip(at, at[1:] + [len(text)])]


def explain_all(tool, zone, messages, *args):
    """messages: octets each. For each its JSON and the faults of its other reports; three runs for all of them."""
    paths = [put('%05d.eml' % i, message) for i, message in enumerate(messages)]
    common = ['--dns=' + zone] + list(args)
    rows = [json.loads(line) for line in run(tool, '--format=ndjson', *common, *paths).text().split('\n') if line]
    texts = parts_of(run(tool, *common, *paths).text(), r'^%s/\d{5}\.eml: ' % re.escape(WORK.name))
    results = parts_of(run(tool, '--format=authres', '--write-id=mine.example', *common, *paths).text(), '^Authentication-Results: mine.example')
    assert len(rows) == len(texts) == len(results) == len(paths), '%d, %d, %d reports of %d messages' % (len(rows), len(texts), len(results), len(paths))
    return [(row, form_faults(row, *other)) for row, *other in zip(rows, texts, results)]


def codes(row):
    return [one['code'] for one in row['warnings'] + row['causes']]


def zone_lines(name, kind, text):
    """A TXT record of any octets as a master file has it."""
    octets = text if isinstance(text, bytes) else text.encode()
    quoted = [''.join(chr(c) if 32 <= c < 127 and c not in b'"\\' else '\\%03d' % c for c in octets[i:i + 200]) for i in range(0, max(len(octets), 1), 200)]
    return '%s. 300 %s %s\n' % (name, kind, ' '.join('"%s"' % part for part in quoted))
