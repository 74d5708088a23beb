# SPDX-License-Identifier: LGPL-2.1-or-later
# libvirt with its modular daemons, which Debian does not ship: built of Debian's own source inside a root that has
# virtstop's packages (for tests/compat/hosts; sourced after roots.sh).

modular_packages=(
    gcc libacl1-dev libattr1-dev libcap-ng-dev libdevmapper-dev libglib2.0-dev libgnutls28-dev libjson-c-dev
    libnl-3-dev libnl-route-3-dev libpciaccess-dev libtirpc-dev libudev-dev libxml2-dev libxml2-utils libyajl-dev
    meson ninja-build pkg-config python3-docutils xsltproc
)

# What QEMU's guests need of it, as distributions build it who ship virtqemud; the user and group are Debian's.
modular_options=(
    --prefix=/usr --sysconfdir=/etc --localstatedir=/var --libdir=lib/x86_64-linux-gnu --buildtype=plain
    -Doptimization=0 -Dauto_features=disabled -Dlibnl=enabled -Dinit_script=systemd -Dremote_default_mode=direct
    -Ddriver_libvirtd=enabled -Ddriver_remote=enabled -Ddriver_qemu=enabled -Ddriver_test=enabled
    -Dlibpcap=disabled -Dqemu_user=libvirt-qemu -Dqemu_group=libvirt-qemu
)

# Inside the root. What is installed there is of the same release of libvirt.
build_modular='
    set -eu
    rm -rf /root/libvirt && mkdir /root/libvirt && cd /root/libvirt
    sed "s/^deb /deb-src /" /etc/apt/sources.list >/etc/apt/sources.list.d/vs-source.list
    apt-get update
    DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends '"${modular_packages[*]}"'
    # The tarball alone: a mirror may lack the other files of a release that was just updated.
    apt-get source --download-only --tar-only libvirt || true
    mkdir tree
    tar -C tree --strip-components=1 -xf libvirt_*.orig.tar.xz
    cd tree
    json=yajl # as it was before 10.8
    ! grep -qw json_c meson_options.txt || json=json_c
    meson setup build -D$json=enabled '"${modular_options[*]}"'
    ninja -C build
    DESTDIR=/root/modular.new meson install -C build --no-rebuild
    # Its directories there are those of the release, with their owners.
    rm -rf /root/modular.new/var /root/modular.new/run
    mv /root/modular.new /root/modular
    rm -rf /root/libvirt
'

# stage_modular ROOT STAGE: a stage appears under its name only when it is whole.
stage_modular()
{
    local root=$1 stage=$2

    [[ -d $stage ]] && return
    echo "Building libvirt with modular daemons in $root ($stage.log)" >&2
    rm -rf --one-file-system "$root/root/modular.new" "$root/root/modular"
    boxed "$root" 60m nice -n 10 sh -c "$build_modular" >"$stage.log" 2>&1 || die "cannot build libvirt: $stage.log"
    mv "$root/root/modular" "$stage"
}
