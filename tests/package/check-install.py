#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# What `meson install` puts in place, and whether it can be used from there: check-install.py TOOL BUILD SOURCE SANITIZERS. Headers compile
# alone, the library shows what they declare and nothing else, the sample program is built through pkg-config, shared and static, and says what
# the command says.
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, '..', 'samples')]
from declared import declared
from tap import Tap, run

TOOL, BUILD, SOURCE, SANITIZE = os.path.abspath(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
TAP = Tap()
TMP = tempfile.mkdtemp()
ROOT = os.path.join(TMP, 'root')
FLAGS = '' if SANITIZE == 'none' else '-fsanitize=' + SANITIZE


def command(*args, **more):
    return subprocess.run(args, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=200, **more)


def failed(done):
    return [] if done.returncode == 0 else ['%s: status %d\n%s' % (' '.join(done.args), done.returncode, done.stdout.decode('utf-8', 'replace')[-3000:])]


def installed(*patterns):
    """Where under ROOT the files of these patterns are; one sentence for each pattern that has none."""
    return ['nothing like ' + pattern for pattern in patterns if not glob.glob(os.path.join(ROOT, '**', pattern), recursive=True)]


def one(pattern):
    return glob.glob(os.path.join(ROOT, '**', pattern), recursive=True)[0]


def check_files():
    pages = [os.path.basename(page)[:-3] for page in glob.glob(os.path.join(SOURCE, 'doc', 'man', '*.in'))]
    schemas = [os.path.basename(schema) for schema in glob.glob(os.path.join(SOURCE, 'doc', 'schema', '*.json'))]
    headers = os.listdir(os.path.join(SOURCE, 'include', 'dmarctrace'))
    TAP.point('program, library, headers and pkg-config file are installed',
              installed('bin/dmarctrace', 'libdmarctrace.so', 'libdmarctrace.so.0', 'libdmarctrace.a', 'pkgconfig/dmarctrace.pc',
                        *['include/dmarctrace/' + header for header in headers]))
    TAP.point('manual pages are installed, each in its section', [] if pages else ['no page'] + installed(*['man/man%s/%s' % (page[-1], page) for page in pages]))
    TAP.point('completions, schemas and examples are installed',
              installed('bash-completion/completions/dmarctrace', 'zsh/site-functions/_dmarctrace', 'examples/procmailrc', 'examples/mailfilter',
                        'examples/dmarctrace.sieve', 'examples/library/why.c', *['dmarctrace/schema/' + schema for schema in schemas]))
    inner = [path for path in glob.glob(os.path.join(ROOT, '**', '*'), recursive=True) if os.path.basename(path).startswith('libdt-') or '/tests/' in path]
    TAP.point('nothing else is installed: no part of the build, no test', inner)


def exported(library):
    done = subprocess.run(['nm', '-D', '--defined-only', library], stdout=subprocess.PIPE, check=True)
    rows = [row.split() for row in done.stdout.decode().splitlines()]
    return {row[-1].partition('@')[0] for row in rows if row[-2] != 'A'}, {row[-1].partition('@@')[2] for row in rows if row[-2] != 'A'}


def check_symbols():
    wanted = declared(os.path.join(ROOT, os.path.dirname(one('include/dmarctrace/error.h'))))
    names, versions = exported(one('libdmarctrace.so.0'))
    TAP.point('the library shows what its headers declare', ['declared, not there: ' + name for name in sorted(wanted - names)] + ([] if wanted else ['none declared']))
    TAP.point('and nothing else', ['not declared: ' + name for name in sorted(names - wanted)])
    TAP.point('with one version, that of its soname', [] if versions == {'LIBDMARCTRACE_0'} else ['versions: %s' % sorted(versions)])


def relocated():
    """A folder with the .pc file made true for ROOT: its prefix is the one of the installation, and DESTDIR is in front of it."""
    folder = os.path.join(TMP, 'pkgconfig')
    os.mkdir(folder)
    with open(one('pkgconfig/dmarctrace.pc'), encoding='utf-8') as file:
        text = file.read()
    with open(os.path.join(folder, 'dmarctrace.pc'), 'w', encoding='utf-8') as file:
        file.write(text.replace('prefix=/', 'prefix=' + ROOT + '/', 1))
    return folder


def check_headers(environment):
    faults = []
    flags = command('pkg-config', '--cflags', 'dmarctrace', env=environment)
    faults += failed(flags)
    for header in sorted(os.listdir(os.path.join(SOURCE, 'include', 'dmarctrace'))):
        source = os.path.join(TMP, 'one.c')
        with open(source, 'w', encoding='utf-8') as file:
            file.write('#include <dmarctrace/%s>\nextern int one;\n' % header)
        faults += failed(command('cc', '-std=c99', '-Wall', '-Wextra', '-Werror', '-fsyntax-only', source, *flags.stdout.decode().split()))
    TAP.point('each installed header compiles alone', faults)


def said(answer):
    """What the sample program must print, from the report of the command."""
    report = answer.json()
    return 'dmarc=%s\n' % report['verdict'] + ''.join('%s %s\n' % (cause['severity'], cause['code']) for cause in report['causes'])


def check_program(environment, static):
    folder = os.path.join(TMP, 'static' if static else 'shared')
    shutil.copytree(os.path.dirname(one('examples/library/why.c')), folder)
    done = command('make', '-s', *(['STATIC=yes'] if static else []), 'CFLAGS=-O1 -Wall -Wextra -Werror ' + FLAGS, 'LDFLAGS=' + FLAGS, cwd=folder, env=environment)
    kind = 'static' if static else 'shared'
    TAP.point('the sample program is built with the %s library, through pkg-config' % kind, failed(done))
    if done.returncode:
        return
    needed = subprocess.run(['readelf', '-d', os.path.join(folder, 'why')], stdout=subprocess.PIPE, check=True).stdout.decode()
    TAP.point('and needs%s libdmarctrace.so.0 to run' % (' no' if static else ''), [needed] if ('libdmarctrace.so.0' in needed) == static else [])
    for name in ('healthy', 'ses-as-it-is'):
        zone, message = one('examples/%s.zone' % name), one('examples/%s.eml' % name)
        answer = run(os.path.join(folder, 'why'), zone, message, env={'LD_LIBRARY_PATH': os.path.dirname(one('libdmarctrace.so.0'))})
        expected = run(TOOL, '--dns=' + zone, '--format=json', message)
        same = answer.text() == said(expected) and answer.status == expected.status
        TAP.point('%s, %s: it says what the command says' % (kind, name),
                  [] if same else ['status %d, not %d\n%s%s' % (answer.status, expected.status, answer.text(), answer.err.decode('utf-8', 'replace'))])


def check_debian():
    """What debian/ repeats of other files."""
    with open(os.path.join(SOURCE, 'bootstrap'), encoding='utf-8') as file:
        packages = set(re.search(r'^packages_build="([^"]*)"', file.read(), re.M).group(1).split())
    with open(os.path.join(SOURCE, 'debian', 'control'), encoding='utf-8') as file:
        source = file.read().split('\n\n')[0]
    names = set(re.findall(r'[a-z0-9.+-]+', source.split('Build-Depends:')[1].split('\nStandards-Version')[0]))
    always = {'gcc', 'libc6-dev', 'ninja-build'}    # build-essential, and what meson brings
    TAP.point('debian/control names what bootstrap installs for a build', ['missing: ' + name for name in sorted(packages - names - always)] if packages else ['none'])
    with open(os.path.join(SOURCE, 'debian', 'changelog'), encoding='utf-8') as file:
        version = file.readline().split('(')[1].split(')')[0]
    shown = run(TOOL, '--version').text().split()[1]
    TAP.point('debian/changelog has the version of the program', [] if version == shown else ['%s, not %s' % (version, shown)])


def main():
    check_debian()
    if not all(map(shutil.which, ('meson', 'pkg-config', 'make', 'nm', 'cc'))):
        TAP.skip('installation', 'needs meson, pkg-config, make, nm and cc')
        return TAP.end()
    done = command('meson', 'install', '-C', BUILD, '--no-rebuild', env=dict(os.environ, DESTDIR=ROOT))
    TAP.point('meson install succeeds', failed(done))
    if done.returncode == 0:
        check_files()
        check_symbols()
        environment = dict(os.environ, PKG_CONFIG_PATH=relocated())
        check_headers(environment)
        check_program(environment, False)
        check_program(environment, True)
        answer = run(one('bin/dmarctrace'), '--dns=' + one('examples/healthy.zone'), one('examples/healthy.eml'))
        TAP.point('the installed program explains an installed sample', [] if answer.status == 0 else [answer.text() + answer.err.decode()])
    return TAP.end()


try:
    status = main()
finally:
    shutil.rmtree(TMP, ignore_errors=True)
sys.exit(status)
