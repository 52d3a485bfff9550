#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# The recipes in samples/ under the real mail programs: whatever happens to the filter, each message is delivered once, and is what
# the same program delivers without a filter, or that with the two fields. check-filter-agents.py TOOL SAMPLES.
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'samples'))
from filter_agents import AGENTS, write
from filter_kit import small_disk, without_added
from tap import Tap

TOOL, SAMPLES = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
TAP = Tap()
TMP = tempfile.mkdtemp()
BIN = os.path.join(TMP, 'bin')
DISK = os.path.join(TMP, 'disk')
ID = 'filter.example.net'
PLAIN = b'From: a@shop.example\nTo: b@shop.example\nSubject: plain\n\nThe body.\nFrom here on more.\n'
REAL = '"%s/tool" "$@" --write-id=%s ' % (TMP, ID)
ZONE = '--dns="%s/zone"' % TMP

# what stands in place of the command: (what happens, script, does the message come back with results)
TROUBLES = (
    ('all is well', REAL + ZONE, True),
    ('no name server answers', REAL + '--dns-server=127.0.0.1@9 --timeout=0.5', True),
    ('the command ends at once', 'exit 75', False),
    ('a wrong option', REAL + '--no-such-option', False),
    ('a zone file that is not there', REAL + '--dns=/nonexistent', False),
    ('the id is believed', REAL + ZONE + ' --authserv-id=' + ID, False),
    ('killed at once', 'kill -9 $$', False),
    ('killed when all is read', 'cat > /dev/null; kill -9 $$', False),
    ('killed when half is written', REAL + ZONE + ' | head -c 200; kill -9 $$', False),
    ('killed when all is written', REAL + ZONE + '; kill -9 $$', False),
    ('ended by SIGTERM', REAL + ZONE + ' | head -c 200; kill -15 $$', False),
    ('half is written, with an error', REAL + ZONE + ' | head -c 200; exit 74', False),
    ('the output is closed', REAL + ZONE + ' >&-', False),
    ('the output is a full disk', REAL + ZONE + ' > /dev/full', False),
    ('there is no folder for temporary files', 'export TMPDIR=/nonexistent; ' + REAL + ZONE, None),
    ('nothing is installed', None, False),
)


def messages():
    def sample(name):
        with open(os.path.join(SAMPLES, name + '.eml'), 'rb') as file:
            return file.read()
    yield 'plain', PLAIN
    yield 'a message from SES', sample('ses-as-it-is').replace(b'\r\n', b'\n')
    yield 'CRLF', sample('healthy').replace(b'\r\n', b'\n').replace(b'\n', b'\r\n')
    yield '8-bit', PLAIN + bytes(range(128, 256)) + b'\n'
    yield '2 MiB', PLAIN + b'0123456789abcde\n' * 131072
    yield 'forged fields', b'X-Dmarctrace: verdict=pass\nAuthentication-Results: %s; dmarc=pass\n' % ID.encode() + PLAIN
    yield 'the header alone', b'From: a@shop.example\nSubject: x\n\n'


MESSAGES = list(messages())


def install(script):
    path = os.path.join(BIN, 'dmarctrace')
    if script is None:
        if os.path.exists(path):
            os.unlink(path)
        return
    write(path, '#!/bin/sh\n' + script + '\n', 0o755)


def one_faults(agent, name, message, plain, has_results):
    status = agent.deliver(message)
    got = agent.delivered()
    if len(got) != 1:
        return ['%s: delivered %d times, status %d' % (name, len(got), status)]
    octets = got[0][1]
    if octets == plain:
        return ['%s: no results' % name] if has_results else []
    if has_results is False:
        return ['%s: altered: %r' % (name, octets[:300])]
    taken = without_added(octets, ID.encode())
    if name == 'forged fields':
        plain = plain.replace(b'X-Dmarctrace: verdict=pass\n', b'').replace(b'Authentication-Results: %s; dmarc=pass\n' % ID.encode(), b'')
    return [] if taken == plain else ['%s: altered: %r' % (name, octets[:600])]


def troubles(kind):
    agent = kind(os.path.join(TMP, kind.name), BIN, SAMPLES)
    reference = kind(os.path.join(TMP, kind.name + '-plain'), BIN, SAMPLES)
    reference.plain()
    plain = {}
    for name, message in MESSAGES:
        reference.deliver(message)
        plain[name] = reference.delivered()[0][1]
    for what, script, has_results in TROUBLES:
        install(script)
        faults = []
        for name, message in MESSAGES:
            faults += one_faults(agent, name, message, plain[name], has_results)
        TAP.point('%s: %s' % (kind.name, what), faults[:5])
    full_disk(kind, agent, plain)
    folders(kind, agent)
    killed(kind, agent, plain['2 MiB'])


def full_disk(kind, agent, plain):
    with small_disk(TMP, 1) as disk:
        if not disk:
            TAP.skip('%s: the disk for temporary files is full' % kind.name, 'cannot mount')
            return
        with open(os.path.join(disk, 'filler'), 'wb') as file:
            try:
                file.write(b'x' * 2000000)
            except OSError:
                pass
        install('export TMPDIR=%s; ' % disk + REAL + ZONE)
        faults = []
        for name, message in MESSAGES:
            faults += one_faults(agent, name, message, plain[name], name != '2 MiB')
        TAP.point('%s: the disk for temporary files is full' % kind.name, faults)


def folders(kind, agent):
    """What the recipes do with the results."""
    install(REAL + ZONE)
    agent.deliver(dict(MESSAGES)['a message from SES'])
    paths = [path for path, _ in agent.delivered()]
    TAP.point('%s: a fail goes into its folder' % kind.name, [] if len(paths) == 1 and 'dmarc-fail' in paths[0] else paths)
    install('exit 75')
    agent.deliver(b'X-Dmarctrace: verdict=fail\n' + PLAIN)
    paths = [path for path, _ in agent.delivered()]
    TAP.point('%s: a forged field without the filter does not' % kind.name, [] if len(paths) == 1 and 'dmarc-fail' not in paths[0] else paths)


def killed(kind, agent, plain):
    """The filter itself killed at some moment, by its number."""
    install('echo $$ > %s/pid; chmod 666 %s/pid; exec %s' % (TMP, TMP, REAL + ZONE))
    faults = []
    for n in range(12):
        path = os.path.join(TMP, 'pid')
        write(path, '', 0o666)
        child = agent.start()
        child.stdin.write(dict(MESSAGES)['2 MiB'])
        child.stdin.close()
        for _ in range(2000):
            with open(path) as file:
                number = file.read().strip()
            if number or child.poll() is not None:
                break
            time.sleep(0.001)
        time.sleep(n * 0.004)
        try:
            if number:
                os.kill(int(number), signal.SIGKILL)
        except ProcessLookupError:
            pass
        child.wait(60)
        got = agent.delivered()
        if len(got) != 1 or plain not in (got[0][1], without_added(got[0][1], ID.encode())):
            faults.append('kill %d: delivered %d times, or altered' % (n, len(got)))
    TAP.point('%s: killed at 12 moments' % kind.name, faults)


def main():
    os.chmod(TMP, 0o755)
    os.makedirs(BIN)
    shutil.copy(TOOL, os.path.join(TMP, 'tool'))
    shutil.copy(os.path.join(SAMPLES, 'ses-as-it-is.zone'), os.path.join(TMP, 'zone'))
    for kind in AGENTS:
        why = kind.missing()
        if why:
            TAP.skip(kind.name, why)
        else:
            troubles(kind)
    shutil.rmtree(TMP)
    return TAP.end()


sys.exit(main())
