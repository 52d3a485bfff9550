#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# Completion in the real shells: check-completion.py TOOL FOLDER SOURCE. An interactive bash and zsh on a terminal of their own, lines typed
# and Tab pressed; what they offer is compared with what the command says of itself. Words that are offered are words that it takes.
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOOL, FOLDER, SOURCE = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), sys.argv[3]
sys.path[:0] = [os.path.join(HERE, '..', 'samples'), os.path.join(SOURCE, 'doc')]
import command_help
from tap import Tap

TAP = Tap()
TMP = tempfile.mkdtemp()
PATIENCE = 60

# Each Tab leaves a file: the line afterwards, then what was offered.
BASH = r'''
PS1='ready> '; PS2=
bind 'set completion-query-items 0'; bind 'set page-completions off'; bind 'set enable-bracketed-paste off'
. %(folder)s/dmarctrace
_logged() { _dmarctrace "$@"; { printf '%%s\n' "${COMPREPLY[@]}"; } > %(out)s.tmp; }
complete -F _logged dmarctrace
_line() { { printf '%%s|\n' "$READLINE_LINE"; cat %(out)s.tmp; } > %(out)s.new; : > %(out)s.tmp; mv %(out)s.new %(out)s; READLINE_LINE=; READLINE_POINT=0; }
bind -x '"\C-xa": _line'
: > %(out)s.tmp
'''
ZSH = r'''
PS1='ready> '; LISTMAX=100000; unsetopt beep zle_bracketed_paste 2>/dev/null; unset zle_bracketed_paste
fpath=(%(folder)s $fpath)
autoload -Uz compinit; compinit -D -u
compadd() {
    if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return; fi
    local -a hits; builtin compadd -O hits "$@"; (( $#hits )) && print -rl -- $hits >> %(out)s.tmp
    builtin compadd "$@"
}
_line() { { print -r -- "$BUFFER|"; cat %(out)s.tmp; } > %(out)s.new; : > %(out)s.tmp; mv %(out)s.new %(out)s; BUFFER= }
zle -N _line; bindkey '^Xa' _line; bindkey '^I' complete-word
: > %(out)s.tmp
'''


class Shell:
    """A shell on a terminal, in a folder with a message, a folder and a name that needs quotes."""

    def __init__(self, name, arguments, script):
        self.name, self.folder = name, os.path.join(TMP, name)
        os.makedirs(os.path.join(self.folder, 'mail'))
        for file in ('message.eml', 'two words.eml', '17.host:2,S'):
            open(os.path.join(self.folder, file), 'w').close()
        self.answer = os.path.join(TMP, name + '.answer')
        start = os.path.join(TMP, name + '.rc')
        with open(start, 'w', encoding='utf-8') as file:
            file.write(script % {'folder': FOLDER, 'out': self.answer})
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            os.chdir(self.folder)
            os.execvpe(name, [name] + arguments, dict(os.environ, TERM='vt100', HOME=self.folder, LC_ALL='C.UTF-8', INPUTRC='/dev/null', ENV=''))
        self.seen = b''
        self.type(" . '%s'; echo read''y-to-go\n" % start)
        self.wait(lambda: b'ready-to-go' in self.seen)

    def type(self, text):
        os.write(self.terminal, text.encode())

    def wait(self, is_done):
        end = time.monotonic() + PATIENCE
        while not is_done():
            if time.monotonic() > end:
                raise RuntimeError('%s: no answer; it shows: %r' % (self.name, self.seen[-500:]))
            if select.select([self.terminal], [], [], 0.02)[0]:
                self.seen += os.read(self.terminal, 65536)

    def tab(self, line):
        """The line after one Tab, and the set of what was offered."""
        self.type(line + '\t\x18a')
        self.wait(lambda: os.path.exists(self.answer))
        with open(self.answer, encoding='utf-8') as file:
            rows = file.read().splitlines()
        os.remove(self.answer)
        return rows[0][:-1], {row for row in rows[1:] if row}

    def end(self):
        os.kill(self.child, signal.SIGKILL)
        os.waitpid(self.child, 0)
        os.close(self.terminal)


def differ(shown, wanted):
    return [] if shown == wanted else ['missing %s, too many %s' % (sorted(wanted - shown), sorted(shown - wanted))]


def check_offers(shell, commands):
    name = shell.name
    first = {word.partition(':')[0].rstrip('/').replace('\\', '') for word in shell.tab('dmarctrace ')[1]}
    TAP.point('%s: the first word is a command or a file' % name, differ(first, set(commands) | {'message.eml', 'two words.eml', '17.host', 'mail'}))
    for command, options in commands.items():
        shown = {word.rstrip('=') for word in shell.tab('dmarctrace %s --' % command)[1]}
        TAP.point('%s: %s has the options of --help' % (name, command), differ(shown, {'--' + option.name for option in options}))
        option = next((option for option in options if option.words), None)
        if option:
            TAP.point('%s: %s has its own formats' % (name, command), differ(shell.tab('dmarctrace %s --format=' % command)[1], set(option.words)))
    codes = set(re.findall(r'^([a-z0-9-]+)$', command_help.output(TOOL, 'causes'), re.M))
    TAP.point('%s: causes is followed by codes' % name, differ(shell.tab('dmarctrace causes ')[1], codes))


def check_lines(shell):
    cases = [
        ('dmarctrace exp', 'dmarctrace explain', 'a command'),
        ('dmarctrace mess', 'dmarctrace message.eml', 'a message without a command'),
        ('dmarctrace fix two', 'dmarctrace fix two\\ words.eml', 'a name with a blank'),
        ('dmarctrace fix two\\ w', 'dmarctrace fix two\\ words.eml', 'the rest of it'),
        ('dmarctrace fix ~/mess', 'dmarctrace fix ~/message.eml', 'a file of the home'),
        ('dmarctrace fix 17', {'bash': 'dmarctrace fix 17.host\\:2\\,S', 'zsh': 'dmarctrace fix 17.host:2,S'}[shell.name], 'a message of a maildir'),
        ('dmarctrace --dns=mess', 'dmarctrace --dns=message.eml', 'a file as value'),
        ('dmarctrace --dns mess', 'dmarctrace --dns message.eml', 'a file as the word behind'),
        ('dmarctrace batch ma', 'dmarctrace batch mail/', 'a folder'),
        ('dmarctrace fix --pl', 'dmarctrace fix --plan=', 'an option that takes a value'),
        ('dmarctrace fix --qui', 'dmarctrace fix --quiet', 'an option that takes none'),
        ('dmarctrace --color=al', 'dmarctrace --color=always', 'a word'),
        ('dmarctrace --color al', 'dmarctrace --color always', 'a word as the word behind'),
        ('dmarctrace batch --fail-on=permerror,temp', 'dmarctrace batch --fail-on=permerror,temperror', 'the second of a list'),
        ('dmarctrace dmarc --spf=softf', 'dmarctrace dmarc --spf=softfail:', 'a result, its domain comes behind'),
        ('dmarctrace domain --region=eu-north', 'dmarctrace domain --region=eu-north-1', 'a region'),
        ('dmarctrace --vers', 'dmarctrace --version', 'the version'),
        ('dmarctrace fix --vers', 'dmarctrace fix --vers', 'no version behind a command'),
        ('dmarctrace fix --ip=mess', 'dmarctrace fix --ip=mess', 'no file where an address stands'),
        ('dmarctrace fix -- mess', 'dmarctrace fix -- message.eml', 'an argument behind --'),
        ('dmarctrace --mail-from=me@mess', 'dmarctrace --mail-from=me@mess', 'no file within an address'),
        ('dmarctrace spf mess', 'dmarctrace spf mess', 'no file where a command takes none'),
    ]
    for typed, wanted, what in cases:
        line = shell.tab(typed)[0].rstrip(' ,')     # a "," that zsh takes back when a blank follows
        TAP.point('%s: %s' % (shell.name, what), [] if line == wanted else ['"%s" became "%s", not "%s"' % (typed, line, wanted)])


def taken(command, option, word):
    """Is the word a value of the option? With --help behind it nothing but the option is looked at; results need their domain."""
    if option in ('spf', 'dkim'):
        arguments = ['--dns=/dev/null', '--from=example.com', '--%s=%s:example.com' % (option, word.rstrip(':'))]
    else:
        arguments = ['--%s=%s' % (option, word), '--help']
    return subprocess.run([TOOL, command] + arguments, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 64


def check_words(shell, commands, known):
    """What is offered as a value is a value. known: answers that were had already."""
    faults, count = [], 0
    for command, options in commands.items():
        for option in options:
            if option.value in (None, 'FILE'):
                continue
            for word in shell.tab('dmarctrace %s --%s=' % (command, option.name))[1]:
                question = (command if option.words else '', option.name, word)
                if question not in known:
                    known[question] = taken(command, option.name, word)
                count += 1
                faults += [] if known[question] else ['%s --%s=%s is refused' % (command, option.name, word)]
    TAP.point('%s: every word that is offered is taken (%d)' % (shell.name, count), faults if count else ['no words'])


def main():
    commands = {command.name: command_help.options(TOOL, command.name) for command in command_help.commands(TOOL)}
    known = {}
    for name, arguments, script in (('bash', ['--noprofile', '--norc', '-i'], BASH), ('zsh', ['-f', '-i'], ZSH)):
        if not shutil.which(name):
            TAP.skip(name, 'not installed')
            continue
        shell = Shell(name, arguments, script)
        try:
            check_offers(shell, commands)
            check_lines(shell)
            check_words(shell, commands, known)
        finally:
            shell.end()
    return TAP.end()


try:
    status = main()
finally:
    shutil.rmtree(TMP, ignore_errors=True)
sys.exit(status)
