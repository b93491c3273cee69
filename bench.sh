#!/usr/bin/env bash
# Measures Framewire, each time beside something that shows what there is to win: dd, raw TCP, foreign gRPC, ZeroMQ, a pipe.
#   ./bench.sh [BENCH…]          all, or those named, three rounds each; docs/benchmarks.md says how to read what comes out
#     peers                      frames to a server and acks back, beside what one would take instead
#     scale far live grow        streams and viewers a server holds; 50 and 150 ms away; H.264 from encoder to decoder; how cost grows
#     micro                      the steps of a frame's path, each alone
#     recording processing       frames to the server's disk and their acks; what a processor adds
#   ./bench.sh soak --minutes N  an hour (or N minutes) of cameras, viewers and a recording: does memory grow?
#   ./bench.sh --short           one quick round: whether it works, not how fast it is
#   ./bench.sh --folder DIR      on the disk of that folder
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ./setup.sh
if [[ "${1:-}" == -h || "${1:-}" == --help ]]; then
  sed -n '2,10s/^# \{0,1\}//p' "$0"
  exit
fi
need_dotnet
need ffmpeg gnuplot-nox python3-grpcio python3-grpc-tools
need g++ make libgrpc++-dev libprotobuf-dev protobuf-compiler protobuf-compiler-grpc python3-zmq python3-numpy
need_node
(cd bench/peers && npm install --no-save --no-audit --no-fund --silent)
make --silent -C bench/peers
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet build bench/Framewire.Bench --configuration Release --verbosity quiet
exec dotnet bench/Framewire.Bench/bin/Release/net10.0/Framewire.Bench.dll "$@"
