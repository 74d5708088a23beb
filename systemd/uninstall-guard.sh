#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# uninstall-guard.sh UNIT: fails, and says what to do, while systemd counts on this virtstop-guests.service: without its
# program the next poweroff would cut every guest off. `make uninstall` asks first.
set -u

unit=$1
name=${unit##*/}

command -v systemctl >/dev/null || exit 0
path=$(systemctl show --property=FragmentPath --value "$name" 2>/dev/null)
if [ -z "$path" ]; then
    # systemd doesn't run here, but may have this in an image that is booted later.
    case $unit in /lib/* | /usr/lib/* | /usr/local/lib/* | /etc/*) path=$unit ;; esac
fi
# Another one than ours: of a package, or of another prefix.
[ "$path" -ef "$unit" ] ||
    systemctl show --property=ExecStop --value "$name" 2>/dev/null | grep -qF "path=$2/virtstop-guests " || exit 0

if systemctl --quiet is-enabled "$name" 2>/dev/null; then
    how=enabled
elif systemctl --quiet is-active "$name" 2>/dev/null; then
    how=active
elif [ -e "${3-}" ]; then
    echo "libvirt-guests was taken over, and is not given back: run \"$2/virtstop-libvirt-guests give-back\", and make uninstall again." >&2
    exit 1
else
    exit 0
fi
echo "$name is $how, and without it the next poweroff cuts every guest off: give the guests back to libvirt-guests by" \
    "\"$2/virtstop-libvirt-guests give-back\" (where it was not taken over: \"systemctl enable --now libvirt-guests\"), then run" \
    "\"systemctl disable --now virtstop-guests virtstop-restore virtstopd\", which touches no guest, and make uninstall again." >&2
exit 1
