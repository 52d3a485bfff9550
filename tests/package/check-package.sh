#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# The Debian packages from a clean clone to a bare system and back: built with dpkg-buildpackage, lintian without errors, installed with apt in
# a new minbase root, used there (debian/tests), purged without a trace. By hand, as root, before a release; takes five to ten minutes:
#   tests/package/check-package.sh [FOLDER]      FOLDER keeps packages and logs; without it they go with the rest
# Needs debhelper, lintian, debootstrap, what ./bootstrap test installs, and a network for apt. Prints TAP.
set -u
cd "$(dirname "$0")/../.." || exit 70
work=$(mktemp -d)
keep=${1-$work/kept}
mkdir -p "$keep" || exit 73
keep=$(cd "$keep" && pwd)
root=$work/root
count=0
failures=0

clean_up() {
    umount "$root/proc" 2>/dev/null
    # Nothing of the machine may hang in the root any more when it is removed.
    if ! grep -q " $root/" /proc/mounts; then
        rm -rf "$work"
    fi
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# point CLAIM COMMAND...: what it prints goes to a log; shown when it fails.
point() {
    claim=$1
    shift
    count=$((count + 1))
    if "$@" >"$keep/$count.log" 2>&1; then
        printf 'ok %d - %s\n' "$count" "$claim"
        return 0
    fi
    failures=$((failures + 1))
    printf 'not ok %d - %s\n' "$count" "$claim"
    tail -n 30 "$keep/$count.log" | sed 's/^/# /'
    return 1
}

need() {
    point "$@" && return
    printf '1..%d\n' "$count"
    exit 1
}

build() {
    (cd "$work/src/dmarctrace" && dpkg-buildpackage -us -uc -b) && cp "$work"/src/*.deb "$work"/src/*.changes "$work"/src/*.buildinfo "$keep"
}

is_clean() {
    [ -z "$(git -C "$work/src/dmarctrace" status --porcelain --untracked-files=no)" ]
}

# The archive that apt uses here, for the release that is built for.
archive() {
    apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' | sed -n "s/ $suite\$//p" | head -n 1
}

make_root() {
    debootstrap --variant=minbase "$suite" "$root" "$(archive)" &&
        cp -r /etc/apt/sources.list.d /etc/apt/keyrings "$root/etc/apt/" &&
        rm -f "$root/etc/apt/sources.list" &&
        mkdir -p "$root/packages" "$root/checks" &&
        cp "$keep"/*.deb "$root/packages/" &&
        cp debian/tests/explain debian/tests/library "$root/checks/" &&
        { mount -t proc proc "$root/proc" || echo 'no /proc in the root'; } &&
        inside apt-get update -q
}

inside() {
    chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive HOME=/root "$@"
}

install() {
    inside sh -c "cd /packages && apt-get install -q -y --no-install-recommends $(printf './%s ' "$@")"
}

# What the packages brought, for the look afterwards.
list_files() {
    inside sh -c 'dpkg -L dmarctrace libdmarctrace0 libdmarctrace-dev | grep dmarctrace | sort -u > /brought && test -s /brought'
}

is_gone() {
    inside sh -c 'status=0
        while read -r file; do
            if [ -e "$file" ] || [ -L "$file" ]; then echo "still there: $file"; status=1; fi
        done < /brought
        find / -xdev \( -path /packages -o -path /checks -o -path /proc -o -path /var/log -o -path /var/cache/apt \) -prune -o -name "*dmarctrace*" -print | grep . && status=1
        dpkg-query -W -f "\${Package} \${Status}\n" | grep dmarctrace && status=1
        exit $status'
}

suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
mkdir "$work/src"
need 'a clean clone' git clone -q . "$work/src/dmarctrace"
need 'dpkg-buildpackage builds it' build
point 'no file of the clone is changed by that' is_clean
point 'lintian sees no error' lintian --allow-root --fail-on error "$keep"/*.changes
need 'a minbase root' make_root
need 'apt installs the program' install 'dmarctrace_*.deb'
point 'it explains installed samples' inside sh /checks/explain
point 'its manual page is there' inside test -s /usr/share/man/man1/dmarctrace.1.gz
point 'live DNS has its library' inside sh -c 'dmarctrace --version | grep -q "^DNS library: .*[0-9]"'
need 'apt installs the library beside it' install 'libdmarctrace0_*.deb' 'libdmarctrace-dev_*.deb'
need 'and a compiler' inside apt-get install -q -y --no-install-recommends gcc libc6-dev make pkgconf
point 'the sample program is built and works' inside sh /checks/library
point 'the packages brought files' list_files
point 'apt removes and purges them' inside apt-get purge -q -y dmarctrace libdmarctrace0 libdmarctrace-dev
point 'without a trace' is_gone
printf '1..%d\n' "$count"
[ "$failures" -eq 0 ]
