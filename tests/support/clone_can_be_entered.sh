#!/bin/bash
# SPDX-License-Identifier: MIT
# clone_can_be_entered.sh DIR: whether other users can run what is built in DIR. Tests start programs as user nobody; in a clone
# below /root (mode 0700) those tests would fail, each in its own way.
set -euo pipefail
place=
while read -r -d / part; do
  place=$place/$part
  mode=$(stat -c %a -- "$place")
  if (((0$mode & 1) == 0)); then
    echo "other users cannot enter $place (mode $mode): clone into a directory that they can enter, such as /srv" >&2
    [ "${CI:-}" = true ] && exit 1
    exit 77  # those tests are skipped
  fi
done <<< "$(realpath -- "$1" | cut -c 2-)/"
