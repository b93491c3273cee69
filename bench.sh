#!/usr/bin/env bash
# Measures how fast frames get to the server's disk, beside dd on the same disk, how long their acks take, and what a processor adds.
#   ./bench.sh [recording|processing]   three rounds of five seconds for each kind of frame
#   ./bench.sh --short                  one round of a second: whether it works, not how fast it is
#   ./bench.sh --folder DIR             on the disk of that folder
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ./setup.sh
if [[ "${1:-}" == -h || "${1:-}" == --help ]]; then
  sed -n '2,5s/^# \{0,1\}//p' "$0"
  exit
fi
need_dotnet
need python3-grpcio python3-grpc-tools
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet build bench/Framewire.Bench --configuration Release --verbosity quiet
exec dotnet bench/Framewire.Bench/bin/Release/net10.0/Framewire.Bench.dll "$@"
