#!/bin/bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# How fast is batch, beside the least that verifies DKIM with libopendkim, opendkim -t and mailauth? All in one run, in turns, over the
# same generated mail and the same DNS. Usage: run.sh BUILD [COUNT [WORK]]; the mail stays in WORK. Where opendkim or mailauth (npm
# install mailauth in WORK) is missing, its line is left out. The best of ROUNDS counts; a second build without its own key
# decoder may stand in PLAIN_BUILD.
set -e
build=$(realpath "${1:?usage: run.sh BUILD [COUNT [WORK]]}")
count=${2:-10000}
work=${3:-/tmp/dmarctrace-bench}
rounds=${ROUNDS:-3}
here=$(dirname "$(realpath "$0")")
tool=$build/src/dmarctrace
mkdir -p "$work"
cd "$work"
mail=$work/mail-$count

[ -f "$mail/keys" ] || python3 "$here/make-mail.py" "$mail" "$count" 200
mkdir -p "$mail/new" "$mail/tmp"
[ bare-verify -nt "$here/bare-verify.c" ] || cc -O2 -o bare-verify "$here/bare-verify.c" -lopendkim
# opendkim parts its list of files at commas, which maildir names have.
if [ ! -d "$mail-flat" ]; then
    mkdir "$mail-flat"
    for file in "$mail"/cur/*; do ln "$file" "$mail-flat/$(basename "$file" .eml:2,S).eml"; done
fi
printf 'Mode v\nSyslog no\nTestPublicKeys %s\n' "$mail/keys" > opendkim.conf
find "$mail-flat" -name '*.eml' | sort > list
cat > with-opendkim <<END
#!/bin/sh
xargs -n 500 < "$work/list" | tr ' ' ',' | while read -r files; do opendkim -x "$work/opendkim.conf" -t "\$files" > /dev/null 2>&1; done
END
chmod +x with-opendkim

cat > measure.py <<'END'
"""measure.py ROUNDS COUNT: commands from standard input, "NAME<tab>COMMAND" a line, in turns; the table to standard output."""
import os, re, subprocess, sys, threading, time


def highest_memory(pid, out):
    """KiB that the process (not the shell that became it) held at the most; ru_maxrss would count this interpreter's copy."""
    while True:
        try:
            with open('/proc/%d/status' % pid) as file:
                found = re.search(r'VmHWM:\s+(\d+)', file.read())
        except OSError:
            return
        if not found:
            return
        out[0] = max(out[0], int(found[1])) if time.monotonic() - out[1] > 0.05 else out[0]
        time.sleep(0.02)


rounds, count = int(sys.argv[1]), int(sys.argv[2])
rows = [line.rstrip('\n').split('\t') for line in sys.stdin]
best = {}
for _ in range(rounds):
    for name, command in rows:
        start = time.monotonic()
        worker = subprocess.Popen(['sh', '-c', 'exec ' + command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        memory = [0, start]
        watch = threading.Thread(target=highest_memory, args=(worker.pid, memory))
        watch.start()
        said = worker.stderr.read()
        _, status, used = os.wait4(worker.pid, 0)
        wall, cpu = time.monotonic() - start, used.ru_utime + used.ru_stime
        watch.join()
        if status:
            sys.exit('%s: status %d: %s' % (command, status, said.decode()))
        old = best.get(name, (1e9, 1e9, 0))
        best[name] = (min(old[0], wall), min(old[1], cpu), max(old[2], memory[0]))
bare = best[rows[0][0]]
print('%-44s %10s %8s %10s %8s %8s' % ('%d messages' % count, 'a second', 'x bare', 'CPU us', 'x bare', 'MiB'))
for name, _ in rows:
    wall, cpu, memory = best[name]
    print('%-44s %10.0f %8.2f %10.1f %8.2f %8.1f' % (name, count / wall, bare[0] / wall, cpu / count * 1e6, bare[1] / cpu, memory / 1024))
END

{
    printf 'bare libopendkim (DKIM only)\t./bare-verify %s/keys --files < list\n' "$mail"
    printf 'dmarctrace batch -q -j1\t%s batch -q -j1 --dns=%s/zone %s\n' "$tool" "$mail" "$mail"
    printf 'dmarctrace batch -j1 --format=ndjson\t%s batch -j1 --format=ndjson --dns=%s/zone %s\n' "$tool" "$mail" "$mail"
    printf 'dmarctrace batch -j1 (text)\t%s batch -j1 --dns=%s/zone %s\n' "$tool" "$mail" "$mail"
    printf 'dmarctrace batch -q -j2\t%s batch -q -j2 --dns=%s/zone %s\n' "$tool" "$mail" "$mail"
    printf 'dmarctrace batch -j2 --format=ndjson\t%s batch -j2 --format=ndjson --dns=%s/zone %s\n' "$tool" "$mail" "$mail"
    if [ -n "$PLAIN_BUILD" ]; then
        printf 'the same -q -j1, OpenSSL decodes keys\t%s/src/dmarctrace batch -q -j1 --dns=%s/zone %s\n' "$(realpath "$PLAIN_BUILD")" "$mail" "$mail"
        printf 'the same ndjson -j1, OpenSSL decodes keys\t%s/src/dmarctrace batch -j1 --format=ndjson --dns=%s/zone %s\n' "$(realpath "$PLAIN_BUILD")" "$mail" "$mail"
    fi
    if command -v opendkim > /dev/null; then
        printf 'opendkim -t (DKIM only)\t./with-opendkim\n'
    fi
    if [ -d node_modules/mailauth ]; then
        printf 'mailauth (SPF, DKIM, ARC, DMARC)\tenv NODE_PATH=%s/node_modules node %s/mailauth.js %s/zone < list\n' "$work" "$here" "$mail"
    fi
} | python3 measure.py "$rounds" "$count"
