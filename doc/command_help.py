# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# What the command says of itself, read from its --help: commands, and options with their values. Manual pages, completions and the tests
# of both are made from this, so that src/command/ stays the one place where options are named.
import re
import subprocess
from collections import namedtuple

Command = namedtuple('Command', 'name usage summary')
# value: None, or the word for it; optional: the value may be left out; words: the values there are, where --help lists them as a|b
Option = namedtuple('Option', 'name letter value optional help words')

ROW = re.compile(r'  (?:-(\w), )?--([a-z-]+)(?:\[=([^\]]+)\]|=(\S+))?(?:\s+(.*))?$')


def output(tool, *args):
    return subprocess.run([tool] + list(args), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True).stdout.decode('utf-8')


def commands(tool):
    """All commands, in their order."""
    found = re.findall(r'^  dmarctrace (.+)\n      (.+)$', output(tool, '--help'), re.M)
    return [Command(re.match(r'\[?([a-z]+)', usage).group(1), usage, summary) for usage, summary in found]


def options(tool, command):
    """The options of a command, in their order."""
    rows = []
    body = output(tool, command, '--help').split('\nOptions:\n', 1)[1].split('\n\n', 1)[0]
    for line in body.rstrip('\n').split('\n'):
        row = ROW.match(line)
        if row:
            letter, name, optional, value, text = row.groups()
            rows.append([name, letter, optional or value, optional is not None, text or ''])
        else:
            rows[-1][4] += line.strip()
    return [Option(*row, row[4].split('|') if re.fullmatch(r'[a-z0-9]+(\|[a-z0-9]+)+', row[4]) else []) for row in rows]


def shown(option):
    """An option as --help shows it, without its letter."""
    value = '' if option.value is None else '[=%s]' % option.value if option.optional else '=' + option.value
    return '--' + option.name + value
