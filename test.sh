#!/usr/bin/env bash
# Sets up what the tests need and runs them all: formatting and analyzers as errors, the protos, unit, end to end, and foreign gRPC programs.
#   ./test.sh                 everything
#   ./test.sh --filter TEXT   only the tests whose full name contains TEXT
# Ends with a plain line "N passed, N failed". The official C++ gRPC programs have a slower script: tests/interop/cpp.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ./setup.sh

filter="Category!=InteropCpp"
if [[ "${1:-}" == --filter && -n "${2:-}" ]]; then
  filter="$filter&FullyQualifiedName~$2"
elif (( $# > 0 )); then
  sed -n '2,5s/^# \{0,1\}//p' "$0"
  exit 2
fi

need ffmpeg libturbojpeg0 xvfb x11-utils procps python3 python3-grpcio python3-grpc-tools python3-h2 curl openssl
command -v npm >/dev/null || need nodejs npm
need_dotnet
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

echo "== the foreign ends"
tests/interop/install.sh
# Not "npm ci": the lock file has only those of buf's optional platform packages that the registry of this project has.
(cd tests/interop/contracts && npm install --no-save --no-audit --no-fund --silent)

echo "== the protos (buf lint)"
(cd protos && ../tests/interop/contracts/node_modules/.bin/buf lint)

echo "== restore and build, warnings as errors"
dotnet restore --locked-mode --verbosity quiet
dotnet build --configuration Release --no-restore --verbosity quiet

echo "== formatting"
dotnet format --no-restore --verify-no-changes --severity warn

echo "== tests"
[[ -d ../shared ]] || echo "   without ../shared: the tests on real clips, damaged media and misbehaving servers are left out"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
FRAMEWIRE_TEN_STREAMS_SECONDS=${FRAMEWIRE_TEN_STREAMS_SECONDS:-60} timeout -s KILL 2400 \
  dotnet test --configuration Release --no-build --filter "$filter" 2>&1 | tee "$log" || status=$?

count() { grep -oE "$1: +[0-9]+" "$log" | tail -1 | grep -oE '[0-9]+' || echo 0; }
passed=$(count Passed) failed=$(count Failed) skipped=$(count Skipped)
if (( skipped > 0 )); then
  echo "$skipped left out"
  [[ -d ../shared ]] && { echo "with ../shared there is nothing to leave out: counted as failed"; failed=$((failed + skipped)); }
fi
(( status != 0 && failed == 0 )) && failed=1
(( passed == 0 )) && { echo "no test ran"; failed=$((failed + 1)); }
echo "$passed passed, $failed failed"
(( failed == 0 ))
