#!/usr/bin/env bash
# gRPC's official interoperability programs in C++ (Debian's source package), as clients of our server and as server to our client: every case,
# compression too, which no other official program checks fully. Slow the first time: builds some 20 files, about three minutes on one core.
#   tests/interop/cpp.sh          a line for each case, then "N passed, N failed"; fails if a case does
set -euo pipefail
cd "$(dirname "$0")/../.."

tests/interop/install.sh cpp
cache="${XDG_CACHE_HOME:-$HOME/.cache}/framewire"
from="$cache/grpc-source"
to="$cache/grpc-cpp"

common=(
  test/cpp/util/{test_credentials_provider,test_config_cc,create_test_channel,string_ref_helper}.cc
  test/core/util/histogram.cc
  test/core/end2end/data/{client_certs,server1_cert,server1_key,test_root_cert}.cc
)
server=(test/cpp/interop/{interop_server,interop_server_bootstrap,server_helper}.cc)
client=(test/cpp/interop/{client,client_helper,interop_client}.cc test/core/security/oauth2_utils.cc)
protos=(src/proto/grpc/testing/{empty,messages,test}.proto)

mkdir -p "$to/generated"
if [[ ! -e "$to/generated/done" ]]; then
  (cd "$from" && protoc -I . --cpp_out="$to/generated" --grpc_out="$to/generated" --plugin=protoc-gen-grpc="$(command -v grpc_cpp_plugin)" "${protos[@]}")
  touch "$to/generated/done"
fi
generated=()
for proto in "${protos[@]}"; do generated+=("${proto%.proto}.pb.cc" "${proto%.proto}.grpc.pb.cc"); done

includes=(-I "$to/generated" -I "$from" -I "$from/include" -I "$from/src/core/ext/upb-generated" -I "$from/src/core/ext/upbdefs-generated" -I "$from/third_party/upb")
objects=()
compile() { # base folder, file
  local object="$to/objects/${2%.cc}.o"
  objects+=("$object")
  [[ -e "$object" ]] && return
  mkdir -p "$(dirname "$object")"
  echo "compiling $2"
  nice g++ -std=c++17 -O1 -w "${includes[@]}" -c "$1/$2" -o "$object.part"
  mv "$object.part" "$object"
}
link() { # program, its own files
  local program="$1"; shift
  objects=()
  for file in "${generated[@]}"; do compile "$to/generated" "$file"; done
  for file in "${common[@]}" "$@"; do compile "$from" "$file"; done
  compile "$PWD/tests/interop/cpp" test_environment.cc
  [[ -e "$to/$program" ]] && return
  g++ -o "$to/$program" "${objects[@]}" $(pkg-config --libs grpc++ protobuf absl_flags absl_flags_parse) -lpthread
}
link interop_server "${server[@]}"
link interop_client "${client[@]}"

dotnet build -v q -nologo tests/Framewire.Tests
results=$(mktemp)
trap 'rm -f "$results"' EXIT
timeout -s KILL 900 dotnet tests/Framewire.Tests/bin/Debug/net10.0/Framewire.Tests.dll -explicit only -trait Category=InteropCpp -xml "$results" >"$results.log" 2>&1 || true
/usr/bin/python3 tests/interop/report.py "$results" "$results.log"
