# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# What the whole-command tests share: one TAP point a claim, the command run with a limit, what a text report may not hold.
import json
import os
import re
import subprocess
import unicodedata

LIMIT = 60
BIDI = set('\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069')
# what may be longer than 80 columns: records and commands, with what stands in front of them
LONG = re.compile(r'\s*(\d+[.)]\s+)?(\S+\s+(\d+\s+)?(IN\s+)?(TXT|CNAME|MX)|;!.*|(\$ )?(aws|dig|dmarctrace))\s')


class Tap:
    def __init__(self):
        self.count = self.failed = 0

    def point(self, name, faults):
        """faults: a list of sentences; empty is success."""
        self.count += 1
        self.failed += bool(faults)
        print('%sok %d - %s' % ('not ' if faults else '', self.count, name.replace('#', '')))
        for fault in faults:
            print('# ' + str(fault).replace('\n', '\n# '))

    def skip(self, name, why):
        self.count += 1
        print('ok %d - %s # SKIP %s' % (self.count, name, why))

    def end(self):
        print('1..%d' % self.count)
        return 1 if self.failed else 0


class Answer:
    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    def text(self):
        return self.out.decode('utf-8', 'surrogateescape')

    def json(self):
        return json.loads(self.out.decode('utf-8'))


def run(tool, *args, stdin=b'', cwd=None, env=None):
    """Runs the command; a sanitizer report or an end by a signal is an exception, whatever the test wanted to know."""
    done = subprocess.run([tool] + list(args), input=stdin, capture_output=True, timeout=LIMIT, cwd=cwd, env=dict(os.environ, **(env or {})))
    if done.returncode < 0 or b'Sanitizer' in done.stderr or b'runtime error:' in done.stderr:
        raise RuntimeError('%s: status %d, %s' % (' '.join(args), done.returncode, done.stderr.decode('utf-8', 'replace')[-2000:]))
    return Answer(done.returncode, done.stdout, done.stderr)


def sample_messages(folder):
    for below, _, names in sorted(os.walk(folder)):
        for name in sorted(names):
            if name.endswith('.eml'):
                yield os.path.join(below, name)


def sample_options(path):
    """The zone and the options that stand beside a sample."""
    stem, args = path[:-len('.eml')], []
    if os.path.exists(stem + '.zone'):
        args.append('--dns=' + stem + '.zone')
    if os.path.exists(stem + '.args'):
        with open(stem + '.args', encoding='utf-8') as file:
            args += file.read().split('\n')[:-1]
    return args or ['--dns=' + os.devnull]


def columns(line):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in 'WF' else 1 for c in line)


def text_faults(text):
    """What a reader and his terminal must be spared."""
    faults = ['control character U+%04X in the text' % ord(c) for c in set(text) if (c != '\n' and unicodedata.category(c) == 'Cc') or c in BIDI]
    faults += ['%d columns: %s' % (columns(line), line) for line in text.split('\n') if columns(line) > 80 and not LONG.match(line)]
    faults += ['a range of one line: ' + found.group() for found in re.finditer(r'lines (\d+)-\1\b', text)]
    return faults
