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
install(TARGETS ironlaw EXPORT ironlawTargets RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(EXPORT ironlawTargets NAMESPACE ironlaw:: DESTINATION ${ironlaw_config_dir})
# The build folder has the installed layout here, too: a plugin can be built against it without installing.
set(package_dir ${CMAKE_BINARY_DIR}/${ironlaw_config_dir})
export(EXPORT ironlawTargets NAMESPACE ironlaw:: FILE ${package_dir}/ironlawTargets.cmake)
configure_package_config_file(framework/cmake/ironlawConfig.cmake.in ${package_dir}/ironlawConfig.cmake
  INSTALL_DESTINATION ${ironlaw_config_dir})
# The package's version is the ABI's: find_package(ironlaw 1.0) is met by every 1.x, whatever the program's version.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS framework/sdk/ironlaw/abi.h)
file(STRINGS framework/sdk/ironlaw/abi.h abi_lines REGEX "^#define IRONLAW_ABI_M(AJ|IN)OR [0-9]+u$")
list(TRANSFORM abi_lines REPLACE "[^0-9]" "")
list(JOIN abi_lines . IRONLAW_ABI_VERSION)
write_basic_package_version_file(${package_dir}/ironlawConfigVersion.cmake VERSION ${IRONLAW_ABI_VERSION}
  COMPATIBILITY SameMajorVersion ARCH_INDEPENDENT)
file(COPY framework/cmake/IronlawAddPlugin.cmake framework/cmake/plugin_exports.map DESTINATION ${package_dir})
install(FILES
  ${package_dir}/ironlawConfig.cmake
  ${package_dir}/ironlawConfigVersion.cmake
  framework/cmake/IronlawAddPlugin.cmake
  framework/cmake/plugin_exports.map
  DESTINATION ${ironlaw_config_dir})

# For those who predict. The build folder has the installed layout, so the executable finds its plugins and
# data by the same relative paths in both.
install(FILES ${CMAKE_BINARY_DIR}/share/ironlaw/ironlaw.sqlite DESTINATION ${ironlaw_data_dir} OPTIONAL)
install(DIRECTORY datasets DESTINATION ${ironlaw_data_dir} FILES_MATCHING PATTERN "*.csv" PATTERN "*.csv.gz" PATTERN "*.md" PATTERN "*.yaml")
install(DIRECTORY framework/templates DESTINATION ${ironlaw_data_dir})
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR})
