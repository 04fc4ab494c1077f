#!/usr/bin/env bash
# Runs make's targets as on a fresh machine: tools/fresh.sh demo test
#
# In a new clone below a folder that nobody else may enter, with an empty home and nothing from the
# environment but what leads pip and npm to an index. What was not committed is not in it.
set -euo pipefail

sources=$(cd "$(dirname "$0")/.." && pwd)
python=$("${PYTHON:-python3}" -c 'import sys; print(sys._base_executable)')
place=$(mktemp -d "${TMPDIR:-/tmp}/smartcut-fresh-XXXXXX") # of mode 700
trap 'rm -rf "$place"' EXIT
home=$place/home
mkdir -m 700 "$home"

# A checkout may belong to another user than the one who runs this.
printf '[safe]\n\tdirectory = *\n' >"$place/.gitconfig"
export GIT_CONFIG_GLOBAL=$place/.gitconfig
if test -n "$(git -C "$sources" status --porcelain --untracked-files=no)"; then
	echo "WARNING: what is not committed in $sources is left out" >&2
fi
git clone --quiet "$sources" "$home/smartcut"

kept=(HOME="$home" PATH="$(dirname "$(command -v make)"):/usr/local/bin:/usr/bin:/bin")
while IFS= read -r -d '' variable; do
	case ${variable%%=*} in
	PIP_CACHE_DIR) ;; # a cache hides what cannot be fetched any more
	PIP_* | npm_config_* | *_proxy | *_PROXY | SSL_CERT_FILE | SSL_CERT_DIR | REQUESTS_CA_BUNDLE | \
		NODE_EXTRA_CA_CERTS)
		kept+=("$variable")
		;;
	esac
done < <(env -0)
# The user's own configuration of pip lies in the home that is left behind.
while IFS= read -r -d '' variable; do
	kept+=("$variable")
done < <("$python" -m pip config list 2>/dev/null | "$python" -c '
import ast, os, sys
for line in sys.stdin:
    key, _, value = line.strip().partition("=")
    name = "PIP_" + key.removeprefix("global.").upper().replace("-", "_")
    wanted = "INDEX_URL EXTRA_INDEX_URL FIND_LINKS TRUSTED_HOST CERT PROXY".split()
    if key.startswith("global.") and name[4:] in wanted and not os.environ.get(name):
        print(name, "=", " ".join(ast.literal_eval(value).split()), sep="", end="\0")
')

cd "$home/smartcut"
for target in "$@"; do
	echo "== make $target, in a new clone with an empty home"
	env -i "${kept[@]}" make --no-print-directory PYTHON="$python" ${TORCH:+TORCH="$TORCH"} "$target"
done
