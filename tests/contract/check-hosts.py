#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# The recipe of samples/batch-on-several-hosts.md with two hosts of our own: network namespaces with an ssh server in each. The
# merged report is that of one run. Needs root, ip, sshd, ssh and GNU parallel, else it is skipped. check-hosts.py TOOL SAMPLES.
import getpass
import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'samples'))
from tap import Tap, run

TOOL, SAMPLES = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
TAP = Tap()
TMP = tempfile.mkdtemp()
DNS = '--dns=' + os.path.join(SAMPLES, 'healthy.zone')
NET = '198.18.%d' % (os.getpid() % 250)     # of the benchmarking range (RFC 2544)
NAMES = ['dt%dh%d' % (os.getpid() % 100000, n) for n in (1, 2)]
SERVERS = []


def do(*command, **more):
    return subprocess.run(command, check=True, capture_output=True, timeout=60, **more)


def lacking():
    if os.geteuid() != 0:
        return 'not root'
    for name in ('ip', 'sshd', 'ssh', 'ssh-keygen', 'parallel'):
        if not shutil.which(name):
            return 'no ' + name
    try:
        do('ip', 'netns', 'add', NAMES[0] + 'x')
        do('ip', 'netns', 'del', NAMES[0] + 'x')
    except subprocess.CalledProcessError:
        return 'no network namespaces'
    return None


def host(number, name):
    """A namespace with an address of its own and an ssh server in it. Its address."""
    ours, theirs = '%s.%d' % (NET, 4 * number + 1), '%s.%d' % (NET, 4 * number + 2)
    do('ip', 'netns', 'add', name)
    do('ip', 'link', 'add', name + 'a', 'type', 'veth', 'peer', 'name', name + 'b', 'netns', name)
    do('ip', 'addr', 'add', ours + '/30', 'dev', name + 'a')
    do('ip', 'link', 'set', name + 'a', 'up')
    do('ip', '-n', name, 'addr', 'add', theirs + '/30', 'dev', name + 'b')
    do('ip', '-n', name, 'link', 'set', name + 'b', 'up')
    do('ip', '-n', name, 'link', 'set', 'lo', 'up')
    os.makedirs('/run/sshd', exist_ok=True)
    SERVERS.append(subprocess.Popen(['ip', 'netns', 'exec', name, shutil.which('sshd'), '-D', '-e', '-f', '/dev/null', '-h', TMP + '/host',
                                     '-o', 'AuthorizedKeysFile=' + TMP + '/user.pub', '-o', 'StrictModes=no', '-o', 'PidFile=none',
                                     '-o', 'PermitRootLogin=yes', '-o', 'ListenAddress=' + theirs, '-o', 'UsePAM=no'], stderr=subprocess.DEVNULL))
    return theirs


def reachable(address):
    for _ in range(40):
        if subprocess.run(ssh() + [address, 'true'], capture_output=True).returncode == 0:
            return True
        time.sleep(0.25)
    return False


def ssh():
    return ['ssh', '-i', TMP + '/user', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'StrictHostKeyChecking=no', '-o', 'LogLevel=ERROR']


def mail():
    for box in range(6):
        os.makedirs('%s/mail/%d/cur' % (TMP, box))
        os.makedirs('%s/mail/%d/new' % (TMP, box))
        for n in range(40):
            with open('%s/mail/%d/cur/%03d:2,S' % (TMP, box, n), 'w') as file:
                file.write('From: joe@shop%d.example\nSubject: %d\nMessage-ID: <%d.%d@shop.example>\n\nbody\n' % (n % 5, n, box, n))
        with open('%s/%d.mbox' % (TMP, box), 'w') as file:
            for n in range(20):
                file.write('From joe@example.com Wed Oct 14 10:21:39 2026\nFrom: joe@shop%d.example\nSubject: %d\n\nbody\n\n' % (n % 7, n))


def parallel(*options, script, stdin=b'', arguments=()):
    environment = dict(os.environ, PARALLEL_SSH=' '.join(ssh()), PARALLEL_HOME=TMP + '/parallel')
    done = subprocess.run(['parallel', *options, script] + ([':::'] + list(arguments) if arguments else []), input=stdin, capture_output=True,
                          timeout=120, cwd=TMP, env=environment)
    return done.stdout, done.stderr


def same_report(name, lines, err, *paths):
    merged = run(TOOL, 'summary', stdin=lines).text()
    whole = run(TOOL, 'batch', DNS, *paths, cwd=TMP).text()
    TAP.point(name, [] if merged == whole and lines else [merged, whole, err.decode('utf-8', 'replace')[-1000:]])


def points():
    for name in ('host', 'user'):
        do('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', TMP + '/' + name)
    addresses = [host(number, name) for number, name in enumerate(NAMES)]
    if not all(reachable(address) for address in addresses):
        TAP.skip('two hosts', 'no ssh to a namespace')
        return
    mail()
    hosts = ','.join('%s@%s' % (getpass.getuser(), address) for address in addresses)
    paths = b''.join(b'%s/mail/%d/cur/%03d:2,S\n' % (TMP.encode(), box, n) for box in range(6) for n in range(40))
    command = '%s batch %s --format=ndjson ' % (TOOL, DNS)
    lines, err = parallel('--pipe', '-N', '30', '--sshlogin', hosts, script=command + '--files-from=- || true', stdin=paths)
    same_report('paths go out, lines come back', lines, err, TMP + '/mail')
    boxes = ['%d.mbox' % n for n in range(6)]
    lines, err = parallel('--sshlogin', hosts, '--transferfile', '{}', '--cleanup', '--keep-order', script=command + '{} || true', arguments=boxes)
    same_report('mbox files go out, lines come back', lines, err, *boxes)


def main():
    why = lacking()
    try:
        if why:
            TAP.skip('two hosts', why)
        else:
            points()
    finally:
        for server in SERVERS:
            server.terminate()
            server.wait()
        for name in NAMES if not why else []:
            subprocess.run(['ip', 'netns', 'del', name], capture_output=True)
        shutil.rmtree(TMP)
    sys.exit(TAP.end())


main()
