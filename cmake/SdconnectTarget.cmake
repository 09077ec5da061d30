# Settings that all targets of the project share. All are private: none affects users of the
# library.
function(sdconnect_target target)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  if(SDCONNECT_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 32)
  endif()
  target_compile_features(${target} PRIVATE cxx_std_20)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
    -Wold-style-cast -Wcast-qual -Woverloaded-virtual -Wextra-semi -Wformat=2
    # Aggregates with designated initialisers omit members with a default.
    -Wno-missing-field-initializers
    $<$<BOOL:${SDCONNECT_WERROR}>:-Werror>)
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    target_compile_options(${target} PRIVATE -Wlogical-op -Wduplicated-cond -Wduplicated-branches)
    if(SDCONNECT_UNITY)
      # False positives if several files form one translation unit: a name "shadows" one of another
      # file, and a type of an unnamed namespace is "used" elsewhere. The tree without unity builds
      # has both warnings.
      target_compile_options(${target} PRIVATE -Wno-shadow -Wno-subobject-linkage)
    endif()
    if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
      # False positives of g++ 12 inside libstdc++: vector growth at -O2, std::string operator+ and
      # == (GCC bug 105651); and for the frames of Asio's coroutines.
      target_compile_options(${target} PRIVATE
        -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread -Wno-restrict -Wno-mismatched-new-delete)
    endif()
  endif()
  if(SDCONNECT_SANITIZE)
    target_compile_options(${target} PRIVATE
      -fsanitize=${SDCONNECT_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(${target} PRIVATE -fsanitize=${SDCONNECT_SANITIZE})
    if(SDCONNECT_SANITIZE MATCHES undefined)
      # vptr opens a pipe to inspect memory, and reports false errors in tests that run out of
      # descriptors.
      target_compile_options(${target} PRIVATE -fno-sanitize=vptr)
    endif()
    if(CMAKE_CXX_COMPILER_ID STREQUAL Clang AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 17)
      # Does not work with coroutines (LLVM issue 49689): "Cannot represent a difference across
      # sections".
      target_compile_options(${target} PRIVATE -fno-sanitize=function)
    endif()
  endif()
endfunction()

# The code of a test need not be fast, and compiles in half the time without optimisation. The
# tested code is optimised as usual.
function(sdconnect_test_target target)
  sdconnect_target(${target})
  target_compile_options(${target} PRIVATE -O0)
endfunction()
