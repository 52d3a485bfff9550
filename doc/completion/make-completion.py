#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# Makes what a shell completes from what the command says of itself: make-completion.py TOOL SOURCE_ROOT bash|zsh TEMPLATE OUTPUT. The
# template has the functions; here the tables are filled in: commands, options, and the words that an option can take.
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import command_help

TOOL, ROOT, SHELL, TEMPLATE, OUTPUT = sys.argv[1:6]
VERDICTS = ['pass', 'fail', 'none', 'permerror', 'temperror']

# What --help says in words only. Everything else has its words in --help (a|b|c), names a file, or has none.
WORDS = {
    'color': ['auto', 'always', 'never'],
    'plan': ['1', '2', '3'],
    'at': ['now'],
    'spf': [result + ':' for result in ['pass', 'fail', 'softfail', 'neutral', 'none', 'permerror', 'temperror']],
    'dkim': [result + ':' for result in ['pass', 'fail', 'neutral', 'none', 'permerror', 'temperror', 'policy']],
    'fail-on': VERDICTS,
}
LISTS = ['fail-on']    # words with commas between
# What the arguments of a command are.
ARGUMENTS = {'explain': 'file', 'fix': 'file', 'batch': 'file', 'summary': 'file', 'causes': 'code'}


def regions():
    with open(os.path.join(ROOT, 'src', 'ses', 'regions.c'), encoding='utf-8') as file:
        return re.findall(r'^\s+(?:\{ |SEEN\(|DOCUMENTED\w*\()"([a-z]+(?:-[a-z]+)+-\d+)"', file.read(), re.M)


def codes():
    return re.findall(r'^([a-z0-9-]+)$', command_help.output(TOOL, 'causes'), re.M)


def kind(option):
    """What follows the option: nothing, file, list, words or text."""
    if option.value is None:
        return 'nothing'
    if option.value == 'FILE':
        return 'file'
    return 'list' if option.name in LISTS else 'words' if words(option) else 'text'


def words(option):
    if option.value == 'REGION':
        return regions()
    return option.words or WORDS.get(option.name, [])


# ---- bash ----------------------------------------------------------------------------------------------------------------


def bash_tables(commands):
    yield '_dmarctrace_commands="%s"' % ' '.join(command.name for command, _ in commands)
    yield '_dmarctrace_codes="%s"' % ' '.join(codes())
    yield 'declare -gA _dmarctrace_options=('
    for command, options in commands:
        flags = []
        for option in options:
            flags += ['-' + option.letter] if option.letter else []
            flags += ['--' + option.name + ('=' if option.value is not None and not option.optional else '')]
        yield '    [%s]="%s"' % (command.name, ' '.join(flags))
    yield ')'
    yield 'declare -gA _dmarctrace_arguments=( %s )' % ' '.join('[%s]=%s' % pair for pair in ARGUMENTS.items())
    # Option of a command: the kind of its value, then its words.
    yield 'declare -gA _dmarctrace_values=('
    for command, options in commands:
        for option in options:
            if kind(option) not in ('nothing', 'text'):
                value = ' '.join([kind(option)] + words(option))
                yield '    [%s --%s]="%s"' % (command.name, option.name, value)
                if option.letter:
                    yield '    [%s -%s]="%s"' % (command.name, option.letter, value)
            elif option.value is not None:
                for name in ['--' + option.name] + (['-' + option.letter] if option.letter else []):
                    yield '    [%s %s]=%s' % (command.name, name, 'optional' if option.optional else 'text')
    yield ')'


# ---- zsh -----------------------------------------------------------------------------------------------------------------


def zsh_quote(text):
    return "'" + text.replace("'", "'\\''") + "'"


def zsh_action(option):
    what = kind(option)
    message = option.value.replace(':', '\\:').replace('[', '\\[').replace(']', '\\]')
    if what == 'file':
        return ':%s:_files' % message
    if what == 'list':
        return ':%s:_values -s , %s %s' % (message, option.value.split(',')[0].lower(), ' '.join(words(option)))
    if what == 'words' and words(option)[0].endswith(':'):
        return ':%s: compadd -S \\: - %s' % (message, ' '.join(word.rstrip(':') for word in words(option)))
    if what == 'words':
        return ':%s:(%s)' % (message, ' '.join(words(option)))
    return ':%s: ' % message


def zsh_option(option):
    text = (option.help if not option.words else 'format of the output').replace('[', '(').replace(']', ')').replace(':', '\\:').replace('`', '')
    repeat = '*' if '(repeatable)' in option.help else ''
    if option.value is None:
        tail = '[%s]' % text
    elif option.optional:
        tail = '=-[%s]:%s' % (text, zsh_action(option))
    else:
        tail = '=[%s]%s' % (text, zsh_action(option))
    if option.letter:
        both = '(-%s --%s)' % (option.letter, option.name)
        short = tail.replace('=[', '+[', 1) if option.value is not None else tail
        return [zsh_quote(both + '-' + option.letter + short), zsh_quote(both + '--' + option.name + tail)]
    return [zsh_quote(repeat + '--' + option.name + tail)]


def zsh_tables(commands):
    yield '    _dmarctrace_commands=('
    for command, _ in commands:
        yield '        ' + zsh_quote(command.name + ':' + command.summary.replace(':', '\\:'))
    yield '    )'
    yield '    _dmarctrace_codes=( %s )' % ' '.join(codes())
    yield '    case $1 in'
    for command, options in commands:
        yield '    %s)' % command.name
        yield '        _dmarctrace_options=('
        for option in options:
            for row in zsh_option(option):
                yield '            ' + row
        if command.name in ARGUMENTS:
            yield "            '*:%s:%s'" % (('code', '_dmarctrace_code') if ARGUMENTS[command.name] == 'code' else ('file', '_files'))
        yield '        )'
        yield '        ;;'
    yield '    esac'


def main():
    commands = [(command, command_help.options(TOOL, command.name)) for command in command_help.commands(TOOL)]
    tables = {'bash': bash_tables, 'zsh': zsh_tables}[SHELL](commands)
    with open(TEMPLATE, encoding='utf-8') as file:
        text = file.read()
    with open(OUTPUT, 'w', encoding='utf-8') as file:
        file.write(text.replace('@tables\n', '\n'.join(tables) + '\n'))


main()
