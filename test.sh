#!/usr/bin/env bash
# Sets up what the tests need and runs them all: formatting and analyzers as errors, the protos, the page, unit, end to end, foreign programs,
# a real browser, and the benchmark in its short form.
#   ./test.sh                 everything
#   ./test.sh --filter TEXT   only the .NET tests whose full name contains TEXT
# Ends with a plain line "N passed, N failed". The official C++ gRPC programs have a slower script: tests/interop/cpp.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ./setup.sh

filter="Category!=InteropCpp"
everything=true
if [[ "${1:-}" == --filter && -n "${2:-}" ]]; then
  filter="$filter&FullyQualifiedName~$2"
  everything=false
elif (( $# > 0 )); then
  sed -n '2,6s/^# \{0,1\}//p' "$0"
  exit 2
fi

# Of prometheus only promtool is needed: its service is not left running where there was none.
had_prometheus=true
command -v promtool >/dev/null || had_prometheus=false
need ffmpeg libturbojpeg0 xvfb x11-utils procps iproute2 iptables python3 python3-grpcio python3-grpc-tools python3-h2 python3-opencv opencv-data curl openssl nginx haproxy prometheus systemd binutils chromium fonts-dejavu-core
if ! $had_prometheus && [[ -d /run/systemd/system ]]; then
  if (( EUID == 0 )); then systemctl disable --now prometheus; else sudo systemctl disable --now prometheus; fi
fi
need_node
need_dotnet
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

passed=0 failed=0 skipped=0
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

# add LOG PASSED FAILED SKIPPED: adds the last number that stands behind each of three words in a test run's output.
add() {
  local number
  number() { sed 's/\x1b\[[0-9;]*m//g' "$logs/$1" | grep -oE "$2" | tail -1 | grep -oE '[0-9]+' || echo 0; }
  local p f s
  p=$(number "$1" "$2") f=$(number "$1" "$3") s=$(number "$1" "$4")
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  (( p > 0 )) || { echo "no test ran"; failed=$((failed + 1)); }
}

# run LOG COMMAND…: runs tests, keeps what they say, and counts a run that broke without a failed test as one.
run() {
  local log=$1 status=0 before=$failed
  shift
  "$@" 2>&1 | tee "$logs/$log" || status=$?
  case $log in
    page) add "$log" 'Tests .* [0-9]+ passed' 'Tests +[0-9]+ failed' '[0-9]+ skipped' ;;
    dotnet) add "$log" 'Passed: +[0-9]+' 'Failed: +[0-9]+' 'Skipped: +[0-9]+' ;;
    browser) add "$log" 'ℹ pass [0-9]+' 'ℹ fail [0-9]+' 'ℹ skipped [0-9]+' ;;
  esac
  (( status == 0 || failed > before )) || failed=$((failed + 1))
}

if $everything; then
  echo "== the foreign ends"
  tests/interop/install.sh
  # Not "npm ci": the lock file has only those of buf's optional platform packages that the registry of this project has.
  (cd tests/interop/contracts && npm install --no-save --no-audit --no-fund --silent)
  (cd tests/interop/mcap && npm install --no-save --no-audit --no-fund --silent)

  echo "== the protos (buf lint)"
  (cd protos && ../tests/interop/contracts/node_modules/.bin/buf lint)

  echo "== the page: lint, tests, and whether the server has what web/ builds"
  cp -r src/Framewire.Server/wwwroot "$logs/wwwroot"
  (cd web && npm install --no-save --no-audit --no-fund --silent && npm run --silent lint)
  run page npm --prefix web run --silent test
  npm --prefix web run --silent build >/dev/null
  diff -r "$logs/wwwroot" src/Framewire.Server/wwwroot || { echo "src/Framewire.Server/wwwroot was out of date; commit what 'npm run build' made"; failed=$((failed + 1)); }
fi

echo "== restore and build, warnings as errors"
dotnet restore --locked-mode --verbosity quiet
dotnet build --configuration Release --no-restore --verbosity quiet

echo "== formatting"
dotnet format --no-restore --verify-no-changes --severity warn

echo "== tests"
[[ -d ../shared ]] || echo "   without ../shared: the tests on real clips, damaged media and misbehaving servers are left out"
export FRAMEWIRE_TEN_STREAMS_SECONDS=${FRAMEWIRE_TEN_STREAMS_SECONDS:-60}
run dotnet timeout -s KILL 2400 dotnet test --configuration Release --no-build --filter "$filter"

if $everything; then
  echo "== the client's tests once more, over SocketsHttpHandler"
  either="FullyQualifiedName~Tests.Wire|FullyQualifiedName~FaultTests|FullyQualifiedName~OfficialPeers|FullyQualifiedName~PoorNetwork"
  FRAMEWIRE_Connection__Transport=SocketsHttpHandler run dotnet timeout -s KILL 1200 dotnet test --configuration Release --no-build --filter "Category!=InteropCpp&($either)"
fi

if $everything; then
  echo "== the page in Chromium, and foreign gRPC-Web clients"
  (cd tests/browser && npm install --no-save --no-audit --no-fund --silent)
  run browser timeout -s KILL 1200 npm --prefix tests/browser run --silent test
fi

if $everything; then
  echo "== the benchmark, in its short form"
  timeout -s KILL 600 ./bench.sh --short && passed=$((passed + 1)) || { echo "the benchmark broke"; failed=$((failed + 1)); }
fi

if (( skipped > 0 )); then
  echo "$skipped left out"
  [[ -d ../shared ]] && { echo "with ../shared there is nothing to leave out: counted as failed"; failed=$((failed + skipped)); }
fi
echo "$passed passed, $failed failed"
(( failed == 0 ))
