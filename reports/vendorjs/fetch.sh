#!/bin/sh
# Fetches the chart programs at their pinned versions from the npm registry and stores them compressed, with their licences.
# Run it in this folder after changing a version, then `go test ./reports/...`. It needs npm and the network; building and testing need neither.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
here=$(pwd)
get() { # package version file
	mkdir -p "$tmp/$1"
	(cd "$tmp" && npm pack --silent "$1@$2" >/dev/null)
	tar xzf "$tmp/$1-$2.tgz" -C "$tmp/$1" --strip 1
	cp "$tmp/$1/LICENSE" "$here/LICENSE.$1"
}
get vega 6.4.0
get vega-lite 6.5.0
get vega-embed 7.3.0
get vega-interpreter 2.3.2
pack() { grep -v '^//# sourceMappingURL' | gzip -9n >"$here/$1"; }
pack vega.js.gz <"$tmp/vega/build/vega.min.js"
pack vega-lite.js.gz <"$tmp/vega-lite/build/vega-lite.min.js"
pack vega-embed.js.gz <"$tmp/vega-embed/build/vega-embed.min.js"
# The interpreter is published as a module only: its one import is a part of vega, its one export becomes a global.
sed -e "s/^import {\(.*\)} from 'vega-util';/const {\1} = vega;/" -e 's/^export { expression as expressionInterpreter };/window.vegaInterpreter = expression;/' \
	"$tmp/vega-interpreter/build/vega-interpreter.js" | { echo '(function () {'; grep -v '^//# sourceMappingURL'; echo '})();'; } | pack vega-interpreter.js.gz
sha256sum ./*.js.gz LICENSE.*
