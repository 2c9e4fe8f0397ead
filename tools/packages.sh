#!/usr/bin/env bash
# Installs the Debian packages that the tests use. As root it installs what is
# missing; as anyone else it prints the one line to run and leaves it at that.
set -euo pipefail
packages=(dbus gnome-keyring libsecret-tools xdg-utils desktop-file-utils gcc libc6-dev)
missing=()
for name in "${packages[@]}"; do
  dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing+=("$name")
done
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" -ne 0 ]; then
  echo "Some tests need packages that are missing. To install them:" >&2
  echo "  sudo apt-get install --yes --no-install-recommends ${missing[*]}" >&2
  exit 0
fi
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${missing[@]}" >/dev/null
