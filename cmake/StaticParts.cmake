# Which libraries sd-connect contains, and which it loads at each start. Defines sdconnect_fmt and
# sdconnect_ldns, to link in place of fmt::fmt and PkgConfig::ldns.
include(CheckLinkerFlag)

function(sdconnect_find_archive variable name)
  find_library(${variable} NAMES lib${name}.a HINTS ${ldns_LIBRARY_DIRS})
  if(NOT ${variable})
    message(FATAL_ERROR "SDCONNECT_STATIC_PARTS needs lib${name}.a; set it to OFF to link the shared library")
  endif()
endfunction()

if(SDCONNECT_STATIC_PARTS)
  # Debian has no libfmt.a.
  add_library(sdconnect_fmt STATIC ${CMAKE_CURRENT_LIST_DIR}/fmt.cpp)
  set_target_properties(sdconnect_fmt PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_compile_features(sdconnect_fmt PRIVATE cxx_std_20)
  target_include_directories(sdconnect_fmt SYSTEM PUBLIC
    $<TARGET_PROPERTY:fmt::fmt,INTERFACE_INCLUDE_DIRECTORIES>)

  sdconnect_find_archive(SDCONNECT_LDNS_ARCHIVE ldns)
  add_library(sdconnect_ldns INTERFACE)
  target_include_directories(sdconnect_ldns SYSTEM INTERFACE ${ldns_INCLUDE_DIRS})
  target_link_libraries(sdconnect_ldns INTERFACE ${SDCONNECT_LDNS_ARCHIVE} OpenSSL::Crypto)
else()
  add_library(sdconnect_fmt INTERFACE)
  target_link_libraries(sdconnect_fmt INTERFACE fmt::fmt)
  add_library(sdconnect_ldns INTERFACE)
  target_link_libraries(sdconnect_ldns INTERFACE PkgConfig::ldns)
endif()

check_linker_flag(CXX -Wl,-z,pack-relative-relocs SDCONNECT_HAS_RELR)

# sdconnect_link_statically(PROGRAM): as the options say. OpenSSL stays shared with
# SDCONNECT_STATIC_PARTS alone, so that updates of the system's OpenSSL apply to the program.
function(sdconnect_link_statically program)
  if(SDCONNECT_STATIC)
    target_link_options(${program} PRIVATE -static-pie)
  elseif(SDCONNECT_STATIC_PARTS)
    target_link_options(${program} PRIVATE -static-libstdc++ -static-libgcc)
  endif()
  if(SDCONNECT_STATIC_PARTS AND SDCONNECT_HAS_RELR)
    target_link_options(${program} PRIVATE -Wl,-z,pack-relative-relocs)
  endif()
endfunction()
