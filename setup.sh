# Sourced by demo.sh and test.sh: need PACKAGE… installs Debian packages that are missing, and says so; nothing is done twice.
need() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
  done
  (( ${#missing[@]} == 0 )) && return
  echo "== installing ${missing[*]}"
  local sudo=""
  if (( EUID != 0 )); then
    sudo=sudo
  fi
  $sudo apt-get -qq -o DPkg::Lock::Timeout=900 update
  DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 $sudo apt-get -qq -o DPkg::Lock::Timeout=900 install -y --no-install-recommends "${missing[@]}" >/dev/null
}

need_dotnet() {
  if ! dotnet --list-sdks 2>/dev/null | grep -q '^10\.'; then
    echo "The .NET SDK 10 is not installed; see https://dotnet.microsoft.com/download" >&2
    exit 1
  fi
}

# The page is built and tested with Node 20 or later; Debian 12 has an older one.
need_node() {
  command -v npm >/dev/null || need nodejs npm
  if (( $(node --version | sed -E 's/v([0-9]+).*/\1/') < 20 )); then
    echo "Node $(node --version) is too old for the tests of the page: install version 20 or later, see https://nodejs.org" >&2
    exit 1
  fi
}
