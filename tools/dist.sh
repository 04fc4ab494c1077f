#!/usr/bin/env bash
# Builds the wheel and the sdist into dist/, and tries both: tools/dist.sh PYTHON
#
# Each is installed into a fresh environment that has nothing of this folder. Its dependencies are
# those of PYTHON's environment (a second copy of torch would test nothing but the index), or, with
# DEPENDENCIES=1, are installed anew, as constraints.txt has them.
set -euo pipefail

sources=$(cd "$(dirname "$0")/.." && pwd)
python=$1
place=$(mktemp -d "${TMPDIR:-/tmp}/smartcut-dist-XXXXXX")
trap 'rm -rf "$place"' EXIT

base=$("$python" -c 'import sys; print(sys._base_executable)')
packages=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$sources/pyproject.toml")

rm -rf "$sources/dist"
"$base" -m venv "$place/builder"
"$place/builder/bin/python" -m pip install --quiet --disable-pip-version-check build==1.6.1 ||
	{ echo "WARNING: no index can be reached; the wheel and the sdist are not tried"; exit 0; }
# What is not committed is not in it: an sdist of the folder would take what lies about.
git -C "$sources" archive --prefix=smartcut/ HEAD | tar -x -C "$place"
"$place/builder/bin/python" -m build --outdir "$sources/dist" "$place/smartcut" >"$place/log" 2>&1 ||
	{ cat "$place/log"; exit 1; }

# Whatever lies in the package is in the wheel: the code, and the files that it reads.
"$python" -c 'import sys, zipfile
print(*sorted(n for n in zipfile.ZipFile(sys.argv[1]).namelist() if n.startswith("smartcut/")), sep="\n")
' "$sources/dist/smartcut_pipelines-$version-py3-none-any.whl" | LC_ALL=C sort >"$place/packed"
git -C "$sources" ls-files smartcut | LC_ALL=C sort >"$place/tracked"
diff "$place/tracked" "$place/packed" || { echo "the wheel lacks files, or holds others"; exit 1; }

for built in "$sources/dist/smartcut_pipelines-$version-py3-none-any.whl" \
	"$sources/dist/smartcut_pipelines-$version.tar.gz"; do
	rm -rf "$place/fresh" "$place/work"
	"$base" -m venv "$place/fresh"
	fresh=$place/fresh/bin
	if test -n "${DEPENDENCIES:-}"; then
		"$fresh/python" -m pip install --quiet --disable-pip-version-check \
			-c "$sources/constraints.txt" "$built"
	else
		"$fresh/python" -c 'import sys, sysconfig
open(sysconfig.get_path("purelib") + "/dependencies.pth", "w").write(sys.argv[1])' "$packages"
		"$fresh/python" -m pip install --quiet --disable-pip-version-check --no-deps "$built"
	fi
	mkdir "$place/work"
	cp "$sources/sample_media/sky.mp4" "$place/work/"
	(
		cd "$place/work"
		unset PYTHONPATH
		export SMARTCUT_CACHE=$place/cache
		test "$("$fresh/smartcut" --version)" = "$version"
		"$fresh/python" -c 'import smartcut, sys; sys.exit(sys.prefix not in smartcut.__file__)'
		"$fresh/smartcut" speed sky.mp4 --factor 2 --end 2 --resolution 180p -o fast.mp4 >"$place/log" ||
			{ cat "$place/log"; exit 1; }
		test -s fast.mp4
	)
	echo "$(basename "$built"): installed into a fresh environment; it renders"
done
