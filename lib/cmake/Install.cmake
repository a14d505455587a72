# What others need to build on libtcpkit: headers, a CMake package and a pkg-config file.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/tcpkit)

install(TARGETS tcpkit EXPORT tcpkitTargets
  LIBRARY COMPONENT tcpkit_Library NAMELINK_COMPONENT tcpkit_Development
  ARCHIVE COMPONENT tcpkit_Development)
install(DIRECTORY include/tcpkit DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT tcpkit_Development
  FILES_MATCHING PATTERN *.hpp)
install(EXPORT tcpkitTargets NAMESPACE tcpkit:: DESTINATION ${package_dir} COMPONENT tcpkit_Development)

# A shared libtcpkit keeps its dependencies to itself; an archive hands them to whoever links it.
if(BUILD_SHARED_LIBS)
  set(static_dependencies "")
  set(static_pkgconfig "")
else()
  set(static_dependencies "include(CMakeFindDependencyMacro)\nfind_dependency(Threads)\nfind_dependency(fmt)\n")
  set(static_pkgconfig "Requires.private: fmt\nLibs.private: -pthread")
endif()

configure_package_config_file(cmake/tcpkitConfig.cmake.in tcpkitConfig.cmake
  INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(tcpkitConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/tcpkitConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/tcpkitConfigVersion.cmake
  DESTINATION ${package_dir} COMPONENT tcpkit_Development)

# Paths relative to the file itself, so that an installed tree can be moved.
set(pkgconfig_full_dir ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH prefix_from_here ${pkgconfig_full_dir} ${CMAKE_INSTALL_PREFIX})
file(RELATIVE_PATH includedir_from_here ${pkgconfig_full_dir} ${CMAKE_INSTALL_FULL_INCLUDEDIR})
configure_file(cmake/tcpkit.pc.in tcpkit.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/tcpkit.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT tcpkit_Development)
