# Run by cpack over the installed files, before they are packed: the form that Debian and RPM want, and one time for all.

function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# Debian's policy, chapter 12: every package has its copyright and both changelogs. It harms no other distribution.
function(add_documents tree package version)
  set(documents ${tree}/usr/share/doc/${package})
  file(READ ${CPACK_TCPKIT_SOURCE}/LICENSE license)
  file(WRITE ${documents}/copyright "${license}")
  file(COPY_FILE ${CPACK_TCPKIT_SOURCE}/CHANGELOG.md ${documents}/changelog)
  string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)  # follows SOURCE_DATE_EPOCH
  file(WRITE ${documents}/changelog.Debian
    "tcpkit (${version}) unstable; urgency=medium\n\n  * New upstream release; see changelog.gz.\n\n"
    " -- ${CPACK_PACKAGE_CONTACT}  ${date}\n")
  run(gzip -9nf ${documents}/changelog ${documents}/changelog.Debian)
endfunction()

function(compress_pages tree)
  file(GLOB pages ${tree}/usr/share/man/man*/*.[1-8])
  if(pages)
    run(gzip -9nf ${pages})
  endif()
endfunction()

# A path to the library beside is for trees that are moved. From /usr the loader finds it, and Debian refuses a program
# that says where (lintian: custom-library-search-path).
function(drop_run_path tree)
  file(GLOB program ${tree}/usr/bin/tcpkit)
  if(program)
    file(RPATH_REMOVE FILE ${program})
  endif()
endfunction()

if(CPACK_GENERATOR MATCHES "DEB|RPM")
  foreach(component IN LISTS CPACK_COMPONENTS_ALL)
    string(TOUPPER ${component} upper)
    set(tree ${CPACK_TEMPORARY_DIRECTORY}/${component})
    add_documents(${tree} ${CPACK_DEBIAN_${upper}_PACKAGE_NAME} ${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})
    compress_pages(${tree})
    drop_run_path(${tree})
  endforeach()
endif()
if(DEFINED ENV{SOURCE_DATE_EPOCH})
  run(find ${CPACK_TEMPORARY_DIRECTORY} -exec touch -h -d @$ENV{SOURCE_DATE_EPOCH} {} +)
endif()
