# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# python.bash - for tests of the package for Python, as it is in the build folder. Sourced, with that
# folder (or nothing) as its argument.

# shellcheck source=../../scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../scripts/lib.sh"
build=$(realpath "${1:-$build}")
if ! grep -q "^bindings/python/package.stamp:" "$build/Makefile"; then
    echo "skipped: configured with --disable-python"
    exit 3
fi
make -C "$build" -s bindings/python/package.stamp tests/light/sim-store
# shellcheck disable=SC2034 # for those who source this
python=$(sed -n 's/^PYTHON = //p' "$build/Makefile")
export PYTHONPATH=$build/bindings/python/package PYTHONDONTWRITEBYTECODE=1
export LD_LIBRARY_PATH=$build/libs/ctrl/.libs:$build/libs/store/.libs:$build/libs/light/.libs
export XENOLITH_SIM_STORE=$build/tests/light/sim-store
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
