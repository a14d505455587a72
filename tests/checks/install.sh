#!/usr/bin/env bash
# A stranger's program against the installed library, found by CMake and by pkg-config: install.sh KIND SOURCE BUILD
# KIND shared installs BUILD; KIND static first makes the archive in a directory of its own, which the long form
# compiles from SOURCE (TCPKIT_TEST_LONG=1);
# KIND subproject only configures the program with SOURCE as a part of its project: it must bring no tests along.
# The tree is installed under a staging directory, so it also proves that it can be moved.
set -euo pipefail

kind=$1 source=$2 build=$3
here=$(dirname -- "$(readlink -f -- "$0")")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
expected='port 70000 is above 65535'

fail() { echo "install: $*" >&2; exit 1; }

# Output only when the command fails.
quiet() { "$@" >"$scratch/log" 2>&1 || { cat "$scratch/log" >&2; fail "failed: $*"; }; }

expect_runs() {
    local got
    got=$("$1") || fail "$1 ended with $?"
    [ "$got" = "$expected" ] || fail "$1 printed: $got"
}

# The command by which CMake packs the objects. (To ninja, "tcpkit" alone is the tool.)
pack() { (cd "$build" && eval "$(ninja -t commands lib/libtcpkit.a | tail -n 1)"); }

# The objects of a shared build are fit for an archive, so the short form does not compile them again.
build_archive() {
    local shared=$build objects=lib/CMakeFiles/tcpkit_objects.dir
    build=$scratch/static
    quiet cmake -G Ninja -S "$source" -B "$build" -DBUILD_SHARED_LIBS=OFF -DTCPKIT_TESTS=OFF
    if [ -n "${TCPKIT_TEST_LONG-}" ]; then
        quiet cmake --build "$build" --target lib/libtcpkit.a
    else
        mkdir -p "$build/$objects"
        cp -R "$shared/$objects/." "$build/$objects"
        quiet pack
    fi
}

install_tree() {
    local component components=(tcpkit_Development)
    [ "$kind" = static ] || components+=(tcpkit_Library tcpkit_Runtime)
    for component in "${components[@]}"; do
        DESTDIR=$scratch/stage quiet cmake --install "$build" --component "$component"
    done
    local package
    package=$(find "$scratch/stage" -name tcpkit.pc)
    [ -n "$package" ] || fail "tcpkit.pc was not installed"
    pkgconfig_dir=$(dirname "$package")
    lib_dir=$(dirname "$pkgconfig_dir")
}

by_cmake() {
    quiet cmake -G Ninja -S "$here/consumer" -B "$scratch/by-cmake" -Dtcpkit_DIR="$lib_dir/cmake/tcpkit"
    quiet cmake --build "$scratch/by-cmake"
    expect_runs "$scratch/by-cmake/consumer"
}

by_pkg_config() {
    local flags static=()
    [ "$kind" = shared ] || static=(--static)
    flags=$(PKG_CONFIG_PATH=$pkgconfig_dir pkg-config "${static[@]}" --cflags --libs tcpkit)
    # shellcheck disable=SC2086 # flags are words
    quiet "${CXX:-c++}" -std=c++20 "$here/consumer/main.cpp" -o "$scratch/by-pkg-config" $flags "-Wl,-rpath,$lib_dir"
    expect_runs "$scratch/by-pkg-config"
}

# Its run path must lead to the library beside it, not back into the build tree.
installed_tool() {
    local tool loaded
    tool=$(find "$scratch/stage" -path '*/bin/tcpkit')
    [ -x "$tool" ] || fail "the tool was not installed"
    loaded=$(ldd "$tool" | sed -n '/libtcpkit/{s/.*=> //; s/ (.*//; p}')
    case $(readlink -m "${loaded:-$lib_dir/unused}") in
        "$scratch/stage/"*) ;;
        *) fail "$tool loads ${loaded:-nothing}" ;;
    esac
    if readelf -d "$tool" | grep -F "$build"; then fail "the installed tool knows the build tree"; fi
}

# Each shell looks in one place below share.
installed_completion() {
    local place
    for place in bash-completion/completions/tcpkit fish/vendor_completions.d/tcpkit.fish zsh/site-functions/_tcpkit; do
        [ -n "$(find "$scratch/stage" -path "*/share/$place" -size +0)" ] || fail "share/$place was not installed"
    done
}

installed_units() {
    local unit
    for unit in tcpkit-serve.service tcpkit-serve.socket; do
        [ -n "$(find "$scratch/stage" -path "*/lib/systemd/system/$unit")" ] || fail "$unit was not installed"
    done
}

as_subproject() {
    quiet cmake -G Ninja -S "$here/consumer" -B "$scratch/whole" -DTCPKIT_SOURCE="$source"
    if cmake --build "$scratch/whole" --target help | grep unit_tests; then fail "a subproject builds its tests"; fi
    if grep -r libtcpkit "$scratch/whole" --include=cmake_install.cmake; then fail "a subproject installs itself"; fi
}

if [ "$kind" = subproject ]; then
    as_subproject
    exit
fi
[ "$kind" = shared ] || build_archive
install_tree
by_cmake
by_pkg_config
if [ "$kind" = shared ]; then
    installed_tool
    installed_completion
    installed_units
fi
