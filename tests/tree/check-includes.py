#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# The order of the folders as a test: which folder may include which, each folder's private headers stay its own, and each
# foreign library has one place. Usage: check-includes.py ROOT. Prints TAP.
import os
import re
import sys

ALL = ['base', 'dns', 'message', 'ses', 'spf', 'dkim', 'arc', 'dmarc', 'evaluation', 'diagnosis', 'report']
MAY = {  # folder: folders it may include besides base and itself
    'base': [], 'dns': [], 'message': [], 'ses': ['message'], 'spf': ['dns'], 'dkim': ['dns', 'message'],
    'arc': ['dns', 'message', 'dkim'], 'dmarc': ['dns'],
    'evaluation': ['dns', 'message', 'ses', 'spf', 'dkim', 'arc', 'dmarc'],
    'diagnosis': ['dns', 'message', 'ses', 'spf', 'dkim', 'arc', 'dmarc', 'evaluation'],
    'report': ['dns', 'message', 'ses', 'spf', 'dkim', 'arc', 'dmarc', 'evaluation', 'diagnosis'],
    'command': ALL,
}
OWNS = {  # what other folders may include of a folder, its installed header apart
    'message': ['receivers.h'],
    'base': ['file.h', 'name.h', 'text.h', 'taglist.h'], 'dns': ['answer.h', 'ask.h'], 'ses': ['ses.h'], 'spf': ['spf.h'], 'dkim': ['dkim.h'],
    'arc': ['arc.h'], 'dmarc': ['dmarc.h'], 'evaluation': ['case.h', 'boundary.h'], 'diagnosis': ['finding.h'], 'report': ['report.h'],
}
PUBLIC = {'error': 'base', 'resolver': 'dns', 'message': 'message', 'evaluation': 'evaluation', 'diagnosis': 'diagnosis', 'report': 'report'}
FOREIGN = {  # library header: where it may be included
    'libpsl.h': ['base'], 'idn2.h': ['base'], 'unbound.h': ['dns'], 'gmime/gmime.h': ['message'], 'zlib.h': ['message'],
    'spf2/': ['spf'], 'opendkim/': ['dkim'], 'dkim.h': ['dkim'], 'openssl/': ['dkim', 'arc', 'command'], 'jansson.h': ['ses', 'report'],
}


def faults(root, folder, name):
    for number, line in enumerate(open(os.path.join(root, 'src', folder, name), encoding='utf-8'), 1):
        found = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if not found:
            continue
        target = found.group(2)
        place = 'src/%s/%s:%d: %s' % (folder, name, number, target)
        public = re.match(r'dmarctrace/(\w+)\.h$', target)
        inner = re.match(r'(%s|command)/([\w.-]+)$' % '|'.join(ALL), target)
        other = PUBLIC.get(public.group(1)) if public else inner.group(1) if inner else None
        if other and other not in [folder, 'base'] + MAY[folder]:
            yield place + ': %s may not know %s' % (folder, other)
        if inner and other != folder and inner.group(2) not in OWNS.get(other, []):
            yield place + ': a private header of ' + other
        if found.group(1) == '<':
            for library, places in FOREIGN.items():
                if target.startswith(library) and folder not in places:
                    yield place + ': this library belongs to ' + ', '.join(places)


def main():
    root = sys.argv[1]
    print('1..%d' % len(MAY))
    for index, folder in enumerate(MAY, 1):
        bad = []
        for name in sorted(os.listdir(os.path.join(root, 'src', folder))):
            if name.endswith(('.c', '.h')):
                bad += list(faults(root, folder, name))
        for line in bad:
            print('# ' + line)
        print('%s %d - %s includes only what it may' % ('not ok' if bad else 'ok', index, folder))


main()
