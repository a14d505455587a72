# Everything tcpkit needs from elsewhere, each a Debian package. A missing one is named by its package.

# tcpkit_require(NAME PACKAGE [find_package arguments...])
macro(tcpkit_require name package)  # a macro: packages set variables for the caller
  find_package(${name} ${ARGN} QUIET)
  if(NOT ${name}_FOUND)
    if(${name}_CONSIDERED_VERSIONS)
      message(FATAL_ERROR "${name}: found ${${name}_CONSIDERED_VERSIONS}, wanted ${ARGN}. Debian package: ${package}")
    endif()
    message(FATAL_ERROR "${name} was not found. Debian: apt-get install ${package}")
  endif()
  message(STATUS "${name} ${${name}_VERSION}")
endmacro()

set(THREADS_PREFER_PTHREAD_FLAG ON)
tcpkit_require(Threads libc6-dev)
tcpkit_require(fmt libfmt-dev 9...<13)
# Debian has no archive of fmt. Its headers do without, and then every file pays for them.
if(TCPKIT_STATIC)
  set(TCPKIT_FMT fmt::fmt-header-only)
else()
  set(TCPKIT_FMT fmt::fmt)
endif()
tcpkit_require(CLI11 libcli11-dev 2.1.2...<3)
tcpkit_require(nlohmann_json nlohmann-json3-dev 3.10)  # a minimum only: its version file rejects ranges
tcpkit_require(Asio libasio-dev)
if(TCPKIT_TESTS AND NOT TCPKIT_STATIC)  # whose tests are in Python
  tcpkit_require(Catch2 catch2)
  if(Catch2_VERSION VERSION_LESS 2.13)
    message(FATAL_ERROR "Catch2 ${Catch2_VERSION} is too old, 2.13 or newer is needed. Debian package: catch2")
  endif()
endif()
