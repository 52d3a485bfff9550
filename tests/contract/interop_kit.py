# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# The independent implementations of check-interop.py as signers and verifiers: dkimpy as a library, the opendkim daemon through its
# milter socket, mailauth through node. Keys are those of tests/samples/keys and an Ed25519 seed; the clock of dkimpy stands still.
import base64
import json
import logging
import os
import re
import shutil
import socket
import struct
import subprocess
import tempfile
import time

try:
    import dkim
except ImportError:
    dkim = None

KEYS = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'samples', 'keys')
TIME = 1795600000                               # 2026-11-25 09:46:40 UTC
SEED = bytes(range(32))
ED25519_PUBLIC = 'A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg='
DOMAINS = ('shop.example', 'sub.shop.example', 'list.example')
WORK = tempfile.TemporaryDirectory()
logging.getLogger('dkimpy').disabled = True
if dkim:
    dkim.time = type('Stopped', (), {'time': staticmethod(lambda: TIME)})


def output(*command, stdin=b''):
    return subprocess.run(command, input=stdin, capture_output=True, check=True).stdout


# ---- keys ------------------------------------------------------------------------------------------------------------------


def pem_path(name):
    return os.path.join(KEYS, name + '.pem')


def pem(name):
    if name == 'ed':
        return output('openssl', 'pkey', '-inform', 'DER', stdin=bytes.fromhex('302e020100300506032b657004220420') + SEED)
    with open(pem_path(name), 'rb') as file:
        return file.read()


def record(name):
    if name == 'ed':
        return 'v=DKIM1; k=ed25519; p=' + ED25519_PUBLIC
    return 'v=DKIM1; k=rsa; p=' + base64.b64encode(output('openssl', 'pkey', '-in', pem_path(name), '-pubout', '-outform', 'DER')).decode()


class Keys:
    """Every key at every domain; its name is the selector."""

    def __init__(self, names):
        self.records = {'%s._domainkey.%s' % (name, domain): record(name) for name in names for domain in DOMAINS}
        self.zone = os.path.join(WORK.name, 'keys.zone')
        with open(self.zone, 'w') as file:
            for name, text in self.records.items():
                file.write('%s. 300 TXT %s\n' % (name, ' '.join('"%s"' % text[i:i + 200] for i in range(0, len(text), 200))))

    def lookup(self, name, timeout=5):
        return self.records.get(name.decode('latin-1').rstrip('.').lower(), '').encode() or None


# ---- dkimpy ----------------------------------------------------------------------------------------------------------------


def sign_dkimpy(message, names, selector='own', domain='shop.example', canon='relaxed/relaxed', identity=None, length=False):
    algorithm = b'ed25519-sha256' if selector == 'ed' else b'rsa-sha256'
    key = base64.b64encode(SEED) if selector == 'ed' else pem(selector)
    signer = dkim.DKIM(message, signature_algorithm=algorithm)
    return signer.sign(selector.encode(), domain.encode(), key, identity=identity, canonicalize=tuple(canon.encode().split(b'/')),
                       include_headers=[n.encode() for n in names], length=length) + message


def seal_dkimpy(message, instance, cv, selector='medium'):
    host = 'mx%d.list.example' % instance
    results = '%s; %sspf=pass smtp.mailfrom=shop.example; dmarc=pass' % (host, 'arc=%s; ' % cv if instance > 1 else '')
    message = b'Authentication-Results: ' + results.encode() + b'\r\n' + message
    return b''.join(dkim.ARC(message).sign(selector.encode(), b'list.example', pem(selector), host.encode(), timestamp=TIME)) + message


def verify_dkimpy(message, keys):
    """For each signature True, False, or None where dkimpy does not read the message at all."""
    try:
        count = sum(name.lower() == b'dkim-signature' for name, value in dkim.DKIM(message).headers)
    except dkim.MessageFormatError:
        return None
    verdicts = []
    for index in range(count):
        try:
            verdicts.append(bool(dkim.DKIM(message).verify(idx=index, dnsfunc=keys.lookup)))
        except Exception:       # it raises whatever its parsers raise
            verdicts.append(False)
    return verdicts


def verify_arc_dkimpy(message, keys):
    try:
        return dkim.ARC(message).verify(dnsfunc=keys.lookup)[0] == b'pass'
    except Exception:
        return False


# ---- opendkim --------------------------------------------------------------------------------------------------------------


def opendkim_path():
    return shutil.which('opendkim', path=os.environ.get('PATH', '') + ':/usr/sbin')


class Milter:
    """One message to a milter, as an MTA hands it over (protocol version 6)."""
    LEADING_SPACE = 0x100000
    SKIPPED = {b'C': 0x1, b'H': 0x2, b'M': 0x4, b'R': 0x8, b'B': 0x10, b'L': 0x20, b'N': 0x40}
    SILENT = {b'L': 0x80, b'C': 0x1000, b'H': 0x2000, b'M': 0x4000, b'R': 0x8000, b'N': 0x40000, b'B': 0x80000}

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect(path)
        self.send(b'O', struct.pack('>III', 6, 0x1ff, 0x1fffff))
        self.steps = struct.unpack('>III', self.reply()[1][:12])[2]

    def send(self, command, data=b''):
        self.socket.sendall(struct.pack('>I', len(data) + 1) + command + data)

    def receive(self, count):
        data = b''
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                raise EOFError('the milter hung up')
            data += part
        return data

    def reply(self):
        data = self.receive(struct.unpack('>I', self.receive(4))[0])
        return data[:1], data[1:]

    def step(self, command, data=b''):
        if self.steps & self.SKIPPED[command]:
            return
        self.send(command, data)
        if not self.steps & self.SILENT[command] and self.reply()[0] != b'c':
            raise RuntimeError('the milter stops at %r' % command)

    def added(self, message):
        """The fields that it puts in."""
        header, body = message.split(b'\r\n\r\n', 1)
        has_space = bool(self.steps & self.LEADING_SPACE)
        self.send(b'D', b'Cj\0mta.example\0')
        self.step(b'C', b'localhost\x004' + struct.pack('>H', 25) + b'127.0.0.1\0')
        self.step(b'H', b'localhost\0')
        self.send(b'D', b'Mi\x004XyZ12\0')
        self.step(b'M', b'<bounce@shop.example>\0')
        self.step(b'R', b'<sam@mailbox.example>\0')
        for field in re.split(br'\r\n(?![ \t])', header):
            name, value = field.replace(b'\r\n', b'\n').split(b':', 1)
            self.step(b'L', name + b'\0' + (value if has_space or value[:1] != b' ' else value[1:]) + b'\0')
        self.step(b'N')
        for start in range(0, len(body), 60000):
            self.step(b'B', body[start:start + 60000])
        self.send(b'E')
        fields = []
        while True:
            command, data = self.reply()
            if command in b'acrtdy':
                self.socket.close()
                return fields
            if command in b'ih':
                name, value = data[4 if command == b'i' else 0:].rstrip(b'\0').split(b'\0', 1)
                fields.append(name + b':' + (b'' if has_space and value[:1] == b' ' else b' ') + value.replace(b'\n', b'\r\n') + b'\r\n')


class Opendkim:
    """The daemon, signing; it ends with the block."""

    def __init__(self, canon, selector='own', **more):
        self.folder = tempfile.TemporaryDirectory(dir=WORK.name)
        self.path = os.path.join(self.folder.name, 'socket')
        settings = dict(Mode='s', Socket='local:' + self.path, Syslog='no', RequireSafeKeys='no', Background='no', InternalHosts='127.0.0.1',
                        UMask='000', Canonicalization=canon, Domain='shop.example', Selector=selector,
                        KeyFile=os.path.abspath(pem_path(selector)), SignatureAlgorithm='rsa-sha256', SignHeaders='From,To,Subject,Date,Message-ID,X-Repeat,X-Long,X-Empty,X-Blank', OversignHeaders='From,Subject,X-None', **more)
        self.settings = os.path.join(self.folder.name, 'conf')
        with open(self.settings, 'w') as file:
            file.write(''.join('%s %s\n' % pair for pair in settings.items()))

    def __enter__(self):
        self.process = subprocess.Popen([opendkim_path(), '-f', '-x', self.settings], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        until = time.monotonic() + 30
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(self.process.stderr.read().decode('utf-8', 'replace') if self.process.poll() is not None else 'no socket')
            time.sleep(0.01)
        return self

    def answers(self):
        """The path is there before anybody listens."""
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(self.path) == 0

    def __exit__(self, *what):
        self.process.kill()
        self.process.communicate()

    def sign(self, message):
        return b''.join(Milter(self.path).added(message)) + message


# ---- mailauth --------------------------------------------------------------------------------------------------------------

# jobs: JSON lines {in, out, kind, options}
SIGNER = '''
const fs = require('fs');
const { sealMessage } = require('mailauth');
const { dkimSign } = require('mailauth/lib/dkim/sign');
(async () => {
    for (const line of fs.readFileSync(0, 'utf8').split('\\n').filter(Boolean)) {
        const job = JSON.parse(line);
        const message = fs.readFileSync(job.in);
        const head = job.kind === 'dkim' ? Buffer.from((await dkimSign(message, job.options)).signatures, 'binary') : await sealMessage(message, job.options);
        fs.writeFileSync(job.out, Buffer.concat([head, message]));
    }
})();
'''
VERIFIER = '''
const fs = require('fs');
const { authenticate } = require('mailauth');
const keys = JSON.parse(fs.readFileSync(process.argv[1]));
const resolver = async (name, type) => {
    if (type === 'TXT' && keys[name.toLowerCase()])
        return [[keys[name.toLowerCase()]]];
    throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
};
(async () => {
    for (const file of fs.readFileSync(0, 'utf8').split('\\n').filter(Boolean)) {
        const { dkim, arc } = await authenticate(fs.readFileSync(file), { ip: '192.0.2.1', helo: 'a.example', sender: 'a@b.example', mta: 'c.example', resolver, disableBimi: true });
        const dkimPass = (dkim.results || []).filter((one) => one.status.result === 'pass').length;
        console.log(JSON.stringify({ file, dkim: dkimPass, arc: arc && arc.status.result === 'pass' }));
    }
})();
'''


def has_mailauth():
    return bool(shutil.which('node')) and subprocess.run(['node', '-e', "require('mailauth')"], capture_output=True).returncode == 0


def sign_mailauth(jobs):
    """jobs: (message, kind, options) each; the signed messages."""
    lines, outs = [], []
    for number, (message, kind, options) in enumerate(jobs):
        paths = [os.path.join(WORK.name, 'mailauth-%s-%d' % (what, number)) for what in ('in', 'out')]
        with open(paths[0], 'wb') as file:
            file.write(message)
        lines.append(json.dumps({'in': paths[0], 'out': paths[1], 'kind': kind, 'options': options}))
        outs.append(paths[1])
    output('node', '-e', SIGNER, stdin='\n'.join(lines).encode())
    signed = []
    for path in outs:
        with open(path, 'rb') as file:
            signed.append(file.read())
    return signed


def stamp(seconds):
    return time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(seconds))


def dkim_options(names, selector='own', canon='relaxed/relaxed', **more):
    signature = dict(signingDomain='shop.example', selector=selector, privateKey=pem(selector).decode(), **more)
    return {'canonicalization': canon, 'signTime': stamp(TIME), 'expires': stamp(TIME + 604800), 'headerList': ':'.join(names), 'signatureData': [signature]}


def seal_options(instance, cv, selector='other'):
    results = 'ma%d.list.example;\r\n spf=pass smtp.mailfrom=shop.example;\r\n dmarc=pass' % instance
    return {'i': instance, 'cv': cv, 'signingDomain': 'list.example', 'selector': selector, 'privateKey': pem(selector).decode(), 'algorithm': 'rsa-sha256',
            'signTime': stamp(TIME), 'authResults': results}


def verify_mailauth(paths, keys):
    """For each path: how many signatures pass, and whether the ARC chain does."""
    table = os.path.join(WORK.name, 'keys.json')
    with open(table, 'w') as file:
        json.dump(keys.records, file)
    lines = output('node', '-e', VERIFIER, table, stdin='\n'.join(paths).encode()).decode('utf-8').split('\n')
    return {row['file']: row for row in map(json.loads, filter(None, lines))}
