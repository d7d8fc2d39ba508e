# The SDK's target, and what `cmake --install` puts where. Plugins install themselves, in ironlaw_add_plugin.
include(CMakePackageConfigHelpers)
set(ironlaw_config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/ironlaw)
set(ironlaw_data_dir ${CMAKE_INSTALL_DATADIR}/ironlaw)

# All that a plugin is compiled against.
add_library(ironlaw_sdk INTERFACE)
add_library(ironlaw::sdk ALIAS ironlaw_sdk)
set_target_properties(ironlaw_sdk PROPERTIES EXPORT_NAME sdk)
target_compile_features(ironlaw_sdk INTERFACE cxx_std_20)
target_include_directories(ironlaw_sdk INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/framework/sdk> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)

# For those who write plugins: headers, and a CMake package with the function that builds one.
install(TARGETS ironlaw_sdk EXPORT ironlawTargets)
install(DIRECTORY framework/sdk/ironlaw DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT ironlawTargets NAMESPACE ironlaw:: DESTINATION ${ironlaw_config_dir})
configure_package_config_file(framework/cmake/ironlawConfig.cmake.in ironlawConfig.cmake
  INSTALL_DESTINATION ${ironlaw_config_dir})
# The ABI is not frozen before 1.0: until then every minor version is a new one.
write_basic_package_version_file(ironlawConfigVersion.cmake COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/ironlawConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/ironlawConfigVersion.cmake
  framework/cmake/IronlawAddPlugin.cmake framework/cmake/plugin_exports.map DESTINATION ${ironlaw_config_dir})

# For those who predict. The build folder has the installed layout, so the executable finds its plugins and
# data by the same relative paths in both.
if(TARGET ironlaw)
  install(TARGETS ironlaw RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(FILES ${CMAKE_BINARY_DIR}/share/ironlaw/ironlaw.sqlite DESTINATION ${ironlaw_data_dir} OPTIONAL)
install(DIRECTORY datasets DESTINATION ${ironlaw_data_dir} FILES_MATCHING PATTERN "*.csv" PATTERN "*.md" PATTERN "*.yaml")
