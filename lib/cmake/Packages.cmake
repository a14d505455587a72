# `cpack -G DEB`, RPM or TGZ in a build directory; scripts/package makes those that users get. A shared build has three
# parts, a static one is the tool alone.
set(CPACK_PACKAGE_NAME tcpkit)
set(CPACK_PACKAGE_VENDOR "tcpkit contributors")
set(CPACK_PACKAGE_CONTACT "tcpkit contributors <contributors@tcpkit.invalid>" CACHE STRING
  "Name and address of who answers for the packages")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
string(TOLOWER ${CMAKE_SYSTEM_NAME}-${CMAKE_SYSTEM_PROCESSOR} CPACK_SYSTEM_NAME)
set(CPACK_STRIP_FILES ON)
set(CPACK_THREADS 0)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(CPACK_COMPONENTS_ALL tcpkit_Runtime)
if(BUILD_SHARED_LIBS)
  list(APPEND CPACK_COMPONENTS_ALL tcpkit_Library tcpkit_Development)
endif()
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")  # each part has its own

# describe(COMPONENT DEBIAN-NAME RPM-NAME SUMMARY TEXT): a macro, for cpack reads the variables of the project.
macro(describe component debian_name rpm_name summary text)
  set(CPACK_COMPONENT_${component}_DESCRIPTION "${summary}\n${text}")
  set(CPACK_DEBIAN_${component}_PACKAGE_NAME ${debian_name})
  set(CPACK_RPM_${component}_PACKAGE_NAME ${rpm_name})
  set(CPACK_RPM_${component}_PACKAGE_SUMMARY "${summary}")
  set(CPACK_RPM_${component}_PACKAGE_DESCRIPTION "${text}")
endmacro()

describe(TCPKIT_RUNTIME tcpkit tcpkit "TCP socket tuning: what is in force, and why"
"tcpkit shows the value of every option of a TCP socket, what the two ends
negotiated and what follows from it, and where each value comes from. It is
also an echo server to try settings against, a client that measures them,
and it reads the sockets of running processes.")
describe(TCPKIT_LIBRARY libtcpkit0 libtcpkit0 "TCP socket tuning: shared library"
"libtcpkit reads, sets and explains the options of TCP sockets. This package
has the library that the tcpkit tool and other programs load.")
describe(TCPKIT_DEVELOPMENT libtcpkit-dev libtcpkit-devel "TCP socket tuning: development files"
"libtcpkit reads, sets and explains the options of TCP sockets. This package
has its headers, a CMake package and a pkg-config file.")

set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/PackageTree.cmake)
set(CPACK_POST_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/PackageArchive.cmake)
set(CPACK_PROJECT_CONFIG_FILE ${CMAKE_CURRENT_LIST_DIR}/PackageOptions.cmake)
set(CPACK_TCPKIT_SOURCE ${PROJECT_SOURCE_DIR})

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_TCPKIT_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_TCPKIT_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_TCPKIT_DEVELOPMENT_PACKAGE_SHLIBDEPS OFF)
set(exact_version "(= ${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})")  # until 1.0 the library may change
if(BUILD_SHARED_LIBS)
  set(CPACK_DEBIAN_TCPKIT_RUNTIME_PACKAGE_DEPENDS "libtcpkit0 ${exact_version}")
  set(CPACK_DEBIAN_TCPKIT_DEVELOPMENT_PACKAGE_DEPENDS "libtcpkit0 ${exact_version}")
  file(WRITE ${PROJECT_BINARY_DIR}/package/triggers "activate-noawait ldconfig\n")
  set(CPACK_DEBIAN_TCPKIT_LIBRARY_PACKAGE_CONTROL_EXTRA ${PROJECT_BINARY_DIR}/package/triggers)
  get_target_property(library_output tcpkit LIBRARY_OUTPUT_DIRECTORY)
  if(NOT library_output)  # a run path was given
    set(library_output ${PROJECT_BINARY_DIR}/lib)
  endif()
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${library_output})
  set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
  set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY =)
endif()

set(CPACK_RPM_COMPONENT_INSTALL ON)
set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_LICENSE MIT)
set(CPACK_RPM_SPEC_MORE_DEFINE  # nothing of the host that built it, and no links to files of other packages
"%define _build_id_links none
%define _buildhost localhost
%define use_source_date_epoch_as_buildtime 1
%define clamp_mtime_to_source_date_epoch 1")
# Of other packages, and so not ours to own. (CPack leaves out the usual ones itself.)
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION
  /usr/lib/cmake /usr/lib/pkgconfig /usr/lib/systemd /usr/lib/systemd/system /usr/share/bash-completion
  /usr/share/bash-completion/completions /usr/share/fish /usr/share/fish/vendor_completions.d /usr/share/man
  /usr/share/man/man1 /usr/share/man/man5 /usr/share/man/man7 /usr/share/man/man8 /usr/share/zsh
  /usr/share/zsh/site-functions /usr/share/zsh/vendor-completions)

include(CPack)
