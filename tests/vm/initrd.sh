# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# initrd.sh: sourced by boot.sh after host.sh and require_kernel. Builds the two initial RAM disks: the one that puts
# the test VM onto the host's root, and the one that is the whole system of the guest inside the test VM.

copy_modules() {  # copy_modules TREE MODULE...: the modules and what they need, in the order of insmod
  local tree=$1 file base; shift
  mkdir -p "$tree/mods"; : > "$tree/order"
  for module in "$@"; do
    modprobe -d "$kernel_root/" -S "$kernel_version" --show-depends "$module" | awk '/^insmod/{print $2}'
  done | awk '!seen[$0]++' | while read -r file; do
    base=$(basename "$file"); base=${base%%.ko*}.ko
    case $file in
      *.xz) xz -dc "$file" ;;
      *.zst) zstd -dc "$file" ;;
      *) cat "$file" ;;
    esac > "$tree/mods/$base"
    echo "$base" >> "$tree/order"
  done
}

copy_with_libraries() {  # copy_with_libraries TREE PROGRAM...
  local tree=$1 program library; shift
  for program in "$@"; do
    program=$(command -v "$program"); cp -L "$program" "$tree/bin/"
    ldd "$program" | grep -o '/[^ ]*' | while read -r library; do
      mkdir -p "$tree$(dirname "$library")"; cp -Ln "$library" "$tree$library"
    done
  done
}

pack() {  # pack TREE FILE
  (cd "$1" && find . | cpio -o -H newc --quiet | gzip -1) > "$2"
}

start_tree() {  # start_tree TREE INIT
  rm -rf "$1"; mkdir -p "$1"/{bin,proc,sys,dev,tmp}
  cp "$(command -v busybox)" "$1/bin/busybox"
  cp "$2" "$1/init"; chmod +x "$1/init"
}

make_outer_initrd() {  # make_outer_initrd SOURCE WORK: WORK/outer.gz
  start_tree "$2/outer" "$1/init-outer.sh"; mkdir -p "$2"/outer/{lower,rw,newroot}
  cp "$1/guest-entry.sh" "$2/outer/"
  copy_modules "$2/outer" virtio_pci 9p 9pnet_virtio overlay
  pack "$2/outer" "$2/outer.gz"
}

make_inner_initrd() {  # make_inner_initrd SOURCE WORK: WORK/inner.gz
  start_tree "$2/inner" "$1/init-inner.sh"
  copy_modules "$2/inner" virtio_pci virtio_scsi sd_mod sg
  copy_with_libraries "$2/inner" sg_persist sg_raw
  pack "$2/inner" "$2/inner.gz"
}
