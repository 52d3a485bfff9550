#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# filter and batch in their sandbox, seen from outside: it is there while they read, and with DNS that is asked for nothing comes
# out otherwise than with a file. check-sandbox.py TOOL SAMPLES
import os
import re
import socket
import struct
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'samples'))
from tap import Tap, run

TOOL, SAMPLES = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
TAP = Tap()
ZONE, MAIL = os.path.join(SAMPLES, 'healthy.zone'), os.path.join(SAMPLES, 'healthy.eml')
TYPES = {'A': 1, 'CNAME': 5, 'MX': 15, 'TXT': 16}


def wire_name(name):
    return b''.join(bytes([len(label)]) + label.encode() for label in name.rstrip('.').split('.') if label) + b'\0'


def wire_data(kind, text):
    if kind == 'A':
        return socket.inet_aton(text)
    if kind == 'MX':
        return struct.pack('>H', int(text.split()[0])) + wire_name(text.split()[1])
    if kind == 'CNAME':
        return wire_name(text)
    return b''.join(bytes([len(part)]) + part.encode() for part in re.findall(r'"([^"]*)"', text))


def records():
    found = {}
    with open(ZONE) as file:
        for line in file:
            name, kind, text = (line.split(None, 2) + ['', ''])[:3]
            if kind in TYPES:
                found.setdefault(name.rstrip('.').lower(), []).append((kind, wire_data(kind, text.strip())))
    return found


def answers(zone, name, kind):
    """The records of the answer, a CNAME followed."""
    rows = [(name, k, data) for k, data in zone.get(name, []) if TYPES[k] == kind or k == 'CNAME']
    if rows and rows[0][1] == 'CNAME' and kind != TYPES['CNAME']:
        target = b'.'.join(re.findall(rb'[\x01-\x3f]([^\x00-\x1f]+)', rows[0][2])).decode()
        rows += answers(zone, target, kind)
    return rows


def reply(zone, question):
    name, at = [], 12
    while question[at]:
        name.append(question[at + 1:at + 1 + question[at]].decode('latin-1').lower())
        at += 1 + question[at]
    kind, = struct.unpack('>H', question[at + 1:at + 3])
    name = '.'.join(name)
    rows = answers(zone, name, kind)
    exists = rows or any(n == name or n.endswith('.' + name) for n in zone)
    head = question[:2] + (b'\x81\x80' if exists else b'\x81\x83') + struct.pack('>HHHH', 1, len(rows), 0, 0)
    body = b''.join(wire_name(n) + struct.pack('>HHIH', TYPES[k], 1, 300, len(data)) + data for n, k, data in rows)
    return head + question[12:at + 5] + body


def serve(server):
    zone = records()
    while True:
        try:
            question, peer = server.recvfrom(4096)
        except OSError:
            return
        server.sendto(reply(zone, question), peer)


def status_of(pid, key):
    with open('/proc/%d/status' % pid) as file:
        found = re.search(r'^%s:\s*(\d+)' % key, file.read(), re.M)
    return int(found[1]) if found else None


def wait_for(condition):
    end = time.monotonic() + 30
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return condition()


def in_force():
    """While filter waits for its message."""
    with subprocess.Popen([TOOL, 'filter', '--dns=' + ZONE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as filtering:
        has = wait_for(lambda: status_of(filtering.pid, 'Seccomp') == 2)
        with open(MAIL, 'rb') as file:
            out, err = filtering.communicate(file.read())
    TAP.point('filter reads its message in the sandbox', [] if has and filtering.returncode == 0 and out else [filtering.returncode, err])


def with_live_dns():
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(('127.0.0.1', 0))
    threading.Thread(target=serve, args=(server,), daemon=True).start()
    port = '--dns-server=127.0.0.1@%d' % server.getsockname()[1]
    with open(MAIL, 'rb') as file:
        mail = file.read()
    live, file = run(TOOL, 'filter', port, stdin=mail), run(TOOL, 'filter', '--dns=' + ZONE, stdin=mail)
    TAP.point('filter asks DNS from its sandbox', [] if live.status == 0 and live.out == file.out and b'verdict=pass' in live.out else [live.err, live.out[:600]])
    live, file = run(TOOL, 'batch', '--format=csv', port, MAIL), run(TOOL, 'batch', '--format=csv', '--dns=' + ZONE, MAIL)
    TAP.point('batch too', [] if live.status == 0 and live.out == file.out else [live.err, live.out[:600]])
    server.close()


def main():
    linked = subprocess.run(['ldd', TOOL], capture_output=True, text=True).stdout
    if 'libseccomp' in linked:
        in_force()
    else:
        TAP.skip('filter reads its message in the sandbox', 'this build has none')
    with_live_dns()
    return TAP.end()


sys.exit(main())
