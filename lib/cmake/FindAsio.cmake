# Standalone Asio comes without a CMake config or .pc file: find the header, read its version, make asio::asio.
find_path(Asio_INCLUDE_DIR asio.hpp)
mark_as_advanced(Asio_INCLUDE_DIR)

if(Asio_INCLUDE_DIR AND EXISTS ${Asio_INCLUDE_DIR}/asio/version.hpp)
  file(STRINGS ${Asio_INCLUDE_DIR}/asio/version.hpp line REGEX "#define ASIO_VERSION [0-9]+")
  string(REGEX REPLACE ".*ASIO_VERSION ([0-9]+).*" "\\1" number "${line}")
  math(EXPR major "${number} / 100000")
  math(EXPR minor "${number} / 100 % 1000")
  math(EXPR patch "${number} % 100")
  set(Asio_VERSION ${major}.${minor}.${patch})
endif()

include(FindPackageHandleStandardArgs)
if(Asio_VERSION AND Asio_VERSION VERSION_LESS 1.22)
  message(FATAL_ERROR "Asio ${Asio_VERSION} is too old, 1.22 or newer is needed. Debian package: libasio-dev")
endif()
find_package_handle_standard_args(Asio REQUIRED_VARS Asio_INCLUDE_DIR VERSION_VAR Asio_VERSION)

if(Asio_FOUND AND NOT TARGET asio::asio)
  add_library(asio::asio INTERFACE IMPORTED)
  target_include_directories(asio::asio SYSTEM INTERFACE ${Asio_INCLUDE_DIR})
  target_link_libraries(asio::asio INTERFACE Threads::Threads)
  target_compile_definitions(asio::asio INTERFACE
    ASIO_STANDALONE ASIO_NO_DEPRECATED ASIO_SEPARATE_COMPILATION
    ASIO_DISABLE_VISIBILITY  # or its headers make all of Asio visible, and libtcpkit would export it
    $<$<CXX_COMPILER_ID:Clang>:ASIO_HAS_CO_AWAIT ASIO_HAS_STD_COROUTINE>)
endif()
