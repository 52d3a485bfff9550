#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# The manual pages: check-man.py TOOL PAGES SOURCE. Free of warnings (mandoc, and man with groff), and true: options, commands, causes,
# limits and functions are those of the program, read back from the rendered page.
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOOL, PAGES, SOURCE = os.path.abspath(sys.argv[1]), sys.argv[2], sys.argv[3]
sys.path[:0] = [HERE, os.path.join(HERE, '..', 'samples'), os.path.join(SOURCE, 'doc')]
import command_help
from declared import declared
from tap import Tap

TAP = Tap()
TMP = tempfile.mkdtemp()
ENVIRONMENT = dict(os.environ, LC_ALL='C.UTF-8', MANWIDTH='80', MANROFFOPT='', MANROFFSEQ='', MANPATH=os.path.join(TMP, 'man'))


def output(*args):
    done = subprocess.run(args, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=100, env=ENVIRONMENT)
    return done.stdout.decode('utf-8'), done.stderr.decode('utf-8')


def tree(names):
    """All pages in a tree of their own, so that references among them are found."""
    for name in names:
        folder = os.path.join(TMP, 'man', 'man' + name[-1])
        os.makedirs(folder, exist_ok=True)
        shutil.copy(os.path.join(PAGES, name), folder)
    subprocess.run(['makewhatis', os.path.join(TMP, 'man')], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def path(name):
    return os.path.join(TMP, 'man', 'man' + name[-1], name)


def rendered(name, width=200):
    return output('mandoc', '-Tutf8', '-O', 'width=%d,indent=5' % width, path(name))[0].replace('\u2010', '-').replace('\u2212', '-')


def plain(text):
    return re.sub('.\b', '', text)


def section(text, title):
    found = re.search(r'^%s\n(.*?)(?=^\S|\Z)' % title, text, re.M | re.S)
    return found.group(1) if found else ''


def lint(file):
    out, err = output('mandoc', '-Tlint', '-W', 'style', file)
    return [row for row in (out + err).splitlines() if row]


def groff(file):
    return output('man', '--warnings', '-E', 'UTF-8', '-l', '-Tutf8', '-Z', file)[1].splitlines()


def check_linters(names):
    if shutil.which('mandoc'):
        for name in names:
            TAP.point('%s: mandoc has nothing to say' % name, lint(path(name)))
    else:
        TAP.skip('mandoc', 'not installed')
    # The man of the mandoc package itself has no --warnings.
    if shutil.which('man') and 'man ' in output('man', '--version')[0]:
        for name in names:
            TAP.point('%s: man --warnings has nothing to say' % name, groff(path(name)))
    else:
        TAP.skip('man', 'man-db is not installed')


def check_linters_see():
    """A page with faults, so that silence means something."""
    with open(path('dmarctrace-causes.1'), encoding='utf-8') as file:
        text = file.read()
    broken = os.path.join(TMP, 'broken.1')
    with open(broken, 'w', encoding='utf-8') as file:
        file.write(text.replace('.Sh SEE ALSO', '.Xx no such macro\n.Bl -tag\n.Sh SEE ALSO'))
    TAP.point('mandoc sees a macro that is none', [] if lint(broken) else ['no word about it'])


def check_options():
    for command in command_help.commands(TOOL):
        text = section(plain(rendered('dmarctrace-%s.1' % command.name)), 'OPTIONS')
        wanted = [('-%s, ' % option.letter if option.letter else '') + command_help.shown(option).replace('...', ' ...')
                  for option in command_help.options(TOOL, command.name)]
        shown = re.findall(r'^ {5}((?:-\w, )?--\S.*)$', text, re.M)
        TAP.point('dmarctrace-%s.1 has the options of --help' % command.name,
                  ['page: %s\n--help: %s' % (shown, wanted)] if [s.replace(' ', '') for s in shown] != [w.replace(' ', '') for w in wanted] else [])


def tags(page, title):
    """The terms of a tagged list, those that share an entry apart."""
    found = re.findall(r'^ {5}([^\s,]+(?:, [^\s,]+)*)(?: {2,}.*)?$', section(plain(rendered(page)), title), re.M)
    return [tag for row in found for tag in row.split(', ')]


def check_prose():
    """What is told by hand: formats, exit statuses, variables."""
    for command in command_help.commands(TOOL):
        told = tags('dmarctrace-%s.1' % command.name, 'FORMATS')
        formats = [option.words for option in command_help.options(TOOL, command.name) if option.name == 'format']
        if told:
            TAP.point('dmarctrace-%s.1 tells of each format' % command.name, [] if [told] == formats else ['%s, not %s' % (told, formats)])
    with open(os.path.join(SOURCE, 'src', 'command', 'command.h'), encoding='utf-8') as file:
        statuses = re.findall(r'\bEXIT_\w+ = (\d+)', file.read())
    told = [tag for tag in tags('dmarctrace.1', 'EXIT STATUS') if tag.isdigit() and int(tag) >= 64]
    TAP.point('dmarctrace.1 tells of each exit status of trouble', [] if told == statuses else ['%s, not %s' % (told, statuses)])
    variables = {'TMPDIR'}    # of g_get_tmp_dir
    for folder, _, files in os.walk(os.path.join(SOURCE, 'src')):
        for name in files:
            with open(os.path.join(folder, name), encoding='utf-8') as file:
                variables |= set(re.findall(r'getenv\("(\w+)"\)', file.read()))
    told = set(tags('dmarctrace.1', 'ENVIRONMENT'))
    TAP.point('dmarctrace.1 tells of each variable of the environment', [] if told == variables else ['%s, not %s' % (sorted(told), sorted(variables))])


def check_commands(names):
    commands = [command.name for command in command_help.commands(TOOL)]
    pages = sorted(name[len('dmarctrace-'):-2] for name in names if name.startswith('dmarctrace-') and name.endswith('.1'))
    TAP.point('each command has a page, and no other has one', [] if pages == sorted(commands) else ['%s, not %s' % (pages, sorted(commands))])
    listed = re.findall(r'^ {5}([a-z]+) {2,}\S', section(plain(rendered('dmarctrace.1')), 'DESCRIPTION'), re.M)
    TAP.point('dmarctrace.1 lists the commands', [] if listed == commands else [str(listed)])


def check_tables():
    text = ' '.join(plain(rendered('dmarctrace-causes.7')).split())
    causes = json.loads(command_help.output(TOOL, 'causes', '--format=json'))['causes']
    missing = [cause['code'] for cause in causes if any(' '.join(cause[key].split()) not in text for key in ('code', 'title', 'remedy') if cause.get(key))]
    TAP.point('dmarctrace-causes.7 holds all causes, word for word', missing if causes else ['no causes'])
    text = section(plain(rendered('dmarctrace.1')), 'LIMITS')
    with open(os.path.join(SOURCE, 'doc', 'limits.txt'), encoding='utf-8') as file:
        limits = [row.split('\t')[0] for row in file.read().splitlines() if row and not row.startswith('#')]
    TAP.point('dmarctrace.1 names all limits', [limit for limit in limits if not re.search(r'^ {5}%s(\s|$)' % re.escape(limit), text, re.M)])


def check_library():
    text = plain(rendered('libdmarctrace.3', 500))
    shown = set(re.findall(r'^ {5}\S.* \*?(dt_\w+)\(.*\)$', section(text, 'INTERFACE'), re.M))
    wanted = declared(os.path.join(SOURCE, 'include', 'dmarctrace'))
    TAP.point('libdmarctrace.3 has the functions of the headers', [str(sorted(shown ^ wanted))] if shown != wanted else [])


def main():
    names = sorted(name for name in os.listdir(PAGES) if re.search(r'\.[137]$', name))
    tree(names)
    check_linters(names)
    if shutil.which('mandoc'):
        check_linters_see()
        check_options()
        check_commands(names)
        check_prose()
        check_tables()
        check_library()
    return TAP.end()


try:
    status = main()
finally:
    shutil.rmtree(TMP, ignore_errors=True)
sys.exit(status)
