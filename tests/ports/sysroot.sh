# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# sysroot.sh: sourced by script/ports. Another architecture's libraries, and the programs that its test VM needs, unpacked
# below build/ports/ARCH from Debian's packages by a configuration of apt of its own. Nothing of it is installed.

# shellcheck disable=SC2034  # for others
# set_port ARCH: $debian (Debian's name), $triplet (the compiler's); the packages of its root.
set_port() {
  case $1 in
    aarch64) debian=arm64 triplet=aarch64-linux-gnu ;;
    s390x) debian=s390x triplet=s390x-linux-gnu ;;
    ppc64le) debian=ppc64el triplet=powerpc64le-linux-gnu ;;
    musl)
      debian=amd64 triplet=x86_64-linux-musl
      sysroot_packages=(libfmt-dev libexpected-dev libcap-ng-dev libseccomp-dev libcli11-dev nlohmann-json3-dev libcpp-httplib-dev)
      header_packages=(musl-dev "libc++-$musl_clang-dev" linux-libc-dev systemtap-sdt-dev) ;;
    *) return 1 ;;
  esac
}

musl_clang=19  # the one that Debian 12 and 13 have; 14's C++ library lacks half of <algorithm>

sysroot_packages=(
  # what the programs and their tests need
  libc6-dev libstdc++6 libfmt-dev libexpected-dev libcap-ng-dev libseccomp-dev libcli11-dev nlohmann-json3-dev libcpp-httplib-dev
  libgtest-dev libgmock-dev librapidcheck-dev libsgutils2-dev
  # what tests/vm/port.sh needs
  bash coreutils util-linux mount kmod grep sed findutils busybox-static base-passwd
)
# without what they depend on
header_packages=(systemtap-sdt-dev)  # on Python, of which its header knows nothing

# The machine's own mirrors of Debian, for another architecture. APT_CONFIG is read before the machine's settings, so that
# its proxies hold too.
make_apt_configuration() {  # make_apt_configuration DIR ARCH-OF-DEBIAN
  local keyring=/usr/share/keyrings/debian-archive-keyring.gpg signed=''
  [ ! -e $keyring ] || signed="[signed-by=$keyring] "
  mkdir -p "$1"/state/lists/partial "$1"/cache/archives/partial "$1/log"; : > "$1/status"
  apt-get indextargets --format "deb $signed\$(REPO_URI) \$(CODENAME) \$(COMPONENT)" \
    'Created-By: Packages' 'Origin: Debian' | sort -u > "$1/sources.list"
  if [ ! -s "$1/sources.list" ]; then
    echo "apt knows no mirror of Debian: run apt-get update first (other distributions have no such packages)" >&2
    return 1
  fi
  cat > "$1/apt.conf" << END
APT::Architecture "$2"; APT::Architectures { "$2"; };
APT::Install-Recommends "false"; APT::Sandbox::User "root"; pkgCacheGen::Essential "none";
Acquire::Languages "none"; Acquire::Retries "3";
Dir::State "$1/state"; Dir::State::status "$1/status"; Dir::Cache "$1/cache"; Dir::Log "$1/log";
Dir::Etc::sourcelist "$1/sources.list"; Dir::Etc::sourceparts "-";
END
}

unpack() {  # unpack TREE PACKAGE...
  local package
  for package in "${@:2}"; do
    dpkg-deb --fsys-tarfile "$package" | tar -x -C "$1" --keep-directory-symlink
  done
}

# Links of a package are to the root that it is installed in; a linker on this machine would follow them into its own.
make_links_relative() {  # make_links_relative TREE
  local link target
  find "$1" -type l -lname '/*' | while read -r link; do
    target=$(readlink "$link")
    ln -sfrT "$1$target" "$link"
  done
}

# make_sysroot DIR PORT: DIR/root, DIR/apt/apt.conf. Made again if the list of packages has changed.
make_sysroot() {
  local dir=$1 port=$2 wanted="${sysroot_packages[*]} ${header_packages[*]}" directory
  if [ "$(cat "$dir/root.packages" 2> /dev/null)" = "$wanted" ]; then return; fi
  rm -rf "$dir/root" "$dir/root.packages"; mkdir -p "$dir/root/usr"
  for directory in bin sbin lib lib64; do  # as on every Debian since 12
    mkdir "$dir/root/usr/$directory"; ln -s usr/$directory "$dir/root/$directory"
  done
  make_apt_configuration "$dir/apt" "$debian"
  (
    export APT_CONFIG=$dir/apt/apt.conf
    apt-get update -q || echo "apt-get update failed in part; going on with what there is"
    apt-get install -q -y --download-only "${sysroot_packages[@]}"
    cd "$dir/apt/cache/archives" || exit 1
    [ "$port" != musl ] || rm -f libc6-dev_*  # others depend on it, and it has headers of the same names
    apt-get download -q "${header_packages[@]}"
  )
  unpack "$dir/root" "$dir"/apt/cache/archives/*.deb
  make_links_relative "$dir/root"
  if [ "$port" != musl ]; then  # as their maintainer scripts would
    [ -e "$dir/root/bin/sh" ] || ln -s bash "$dir/root/bin/sh"
    cp "$dir"/root/usr/share/base-passwd/passwd.master "$dir/root/etc/passwd"
    cp "$dir"/root/usr/share/base-passwd/group.master "$dir/root/etc/group"
  fi
  echo "$wanted" > "$dir/root.packages"
}
