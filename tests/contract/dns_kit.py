# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# A name server for tests, on the loopback interface.
import re
import socket
import struct
import threading


def wire(name):
    return b''.join(bytes([len(label)]) + label.encode() for label in name.split('.') if label) + b'\0'


def rdata(kind, text):
    if kind == 'TXT':
        return b''.join(bytes([len(part)]) + part.encode() for part in re.findall(r'"([^"]*)"', text))
    if kind == 'MX':
        return struct.pack('>H', int(text.split()[0])) + wire(text.split()[1])
    return socket.inet_aton(text) if kind == 'A' else wire(text)


class Server(threading.Thread):
    """Answers from a zone text with a TTL that has been counted down."""
    TYPES = {'A': 1, 'CNAME': 5, 'MX': 15, 'TXT': 16}

    def __init__(self, text, ttl):
        super().__init__(daemon=True)
        self.ttl, self.records = ttl, {}
        for name, kind, data in re.findall(r'^([^\s;$]+)\.\s+(A|CNAME|MX|TXT)\s+(.*)$', text, re.M):
            self.records.setdefault(name.lower(), []).append((self.TYPES[kind], rdata(kind, data)))
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(('127.0.0.1', 0))
        self.start()

    def option(self):
        return '--dns-server=127.0.0.1@%d' % self.socket.getsockname()[1]

    def answer(self, query):
        at, labels = 12, []
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode().lower())
            at += 1 + query[at]
        name, kind = '.'.join(labels), struct.unpack('>H', query[at + 1:at + 3])[0]
        found = [(k, data) for k, data in self.records.get(name, []) if k in (kind, 5)]
        exists = any(known == name or known.endswith('.' + name) for known in self.records)
        header = query[:2] + struct.pack('>HHHHH', 0x8580 | (0 if exists else 3), 1, len(found), 0, 0)
        return header + query[12:at + 5] + b''.join(b'\xc0\x0c' + struct.pack('>HHIH', k, 1, self.ttl, len(data)) + data for k, data in found)

    def run(self):
        while True:
            try:
                query, peer = self.socket.recvfrom(4096)
                self.socket.sendto(self.answer(query), peer)
            except OSError:
                return
