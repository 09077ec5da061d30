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
  # The names are those that man, bash-completion, zsh and fish look for.
  set(pages ${PROJECT_BINARY_DIR}/pages)
  install(FILES ${pages}/sd-connect.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  install(FILES ${pages}/sd-connect.toml.5 DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
  install(FILES ${pages}/sd-connect DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
  install(FILES ${pages}/_sd-connect DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
  install(FILES ${pages}/sd-connect.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
  # systemd looks for units of packages here, whatever the library folder of the architecture is.
  configure_file(tools/sd-connect/systemd/sd-connect.service.in units/system/sd-connect.service @ONLY)
  configure_file(tools/sd-connect/systemd/sd-connect-user.service.in units/user/sd-connect.service @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/units/system/sd-connect.service DESTINATION lib/systemd/system)
  install(FILES ${PROJECT_BINARY_DIR}/units/user/sd-connect.service DESTINATION lib/systemd/user)
endif()
