# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# packages.sh: sourced. Debian packages that enable a service where they are installed (multipath-tools, open-iscsi, apparmor,
# prometheus): what a test needs of them is unpacked below the build directory instead.

# with_dependencies PACKAGE: its name and the names of those it depends on, as far as they are not installed.
with_dependencies() {
  apt-get install --simulate --no-install-recommends "$1" 2> /dev/null | sed -n 's/^Inst \(\S*\) .*/\1/p'
}

# unpack_packages DIR PACKAGE...: DIR/usr, DIR/etc; nothing if DIR exists. Several tests may do so at a time.
unpack_packages() {
  local dir=$1 package directory; shift
  mkdir -p "$(dirname "$dir")"
  (
    exec 8> "$dir.lock"; flock 8
    [ ! -d "$dir" ] || exit 0
    [ $# -gt 0 ] || exit 1
    rm -rf "$dir.new"; mkdir -p "$dir.new"; cd "$dir.new" || exit 1
    timeout 240 apt-get download -qq "$@" > /dev/null 2>&1 || exit 1
    for package in *.deb; do dpkg -x "$package" . || exit 1; done
    rm -rf ./*.deb usr/share/{doc,man,locale}
    for directory in bin sbin lib lib64; do  # links into usr on the host
      [ -d "$directory" ] || continue
      mkdir -p "usr/$directory"; cp -a "$directory/." "usr/$directory/"; rm -r "$directory"
    done
    cd /; mv -T "$dir.new" "$dir"
  )
}

# provide PROGRAM PACKAGE BUILD: $provided is the program's path: the host's, or in the unpacked package in BUILD/packages.
provide() {
  local tree=$3/packages/$2
  if provided=$(PATH=$PATH:/usr/sbin:/sbin command -v "$1"); then return; fi
  if [ ! -d "$tree" ]; then
    command -v apt-get > /dev/null || return
    # shellcheck disable=SC2046  # names of packages
    unpack_packages "$tree" $(with_dependencies "$2") || return
  fi
  for provided in "$tree"/usr/{bin,sbin}/"$1"; do
    [ ! -x "$provided" ] || return 0
  done
  return 1
}
