#!/usr/bin/env bash
# Installs the foreign ends of the interoperability tests from Debian: the official gRPC programs in Ruby and Python, an HTTP/2 stack in Python.
#   tests/interop/install.sh [cpp]       cpp: also what tests/interop/cpp.sh builds with
# Does nothing that is done already. Fetched sources go to ${XDG_CACHE_HOME:-~/.cache}/framewire, never into the repository.
set -euo pipefail

cache="${XDG_CACHE_HOME:-$HOME/.cache}/framewire"
source_dir="$cache/grpc-source"
packages=(ruby-grpc ruby-googleauth python3-grpcio python3-grpc-tools python3-google-auth python3-requests python3-h2 nghttp2-client openssl)
if [[ "${1:-}" == cpp ]]; then
  packages+=(g++ libgrpc++-dev libprotobuf-dev protobuf-compiler protobuf-compiler-grpc libabsl-dev libc-ares-dev libre2-dev libssl-dev zlib1g-dev)
fi

apt() { DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=900 -qq "$@"; }

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q "install ok installed" || missing+=("$package")
done
if (( ${#missing[@]} > 0 )); then
  echo "installing ${missing[*]}"
  apt update
  apt install -y --no-install-recommends "${missing[@]}" >/dev/null
fi

# The interoperability programs in Python and C++ are in the source package only. The machine's own package sources serve, read as sources of source.
if [[ ! -e "$source_dir/fetched" ]]; then
  echo "fetching the gRPC source package into $source_dir"
  rm -rf "$source_dir" && mkdir -p "$source_dir/sources" "$source_dir/lists/partial"
  for list in /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list; do
    [[ -s "$list" ]] && sed -E 's/^(Types:).*/\1 deb-src/; s/^deb /deb-src /' "$list" >"$source_dir/sources/$(basename "$list")"
  done
  options=(-o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$source_dir/sources" -o "Dir::State::lists=$source_dir/lists" -o APT::Get::List-Cleanup=0)
  apt "${options[@]}" update
  (cd "$source_dir" && apt "${options[@]}" -o APT::Sandbox::User=root source --download-only grpc >/dev/null)
  archive=$(find "$source_dir" -maxdepth 1 -name 'grpc_*.orig.tar.*' | head -1)
  tar -xf "$archive" -C "$source_dir" --strip-components=1 --wildcards \
    '*/src/python/grpcio_tests/tests/interop' '*/src/python/grpcio_tests/tests/unit/__init__.py' '*/src/python/grpcio_tests/tests/unit/test_common.py' '*/src/proto/grpc/testing' '*/test/cpp/interop' '*/test/cpp/util' '*/test/core/util' '*/test/core/security' '*/test/core/end2end/data' \
    '*/src/core/tsi/test_creds' '*/src/core' '*/src/cpp' '*/include' '*/third_party/upb'
  rm -rf "$source_dir/lists" "$source_dir/sources"
  touch "$source_dir/fetched"
fi

# The Python programs want their messages generated beside them.
python_dir="$cache/grpc-python"
if [[ ! -e "$python_dir/ready" ]]; then
  rm -rf "$python_dir" && mkdir -p "$python_dir/tests"
  cp -r "$source_dir"/src/python/grpcio_tests/tests/{interop,unit} "$python_dir/tests/"
  touch "$python_dir/tests/__init__.py"
  /usr/bin/python3 -m grpc_tools.protoc -I "$source_dir" --python_out="$python_dir" --grpc_python_out="$python_dir" \
    "$source_dir"/src/proto/grpc/testing/{empty,messages,test}.proto
  touch "$python_dir/ready"
fi
echo "the foreign ends are ready"
