# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# Which functions the public headers declare.
import os
import re


def declared(folder):
    """The names in all headers of folder, as a set."""
    names = set()
    for header in os.listdir(folder):
        with open(os.path.join(folder, header), encoding='utf-8') as file:
            text = re.sub(r'/\*.*?\*/', '', file.read(), flags=re.S)
        text = re.sub(r'^\s*#.*(\\\n.*)*$', '', text, flags=re.M)
        names |= set(re.findall(r'\b(dt_\w+)\s*\(', text))
    return names
