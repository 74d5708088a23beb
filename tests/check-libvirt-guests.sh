#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# virtstop takes the guests over from libvirt-guests, and gives them back: that is as it was found, whatever that was.
set -u

: "${top_srcdir:=$(dirname "$0")/..}" "${top_builddir:=$top_srcdir}"
. "$top_srcdir/tests/lib/tap.sh"

dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/fake" "$dir/units"

# The program, with all that it looks at and writes below $dir.
program=$dir/program
sed -e "s|^state=.*/lib/misc|state=$dir/misc|" -e "s|/run/systemd|$dir/run/systemd|" -e "s|/var/lib/libvirt|$dir|" \
    -e "s|/etc/default|$dir/default|; s|/etc/sysconfig|$dir/sysconfig|" \
    "$top_builddir/data/virtstop-libvirt-guests" >"$program"

# A systemctl that keeps each unit's enablement in a file, and what is active in another. It refuses to stop anything.
cat >"$dir/fake/systemctl" <<FAKE
#!/bin/sh
cd "$dir/units" || exit 1
runtime=
while :; do
    case \$1 in
    --runtime) runtime=-runtime ;;
    --quiet) ;;
    *) break ;;
    esac
    shift
done
echo "\$1\$runtime \${2-}" >>"$dir/calls"
case \$1 in
is-enabled) cat "\$2" 2>/dev/null; grep -q enabled "\$2" ;;
is-active) [ -e "\$2.active" ] ;;
disable) echo disabled >"\$2" ;;
enable) echo "enabled\$runtime" >"\$2" ;;
start) : >"\$2.active" ;;
daemon-reload) ;;
*) exit 1 ;;
esac
FAKE
chmod +x "$dir/fake/systemctl"

run()
{
    PATH=$dir/fake:$PATH sh "$program" "$@" >>"$dir/said" 2>&1
}

# host FOUND [ACTIVE]: a host where virtstop was just installed, and libvirt-guests is that.
host()
{
    rm -rf "$dir/units" "$dir/misc" "$dir/run" "$dir/default" "$dir/sysconfig" "$dir/libvirt-guests"
    : >"$dir/calls"
    : >"$dir/said"
    mkdir -p "$dir/units" "$dir/run/systemd/system" "$dir/default"
    : >"$dir/default/libvirt-guests"
    echo enabled >"$dir/units/virtstop-guests.service"
    : >"$dir/units/virtstop-guests.service.active"
    echo disabled >"$dir/units/virtstop-restore.service"
    [ "$1" = not-found ] || echo "$1" >"$dir/units/libvirt-guests.service"
    [ -z "${2-}" ] || : >"$dir/units/libvirt-guests.service.active"
}

# boot: what is enabled is active, and /run is empty.
boot()
{
    rm -rf "$dir/run" "$dir"/units/*.active
    mkdir -p "$dir/run/systemd/system"
    for file in "$dir"/units/*; do
        if grep -q enabled "$file"; then : >"$file.active"; fi
    done
}

is()
{
    word=$(cat "$dir/units/$1.service" 2>/dev/null || echo not-found)
    [ "$word" = "$2" ] || echo "$1 is $word, not $2"
}

# Whether it asks guests at its stop.
is_active()
{
    if [ -e "$dir/units/libvirt-guests.service.active" ] && [ -z "$(find "$dir/run" -name '*.conf')" ]; then
        [ "$1" = yes ] || echo 'libvirt-guests is active'
    else
        [ "$1" = no ] || echo 'libvirt-guests is not active'
    fi
}

touched()
{
    grep -E '^(stop|restart|try-restart|mask|unmask|start.*virtstop)' "$dir/calls"
}

# round FOUND ACTIVE: installed, removed; and with a boot between them.
round()
{
    for between in : boot; do
        host "$1" "$2"
        run take
        case $1 in enabled*) is libvirt-guests disabled ;; *) is libvirt-guests "$1" ;; esac
        is_active no
        run take # an upgrade
        $between
        is_active no
        run give-back
        is libvirt-guests "$1"
        touched
        [ -z "$(find "$dir/misc" "$dir/run" -type f)" ] || find "$dir/misc" "$dir/run" -type f
        case $1 in enabled*) is_active yes ;; esac
    done
}

settings()
{
    echo "$1" >"$dir/default/libvirt-guests"
}

echo 1..10

ok 'found enabled and active' "$(round enabled active)"
ok 'found enabled, and not active' "$(round enabled '')"
ok 'found enabled until the next boot' "$(round enabled-runtime active)"
ok 'found disabled' "$(round disabled '')"
ok 'found masked' "$(round masked '')"
ok 'found nowhere' "$(host not-found
    run take
    is libvirt-guests not-found
    run give-back || cat "$dir/said"
    touched)"
ok 'what an administrator made of it meanwhile stays' "$(host enabled active
    run take
    echo masked >"$dir/units/libvirt-guests.service"
    run give-back
    is libvirt-guests masked)"
ok 'it is not taken where the hook is not up' "$(for state in disabled inactive; do
    host enabled active
    case $state in
    disabled) echo disabled >"$dir/units/virtstop-guests.service" ;;
    inactive) rm "$dir/units/virtstop-guests.service.active" ;;
    esac
    run take
    is libvirt-guests enabled
    is_active yes
done)"
ok 'ON_BOOT=start has virtstop-restore enabled' "$(host enabled active
    run take
    is virtstop-restore disabled
    host enabled active
    settings 'ON_BOOT="start"  # as always'
    run take
    is virtstop-restore enabled
    is libvirt-guests disabled
    touched)"
ok 'with settings of its own it stays, and an old list starts no guest' "$(host enabled active
    settings 'URIS="default lxc:///system"'
    run take
    is libvirt-guests enabled
    is_active yes
    grep -q doctor "$dir/said" || cat "$dir/said"
    echo disabled >"$dir/units/libvirt-guests.service"
    boot
    echo 'qemu:///system 1' >"$dir/libvirt-guests"
    run give-back
    is libvirt-guests enabled
    is_active yes
    [ ! -e "$dir/libvirt-guests" ] || echo 'the list is still there')"

exit "$tap_failed"
