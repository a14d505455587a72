# shellcheck shell=bash
# What the scripts beside it share: packages and builds. Sourced, never run.

scripts=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
top=$(dirname -- "$scripts")
build_dir=$top/build

say() { printf '%s: %s\n' "scripts/${0##*/}" "$*" >&2; }

# 125 as in env(1): the status is ours, not the program's that was to be run.
die() { say "$@"; exit 125; }

# One line on a terminal that follows the work and goes away; nothing anywhere else.
progress() {
    if [ -t 2 ]; then
        local line
        while IFS= read -r line; do printf '\r\033[K%.76s' "$line" >&2; done
        printf '\r\033[K' >&2
    else
        cat >/dev/null
    fi
}

# quietly NAME COMMAND...: silent on success, the whole log and 1 on failure. The log stays in build/NAME.log.
quietly() {
    local log=$build_dir/$1.log
    shift
    mkdir -p "$build_dir"
    if ! "$@" 2>&1 </dev/null | tee "$log" | progress; then
        cat "$log" >&2
        return 1
    fi
}

# packages_for KIND...: the names listed for them.
packages_for() {
    awk -v kinds=" $* " '/^[^#]/ && index(kinds, " " $2 " ") { print $1 }' "$scripts/packages"
}

missing_packages() {
    local wanted
    mapfile -t wanted < <(packages_for "$@")
    { dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null || true; } |
        awk '$1 == "installed" { print $2 }' | sort -u |
        comm -13 - <(printf '%s\n' "${wanted[@]}" | sort) | paste -sd ' ' -
}

# apt_install PACKAGE...: package lists may be absent or out of date, so they are fetched when an install failed.
apt_install() {
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300)
    [ "$(id -u)" -eq 0 ] || apt=(sudo "${apt[@]}")
    "${apt[@]}" install --no-install-recommends "$@" && return
    "${apt[@]}" update
    "${apt[@]}" install --no-install-recommends "$@"
}

# A host without Debian's packages may still have what is needed; CMake names any library that is not there.
check_tools() {
    local tool absent=()
    for tool in c++ cmake ninja; do command -v "$tool" >/dev/null || absent+=("$tool"); done
    [ ${#absent[@]} -eq 0 ] || die "no apt here, and no ${absent[*]}; Debian's names for what is needed: $(packages_for "$@" | paste -sd ' ' -)"
    [ -d "$build_dir" ] || say "no apt here, going on with the tools that are"
}

# need_packages KIND...: installs what is missing; only then are root and a network needed.
need_packages() {
    local missing
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        check_tools "$@"
        return
    fi
    read -ra missing <<<"$(missing_packages "$@")"
    [ ${#missing[@]} -gt 0 ] || return 0
    [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null ||
        die "neither root nor sudo; these Debian packages are missing: ${missing[*]}"
    say "installing Debian packages: ${missing[*]}"
    quietly packages apt_install "${missing[@]}" || die "could not install: ${missing[*]}"
}

configure_and_build() {
    cmake --preset "$1" && cmake --build --preset "$1"
}

# build PRESET: into build/PRESET. Two at once take turns: "serve" here and "probe" there is the usual way to start.
build() {
    if command -v ccache >/dev/null; then export CMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER-ccache}; fi
    mkdir -p "$build_dir"
    (
        cd "$top"
        if command -v flock >/dev/null; then flock 9; fi
        quietly "$1" configure_and_build "$1"
    ) 9>"$build_dir/$1.lock" || die "could not build the $1 preset"
}
