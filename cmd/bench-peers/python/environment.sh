#!/bin/sh
# environment.sh DIR [LIST]: makes the peers' virtual environment in DIR from a list of requirements (the one beside this script), or brings it to that list.
# Where pip reaches no packages it leaves no DIR, says so and succeeds: the peers are then what this system's own python has. A package that cannot be had
# costs its rows, not the others'. PIP_ARGS are options of pip, for an index or a folder of wheels of your own.
set -u
dir=$1
list=${2:-$(dirname "$0")/requirements.txt}
stamp=$dir/requirements.txt
cmp -s "$list" "$stamp" && exit 0

own() {
	echo "bench-peers: $1: this system's own python is measured (apt install python3-torch python3-scipy)" >&2
	rm -rf "$dir"
	exit 0
}

test -x "$dir/bin/python" || python3 -m venv "$dir" || own "python3 makes no virtual environment (apt install python3-venv)"
pip() { "$dir/bin/python" -m pip --disable-pip-version-check "$@"; }

wanted() { grep -v -e '^#' -e '^$' "$list"; }
first=$(wanted | tail -n 1)
# shellcheck disable=SC2086 # options are words
if ! pip download -q --no-deps --retries 1 --timeout 20 ${PIP_ARGS:-} -d "$dir/probe" "$first"; then
	own "pip does not reach packages"
fi
rm -rf "$dir/probe"
echo "bench-peers: installing the peers into $dir, once (about 6 GB)" >&2
# shellcheck disable=SC2086
if ! pip install -q ${PIP_ARGS:-} -r "$list"; then
	wanted | while read -r package; do
		# shellcheck disable=SC2086
		pip install -q ${PIP_ARGS:-} "$package" </dev/null || echo "bench-peers: $package is left out: its rows will say so" >&2
	done
fi
cp "$list" "$stamp"
