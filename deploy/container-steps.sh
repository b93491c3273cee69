#!/usr/bin/env bash
# What a container has, step by step, into a folder: deploy/Containerfile runs it, and so do the tests, which then run the program from there.
#   deploy/container-steps.sh FOLDER
set -euo pipefail
folder=${1:?"a folder to put the container's files into"}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

"$here/package.sh" linux-x64 "$folder/build"
mkdir -p "$folder/opt" "$folder/etc/framewire" "$folder/var/lib/framewire"
rm -rf "$folder/opt/framewire"
mv "$folder/build/linux-x64" "$folder/opt/framewire"
rmdir "$folder/build"
