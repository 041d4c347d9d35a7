#!/usr/bin/env bash
# Tries the README's two commands where a stranger tries them: a fresh clone of what is committed here, an empty home, a
# scrubbed environment, and the node and npm of the system alone. Prints how long each took; fails when one of them
# fails or leaves something behind that git sees. Only npm's own registry settings (~/.npmrc) come along, where they exist.
#   scripts/fresh-clone.sh [--keep] [command of npm…]     by default: start, then test
set -euo pipefail
repository="$(cd "$(dirname "$0")/.." && pwd)"
keep=false
if [ "${1:-}" = "--keep" ]; then keep=true; shift; fi
[ "$#" -gt 0 ] || set -- start test

place="$(mktemp -d)"
if [ "$keep" = true ]; then echo "in $place"; else trap 'rm -rf "$place"' EXIT; fi
mkdir "$place/home"
[ ! -f "$HOME/.npmrc" ] || cp "$HOME/.npmrc" "$place/home/.npmrc"
git clone --quiet "$repository" "$place/clone"
cd "$place/clone"

scrubbed() {
  local settings=(HOME="$place/home" PATH=/usr/local/bin:/usr/bin:/bin)
  # Behind a proxy with a certificate of its own no registry answers without this one.
  [ -z "${NODE_EXTRA_CA_CERTS:-}" ] || settings+=(NODE_EXTRA_CA_CERTS="$NODE_EXTRA_CA_CERTS")
  env -i "${settings[@]}" "$@"
}

echo "node $(scrubbed node --version), npm $(scrubbed npm --version), commit $(git rev-parse --short HEAD)"
for command in "$@"; do
  begun=$(date +%s)
  status=0
  scrubbed npm "$command" >"$place/$command.log" 2>&1 </dev/null || status=$?
  tail -n 12 "$place/$command.log"
  echo "npm $command: exit $status after $(($(date +%s) - begun)) s"
  [ "$status" -eq 0 ] || exit 1
  changed="$(git status --porcelain)"
  [ -z "$changed" ] || { echo "npm $command left this behind:"; echo "$changed"; exit 1; }
done
