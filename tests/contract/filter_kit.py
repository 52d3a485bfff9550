# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# What the tests of the filter share: the two fields that it adds, told from the rest of a message; a disk that is soon full.
import contextlib
import os
import re
import subprocess

FULL = b'No space left on device'
FOLDS = rb'(?:[^\n]*\n[ \t])*[^\n]*\n'


def added_fields(octets, authserv_id):
    """(the two fields as they stand on top, what follows); (None, octets) if they are not there."""
    quoted = re.escape(authserv_id)
    found = re.match(rb'Authentication-Results: "?%s"?;%sX-Dmarctrace: verdict=%s' % (quoted, FOLDS, FOLDS), octets)
    return (found.group(0), octets[found.end():]) if found else (None, octets)


def without_added(octets, authserv_id):
    """A delivered message without the two fields, whatever the mail program put in front; None if they are not there once."""
    found = list(re.finditer(rb'^Authentication-Results: "?%s"?;%sX-Dmarctrace: verdict=%s' % (re.escape(authserv_id), FOLDS, FOLDS), octets, re.M))
    return octets[:found[0].start()] + octets[found[0].end():] if len(found) == 1 else None


@contextlib.contextmanager
def small_disk(below, mebibytes):
    """A folder on a file system of its own of so many MiB; None where that cannot be had."""
    path = os.path.join(below, 'disk')
    os.makedirs(path, exist_ok=True)
    command = ['mount', '-t', 'tmpfs', '-o', 'size=%dm,mode=1777' % mebibytes, 'tmpfs', path]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True).returncode != 0:
        yield None
        return
    try:
        yield path
    finally:
        # Without /proc only the plain form works.
        if subprocess.run(['umount', '-l', path], capture_output=True).returncode != 0:
            subprocess.run(['umount', path], capture_output=True)
