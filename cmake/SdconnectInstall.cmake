include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/sdconnect)

install(TARGETS sdconnect EXPORT sdconnectTargets FILE_SET HEADERS)
install(EXPORT sdconnectTargets NAMESPACE sdconnect:: DESTINATION ${package_dir})

configure_package_config_file(cmake/sdconnectConfig.cmake.in sdconnectConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(sdconnectConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(
  FILES ${PROJECT_BINARY_DIR}/sdconnectConfig.cmake ${PROJECT_BINARY_DIR}/sdconnectConfigVersion.cmake
  DESTINATION ${package_dir})

# The prefix is relative to the .pc file, so that `cmake --install --prefix` and a moved tree work.
file(RELATIVE_PATH pc_prefix /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
configure_file(cmake/sdconnect.pc.in sdconnect.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/sdconnect.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

if(SDCONNECT_TOOLS)
  install(TARGETS sd-connect)
endif()
