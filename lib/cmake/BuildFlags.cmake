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
  if(TCPKIT_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${TCPKIT_SANITIZE} -fno-omit-frame-pointer
      -fno-sanitize-recover=all)
    target_link_options(${target} PRIVATE -fsanitize=${TCPKIT_SANITIZE})
    if(TCPKIT_SANITIZE MATCHES thread)
      target_compile_options(${target} PRIVATE -Wno-tsan)  # Asio uses atomic_thread_fence
    endif()
  endif()
endfunction()
