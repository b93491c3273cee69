#!/usr/bin/env bash
# Packs the program: one file a machine, in out/RUNTIME/framewire, with appsettings.json, the units and the proxies' files beside it.
#   deploy/package.sh                          linux-x64 and linux-arm64
#   deploy/package.sh linux-arm64 /tmp/here    one of them, somewhere else
# A machine needs nothing of .NET where its runtime could be packed in; else deploy/package.sh says so, and docs/deployment.md how to install it.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
into=${2:-$root/out}
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

publish() { # RUNTIME ARGUMENT…
  local runtime=$1
  shift
  rm -rf "${into:?}/$runtime"
  dotnet publish "$work/source/src/Framewire.Cli" --configuration Release --runtime "$runtime" --verbosity quiet --nologo \
    -p:RestorePackagesWithLockFile=false -p:DebugType=none -p:EnforceCodeStyleInBuild=false -p:RunAnalyzers=false -o "$into/$runtime" "$@"
}

pack() { # RUNTIME
  local runtime=$1
  if publish "$runtime" --self-contained -p:PublishSingleFile=true -p:IncludeNativeLibrariesForSelfExtract=true >"$work/log" 2>&1; then
    echo "$runtime: one file, with .NET in it"
  elif publish "$runtime" --no-self-contained -p:PublishSingleFile=true -p:IncludeNativeLibrariesForSelfExtract=true >"$work/log" 2>&1; then
    echo "$runtime: one file; .NET's runtime for $runtime cannot be had here, so that machine needs it (docs/deployment.md)"
  elif publish "$runtime" --no-self-contained -p:UseAppHost=false >"$work/log" 2>&1; then
    printf '#!/bin/sh\nexec dotnet "$(dirname "$(readlink -f "$0")")/framewire.dll" "$@"\n' >"$into/$runtime/framewire"
    chmod +x "$into/$runtime/framewire"
    echo "$runtime: a folder; neither .NET's runtime nor its launcher for $runtime can be had here, so that machine needs both (docs/deployment.md)"
  else
    cat "$work/log" >&2
    return 1
  fi
  rm -f "$into/$runtime"/*.xml
  cp "$root"/deploy/*.service "$root"/deploy/nginx.conf "$root"/deploy/haproxy.cfg "$root"/LICENSE "$into/$runtime/"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$into" "$work/source"
# A copy, without lock files: a program for another machine has packages that are not in those of this one.
tar -C "$root" --exclude bin --exclude obj --exclude packages.lock.json -cf - src protos global.json .editorconfig $(cd "$root" && ls -d Directory.* nuget.config NuGet.config 2>/dev/null) | tar -C "$work/source" -xf -
if (( $# > 0 )); then
  pack "$1"
else
  pack linux-x64
  pack linux-arm64
fi
