#!/usr/bin/env bash
# Installs the Debian packages that a target needs. As root it installs what is
# missing; as anyone else it prints the one line to run and leaves it at that.
#
#   tools/packages.sh test     what the tests use
#   tools/packages.sh window   what the window is built with
#
# Exit code 3 says that something is missing and could not be installed.
set -euo pipefail
window=(gcc libc6-dev pkg-config libgtk-3-dev libwebkit2gtk-4.1-dev)
tests=(dbus gnome-keyring libsecret-tools xdg-utils desktop-file-utils
  chromium xvfb xauth xdotool imagemagick webkit2gtk-driver dex)
case "${1:-}" in
  window) packages=("${window[@]}") ;;
  test) packages=("${window[@]}" "${tests[@]}") ;;
  *) echo "usage: tools/packages.sh test|window" >&2; exit 2 ;;
esac
missing=()
for name in "${packages[@]}"; do
  dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing+=("$name")
done
[ ${#missing[@]} -eq 0 ] && exit 0
if ! command -v apt-get >/dev/null; then
  echo "These packages are needed, by the names that Debian gives them: ${missing[*]}" >&2
  exit 3
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "Some packages are missing. To install them:" >&2
  echo "  sudo apt-get install --yes --no-install-recommends ${missing[*]}" >&2
  exit 3
fi
echo "Installing: ${missing[*]}"
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install --yes -qq --no-install-recommends "${missing[@]}" >/dev/null
