# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# host.sh: sourced by boot.sh after set_machine. What a missing tool means, and where a kernel comes from. After
# require_kernel: $kernel_root/boot/$kernel_image-$kernel_version and $kernel_root/lib/modules/$kernel_version exist; an
# empty $kernel_root is the host's own. After require_package: $packages has the trees of the packages that the host lacks.
# shellcheck disable=SC2034  # kernel_root, kernel_version and packages are for others
# shellcheck disable=SC2154  # bus_modules, kernel_image and kernel_package are machine.sh's, vm_root is boot.sh's

# What the test VM needs of a kernel, and a kernel made for clouds may lack.
vm_modules=("${bus_modules[@]}" 9p 9pnet_virtio overlay target_core_file tcm_loop iscsi_target_mod iscsi_tcp
            sg sd_mod dm_mod dm_multipath dm_service_time dm_round_robin virtio_scsi)

say() { echo "vm: $*"; }

# A tool that is missing skips the test on a developer's machine; CI promised to have it.
unavailable() {
  if [ "${CI:-}" = true ]; then say "FAILED: $* (and CI=true promises it)"; exit 1; fi
  say "SKIPPED: $*"; exit 77
}

require() {  # require TOOL PACKAGE
  command -v "$1" > /dev/null || unavailable "$1 is not installed (Debian package $2)"
}

packages=()
require_package() {  # require_package PROGRAM PACKAGE BUILD: for a package that would enable a service on the host
  local tree=$3/packages/$2 provided
  provide "$@" || unavailable "$1 is not installed, and apt-get cannot download $2"
  case $provided in "$tree"/*) packages+=("$tree") ;; esac
}

has_all_modules() {  # has_all_modules ROOT VERSION
  local module
  for module in "${vm_modules[@]}"; do
    modprobe -d "$1/" -S "$2" --show-depends "$module" > /dev/null 2>&1 || return 1
  done
}

choose_kernel() {  # choose_kernel ROOT: the newest readable kernel under ROOT that has what the VM needs
  local root=$1 version
  [ -d "$root/lib/modules" ] || return 1
  while read -r version; do
    if [ -r "$root/boot/$kernel_image-$version" ] && has_all_modules "$root" "$version"; then
      kernel_root=$root; kernel_version=$version; return 0
    fi
  done < <(find "$root/lib/modules/" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort -rV)
  return 1
}

# Debian's kernel, unpacked below the build directory: nothing is installed, the host's /boot is not touched.
fetch_kernel() {  # fetch_kernel DIR
  local dir=$1 package version
  package=$(apt-cache depends "linux-image-$kernel_package" 2> /dev/null |
    sed -n 's/^ *Depends: \(linux-image-[0-9]\S*\)$/\1/p' | sed -n 1p)
  [ -n "$package" ] || unavailable "no kernel with LIO and 9p here, and apt knows no linux-image-$kernel_package"
  rm -rf "$dir.new"; mkdir -p "$dir.new"
  say "fetching $package"
  (cd "$dir.new" && apt-get download -q "$package") || unavailable "apt-get cannot download $package"
  dpkg -x "$dir.new"/*.deb "$dir.new"; rm "$dir.new"/*.deb
  if [ -d "$dir.new/usr/lib/modules" ]; then mkdir -p "$dir.new/lib"; mv "$dir.new/usr/lib/modules" "$dir.new/lib/"; fi  # Debian 13
  for version in "$dir.new"/lib/modules/*; do depmod -b "$dir.new" "${version##*/}"; done
  rm -rf "$dir"; mv "$dir.new" "$dir"
}

require_kernel() {  # require_kernel DIR
  if [ "$vm_root" = / ] && choose_kernel ""; then return; fi
  choose_kernel "$1" && return
  require apt-get apt; require apt-cache apt; require dpkg dpkg
  fetch_kernel "$1"
  choose_kernel "$1" || unavailable "the kernel in $1 lacks a module of: ${vm_modules[*]}"
}
