# Archives without times and owners; most tools do it anyway.
set(CMAKE_CXX_ARCHIVE_CREATE "<CMAKE_AR> qcD <TARGET> <LINK_FLAGS> <OBJECTS>")
set(CMAKE_CXX_ARCHIVE_FINISH "<CMAKE_RANLIB> -D <TARGET>")

# Warnings and sanitizers, applied with tcpkit_flags(TARGET) to every target of the project.
function(tcpkit_flags target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES
    CXX_EXTENSIONS OFF CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wnon-virtual-dtor
    -Woverloaded-virtual -Wnull-dereference -Wimplicit-fallthrough
    # g++ 12 sees a false mismatch in the frames of coroutines at -O1, and false overlaps in std::string + at -O2
    # (GCC bug 105651).
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-mismatched-new-delete$<SEMICOLON>-Wno-restrict>
    $<$<BOOL:${TCPKIT_WERROR}>:-Werror>)
  # What is built does not depend on where. A developer's debugger wants whole paths.
  target_compile_options(${target} PRIVATE $<$<NOT:$<CONFIG:Debug>>:-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=>)
  if(TCPKIT_STATIC)
    # Every page of code that is touched at the start costs a fault: what nobody calls is left out.
    target_compile_options(${target} PRIVATE -ffunction-sections -fdata-sections)
    target_link_options(${target} PRIVATE -Wl,--gc-sections -Wl,-z,noseparate-code)
  endif()
  if(TCPKIT_COVERAGE)
    target_compile_options(${target} PRIVATE --coverage -fprofile-update=atomic)  # several threads count
    target_link_options(${target} PRIVATE --coverage)
  endif()
  if(TCPKIT_TIDY)
    # Clang does not tell Asio that it has coroutines; flags that only GCC knows are none of its business.
    set_target_properties(${target} PROPERTIES CXX_CLANG_TIDY
      "clang-tidy;--quiet;--extra-arg=-DASIO_HAS_CO_AWAIT;--extra-arg=-DASIO_HAS_STD_COROUTINE;--extra-arg=-Wno-unknown-warning-option;--extra-arg=-Wno-unused-command-line-argument")
  endif()
  if(TCPKIT_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${TCPKIT_SANITIZE} -fno-omit-frame-pointer
      -fno-sanitize-recover=all)
    target_link_options(${target} PRIVATE -fsanitize=${TCPKIT_SANITIZE})
    if(TCPKIT_SANITIZE MATCHES thread)
      target_compile_options(${target} PRIVATE -Wno-tsan)  # Asio uses atomic_thread_fence
    endif()
  endif()
endfunction()
