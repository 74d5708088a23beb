# SPDX-License-Identifier: LGPL-2.1-or-later
# Debian roots to build and test in, for tests/compat/run, tests/compat/hosts and tests/compat/clean-room (sourced, bash).

set -euo pipefail

: "${VS_COMPAT_DIR:=/var/tmp/virtstop-compat}"

die()
{
    echo "${0##*/}: $*" >&2
    exit 1
}

require_tools()
{
    local tool

    ((EUID == 0)) || die "must be run as root"
    for tool in "$@"; do
        command -v "$tool" >/dev/null || die "$tool is missing (apt-get install debootstrap git systemd-container util-linux)"
    done
}

# The mirror that this machine's own apt takes Debian from.
debian_mirror()
{
    local mirror

    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Component: main' |
             grep -m1 '/debian/$') || die "no Debian mirror in the apt sources of this machine"
    echo "$mirror"
}

# Local settings of apt (a proxy, a relaxed clock) hold inside too, and where it is this machine's own
# release, so do its updates.
copy_apt_settings()
{
    local suite=$1 root=$2 file updates

    for file in /etc/apt/apt.conf.d/99*; do
        [[ -f $file ]] && cp "$file" "$root/etc/apt/apt.conf.d/"
    done
    updates=$(apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) main' 'Created-By: Packages' \
        'Component: main' | grep -E " $suite-(updates|security) main\$" || true)
    [[ -z $updates ]] || echo "$updates" >>"$root/etc/apt/sources.list"
    cp --remove-destination /etc/resolv.conf "$root/etc/resolv.conf"
}

# A root appears under its name only when it is whole.
bootstrap_root()
{
    local suite=$1 root=$2 mirror

    [[ -d $root ]] && return
    mirror=$(debian_mirror)
    rm -rf --one-file-system "$root.new"
    mkdir -p "$root.new"
    echo "Bootstrapping $suite from $mirror ($root.bootstrap.log)" >&2
    unshare --mount --pid --fork --kill-child \
        timeout --foreground --kill-after=10 30m \
        debootstrap --variant=minbase --include=ca-certificates "$suite" "$root.new" "$mirror" \
        >"$root.bootstrap.log" 2>&1 </dev/null || die "cannot bootstrap $suite: $(tail -n 5 "$root.bootstrap.log")"
    copy_apt_settings "$suite" "$root.new"
    mv "$root.new" "$root"
}

# in_root ROOT TIMEOUT COMMAND...: its processes and mounts end with it, and with us.
in_root()
{
    local root=$1 limit=$2
    shift 2

    setpriv --pdeathsig KILL -- timeout --foreground --signal=KILL "$limit" \
        setpriv --pdeathsig KILL -- unshare --mount --pid --fork --kill-child \
        bash -euc '
            root=$1; shift
            # A mount point, so that what runs inside can have mount namespaces of its own.
            mount --bind "$root" "$root"
            mount -t proc proc "$root/proc"
            mount --rbind /sys "$root/sys"
            mount --rbind /dev "$root/dev"
            mount -t tmpfs -o mode=755 tmpfs "$root/run"
            mkdir "$root/run/lock"
            exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 TERM=dumb \
                chroot "$root" "$@"
        ' in_root "$root" "$@" </dev/null
}

# boxed ROOT TIMEOUT COMMAND...: the same in a container with a /dev of its own, for what installs packages: their
# scripts would give the machine's devices (/dev/kvm) to the groups of that root.
boxed()
{
    local root=$1 limit=$2
    shift 2

    setpriv --pdeathsig KILL -- timeout --foreground --signal=TERM --kill-after=10 "$limit" \
        systemd-nspawn --quiet --directory="$root" --register=no --keep-unit --as-pid2 --console=pipe \
        --setenv=HOME=/root --setenv=LANG=C.UTF-8 "$@" </dev/null
}

# What is committed, and nothing that lies about in the tree. Where root clones it, which is closed to others.
clone_tree()
{
    local tree=$1 root=$2

    rm -rf --one-file-system "$root/root/virtstop"
    git clone --quiet --no-hardlinks "$tree" "$root/root/virtstop"
}
