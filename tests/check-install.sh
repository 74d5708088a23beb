#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# `make install` writes no file of the administrator's, and `make uninstall` removes nothing from a host that counts on it.
set -u

: "${top_srcdir:=$(dirname "$0")/..}" "${top_builddir:=$top_srcdir}"
. "$top_srcdir/tests/lib/tap.sh"

dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
conf=etc/virtstop/virtstop.conf

# run_make ARGUMENT...: as somebody would on his terminal, whatever make runs us.
run_make()
{
    env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u MAKEOVERRIDES -u DESTDIR LC_ALL=C \
        make --silent -C "$top_builddir" "$@" prefix=/usr exec_prefix=/usr sysconfdir=/etc localstatedir=/var \
        >"$dir/said" 2>&1
}

# The same into a prefix of its own, for it is by DESTDIR that make knows that this is no host.
run_make_here()
{
    env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u MAKEOVERRIDES -u DESTDIR LC_ALL=C PATH="$dir/fake:$PATH" \
        make --silent -C "$top_builddir" "$@" prefix="$dir/here" exec_prefix="$dir/here" sysconfdir="$dir/here/etc" \
        localstatedir="$dir/here/var" >"$dir/said" 2>&1
}

files()
{
    (cd "$1" && find . ! -type d)
}

# files that the administrator would take for his.
etc_files()
{
    find "$1/etc" ! -type d
}

# A systemctl that knows one unit, whose file and states stand in files.
fake_systemctl()
{
    mkdir -p "$dir/fake"
    cat >"$dir/fake/systemctl" <<FAKE
#!/bin/sh
case \$* in
show*FragmentPath*) cat "$dir/fragment" ;;
*is-enabled*) [ -e "$dir/enabled" ] ;;
*is-active*) [ -e "$dir/active" ] ;;
*) exit 1 ;;
esac
FAKE
    chmod +x "$dir/fake/systemctl"
}

# guard STATE...: make uninstall, with virtstop-guests.service in these states.
guard()
{
    rm -f "$dir/enabled" "$dir/active"
    for state; do
        : >"$dir/$state"
    done
    run_make_here uninstall
}

check_guarded()
{
    guard "$@" && echo 'make uninstall went ahead'
    grep -q "virtstop-guests.service is $1, .*the next poweroff .*systemctl disable --now virtstop-guests" "$dir/said" ||
        cat "$dir/said"
    [ "$(grep -c virtstop-guests "$dir/said")" = 1 ] || echo 'it is said more than once'
    files "$dir/here" | cmp - "$dir/before" || echo 'something was removed'
}

# The versions that the packages say.
versions()
{
    version=$(sed -n 's/^AC_INIT(\[virtstop\], \[\([^]]*\)\].*/\1/p' "$top_srcdir/configure.ac")
    head -n 1 "$top_srcdir/debian/changelog" | grep -F "($version)" >/dev/null || echo "debian/changelog is not of $version"
    grep -qx "Version: *$version" "$top_srcdir/packaging/virtstop.spec" || echo "virtstop.spec is not of $version"
}

echo 1..8

ok 'the packages have the version of configure.ac' "$(versions)"

run_make install DESTDIR="$dir/root"
ok 'make install writes no file below /etc' "$(etc_files "$dir/root")"
ok 'the defaults are the vendor'\''s' "$(cmp "$top_srcdir/data/virtstop.conf" "$dir/root/usr/lib/virtstop/virtstop.conf" 2>&1)"

echo '# mine' >"$dir/root/$conf"
run_make install DESTDIR="$dir/root"
ok 'a second make install leaves an edited file alone' "$([ "$(cat "$dir/root/$conf")" = '# mine' ] || cat "$dir/root/$conf")"
run_make uninstall DESTDIR="$dir/root"
ok 'make uninstall with DESTDIR removes all but that' "$(files "$dir/root" | grep -vx "./$conf"
    [ "$(cat "$dir/root/$conf")" = '# mine' ] || echo 'the edited file is gone'
    (cd "$dir/root/usr" && find . -name virtstop))"

fake_systemctl
run_make_here install
files "$dir/here" >"$dir/before"
echo "$dir/here/lib/systemd/system/virtstop-guests.service" >"$dir/fragment"
ok 'make uninstall stops while the hook is enabled' "$(check_guarded enabled active)"
ok 'make uninstall stops while the hook is active' "$(check_guarded active)"
ok 'make uninstall goes ahead when it is neither' "$(guard || cat "$dir/said"
    files "$dir/here")"

exit "$tap_failed"
