# Run by cpack over what it made. It packs an archive in the order in which a directory happens to be read: once more, by name.
if(CPACK_GENERATOR STREQUAL "TGZ")
  set(time "")
  if(DEFINED ENV{SOURCE_DATE_EPOCH})
    set(time --mtime=@$ENV{SOURCE_DATE_EPOCH})
  endif()
  foreach(archive IN LISTS CPACK_PACKAGE_FILES)
    get_filename_component(name ${archive} NAME)
    string(REGEX REPLACE "\\.tar\\.gz$" "" name ${name})
    execute_process(COMMAND_ERROR_IS_FATAL ANY
      COMMAND tar --sort=name --format=gnu --owner=0 --group=0 --numeric-owner ${time}
        -C ${CPACK_TOPLEVEL_DIRECTORY} -cf - ${name}
      COMMAND gzip -9n
      OUTPUT_FILE ${archive})
  endforeach()
endif()
