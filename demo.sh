#!/usr/bin/env bash
# Shows the main job: frames flow from a source to a server over gRPC, and every one is acknowledged.
#   ./demo.sh                      the machine's camera if there is one, else the built-in pattern, until Ctrl-C
#   ./demo.sh clip.mp4             a file (or anything else that 'framewire publish' takes)
#   ./demo.sh --frames 100         ends by itself; more options of 'framewire publish' may follow
# Sets up what it needs: Debian's ffmpeg and libturbojpeg, and the build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ./setup.sh

if (( $# > 0 )) && [[ $1 != --* ]]; then
  source_name=$1
  shift
elif [[ -e /dev/video0 ]]; then
  source_name=/dev/video0
else
  source_name=test
fi

need ffmpeg libturbojpeg0
need_dotnet
./framewire --version >/dev/null

server_log=$(mktemp)
# In a session of its own: Ctrl-C is for the publisher, which then says what became of every frame.
setsid ./framewire serve --listen 127.0.0.1:0 --web 127.0.0.1:0 2>"$server_log" &
server=$!
trap 'kill -TERM "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -f "$server_log"' EXIT
for _ in $(seq 100); do
  grep -q 'Taking frames on' "$server_log" && break
  kill -0 "$server" 2>/dev/null || { cat "$server_log" >&2; exit 1; }
  sleep 0.1
done
address=$(grep -o 'Taking frames on [^,]*' "$server_log" | sed 's/Taking frames on //')
page=$(grep -o 'the page is .*' "$server_log" | sed 's/the page is //')

echo "== a server takes frames on $address"
echo "== see it live in a browser: $page"
echo "== a publisher sends it '$source_name' as stream 'demo'; every frame is acknowledged (Ctrl-C ends)"
status=0
./framewire publish "$source_name" --to "$address" --stream demo "$@" || status=$?
echo "== what the server has (GET ${page}streams):"
curl --silent --show-error --fail "${page}streams" || status=1
echo
exit $status
