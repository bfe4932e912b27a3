# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# initrd.sh: sourced by boot.sh after host.sh, require_kernel and require_package. Builds the initial RAM disk that puts the
# test VM onto the host's root; the one that is the whole system of the guest inside the test VM, and that guest's kernel;
# and that guest itself, started and saved.
# shellcheck disable=SC2154  # kernel_root, kernel_version and packages are host.sh's, bus_modules machine.sh's, and
# vm_busybox boot.sh's; guest_machine, guest_kernel_options and monitor are guest_machine.sh's

copy_modules() {  # copy_modules TREE MODULE...: the modules and what they need, in the order of insmod
  local tree=$1 file base module; shift
  mkdir -p "$tree/mods"; : > "$tree/order"
  for module in "$@"; do
    modprobe -d "$kernel_root/" -S "$kernel_version" --show-depends "$module" |
      sed -n 's/^insmod \(.*\.ko[.a-z]*\).*/\1/p'
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
      mkdir -p "$tree$(dirname "$library")"; cp -L "$library" "$tree$library"
    done
  done
}

# Whoever reads a file of before goes on reading that: another test's VM may be about to start.
pack() {  # pack TREE FILE
  (cd "$1" && find . | cpio -o -H newc --quiet) > "$2.new"
  mv "$2.new" "$2"
}

start_tree() {  # start_tree TREE INIT
  rm -rf "$1"; mkdir -p "$1"/{bin,proc,sys,dev,tmp}
  cp "$vm_busybox" "$1/bin/busybox"
  cp "$2" "$1/init"; chmod +x "$1/init"
}

make_outer_initrd() {  # make_outer_initrd SOURCE WORK: WORK/outer.cpio
  start_tree "$2/outer" "$1/init-outer.sh"; mkdir -p "$2"/outer/{lower,rw,newroot}
  cp "$1/guest-entry.sh" "$2/outer/"
  mkdir "$2/outer/packages"
  local tree
  for tree in "${packages[@]}"; do cp -a "$tree/." "$2/outer/packages/"; done
  copy_modules "$2/outer" "${bus_modules[@]}" 9p 9pnet_virtio overlay
  pack "$2/outer" "$2/outer.cpio"
}

make_inner_initrd() {  # make_inner_initrd SOURCE WORK: WORK/inner.cpio
  start_tree "$2/inner" "$1/init-inner.sh"
  copy_modules "$2/inner" virtio_pci virtio_scsi sd_mod sg
  copy_with_libraries "$2/inner" sg_persist sg_raw
  pack "$2/inner" "$2/inner.cpio"
}

number_at() { od -An -tu"$3" -j"$2" -N"$3" "$1" | tr -d ' '; }  # number_at FILE OFFSET WIDTH

# The payload of a bzImage (the kernel's x86 boot protocol: setup_sects, payload_offset, payload_length).
# Unpacking it in the test VM takes as long as starting it.
make_vmlinux() {  # make_vmlinux WORK: WORK/vmlinux
  local image=$kernel_root/boot/vmlinuz-$kernel_version start length unpack
  start=$(((1 + $(number_at "$image" 497 1)) * 512 + $(number_at "$image" 584 4)))
  length=$(number_at "$image" 588 4)
  case $(number_at "$image" "$start" 2) in
    35615) unpack="gzip -dc" ;;                           # 1F 8B
    14333) unpack="xz -dc"; length=$((length - 4)) ;;     # FD 37; followed by the unpacked length, which only
    46376) unpack="zstd -dc"; length=$((length - 4)) ;;   # 28 B5; gzip has in its own format
    *) cp "$image" "$1/vmlinux.new"; mv "$1/vmlinux.new" "$1/vmlinux"; return ;;
  esac
  # shellcheck disable=SC2086  # a program and its option
  { tail -c +$((start + 1)) "$image" || true; } |  # head leaves early
    head -c "$length" | $unpack > "$1/vmlinux.new"
  mv "$1/vmlinux.new" "$1/vmlinux"
}

# The guest where it waits for its first line (guest_session.sh).
save_guest() {  # save_guest WORK: WORK/guest.state
  local line='' pid
  open_monitor "$1"
  coproc guest { exec timeout 240 "${guest_machine[@]}" "${monitor[@]}" -kernel "$1/vmlinux" -initrd "$1/inner.cpio" \
    -append "$guest_kernel_options" 2>&1 9>&-; }
  # shellcheck disable=SC2154  # the shell's
  pid=$guest_PID
  until [[ $line == READY* ]]; do
    IFS= read -r -t 240 line <&"${guest[0]}" || { kill "$pid"; say "FAILED: the guest does not start: $line"; return 1; }
  done
  if qmp qmp_capabilities '"return"' && qmp migrate '"STOP"' "\"uri\": \"exec:cat > '$1/guest.state.new'\""; then
    until [[ ${qmp_said:-} == *'"completed"'* ]]; do sleep 0.1; qmp query-migrate '"return"' || break; done
  fi
  qmp quit '"return"' || kill "$pid"
  wait "$pid"
  mv "$1/guest.state.new" "$1/guest.state"
}
