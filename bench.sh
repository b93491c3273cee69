#!/usr/bin/env bash
# Measures how fast frames get to the server's disk, beside dd on the same disk, how long their acks take, what a processor adds,
# and how fast frames get to a server and acks back beside what one would take instead: raw TCP, gRPC in Python, C++ and Node, ZeroMQ.
#   ./bench.sh [recording|processing|peers]   several rounds for each kind of frame
#   ./bench.sh --short                        a moment of each: whether it works, not how fast it is
#   ./bench.sh --folder DIR                   on the disk of that folder
# docs/benchmarks.md says how to read what comes out.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ./setup.sh
if [[ "${1:-}" == -h || "${1:-}" == --help ]]; then
  sed -n '2,7s/^# \{0,1\}//p' "$0"
  exit
fi
need_dotnet
need python3-grpcio python3-grpc-tools
if [[ " $* " == *" peers "* || " $* " != *" recording "* && " $* " != *" processing "* ]]; then
  need g++ make libgrpc++-dev libprotobuf-dev protobuf-compiler protobuf-compiler-grpc python3-zmq python3-numpy
  need_node
  (cd bench/peers && npm install --no-save --no-audit --no-fund --silent)
  make --silent -C bench/peers
fi
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet build bench/Framewire.Bench --configuration Release --verbosity quiet
exec dotnet bench/Framewire.Bench/bin/Release/net10.0/Framewire.Bench.dll "$@"
