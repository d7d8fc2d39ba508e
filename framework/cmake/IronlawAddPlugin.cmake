# ironlaw_add_plugin(<name> KIND wall|hardware SOURCES <file>... [OUTPUT_DIRECTORY <dir>])
#
# Builds <name>.wall.so or <name>.hardware.so as the target ironlaw_<kind>_<name>. The same function serves
# the plugins of this repository and those of others: it is installed beside ironlawConfig.cmake.
#
# Without OUTPUT_DIRECTORY the file goes to ${CMAKE_BINARY_DIR}/lib/ironlaw/plugins, and `install` puts it
# where an installed ironlaw looks. With it, the file is only built (the tests' broken plugins, say).
include_guard(GLOBAL)
include(GNUInstallDirs)

set(IRONLAW_PLUGIN_EXPORT_MAP ${CMAKE_CURRENT_LIST_DIR}/plugin_exports.map
  CACHE INTERNAL "What an ironlaw plugin lets others see")

function(ironlaw_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "KIND;OUTPUT_DIRECTORY" "SOURCES")
  if(arg_UNPARSED_ARGUMENTS OR arg_KEYWORDS_MISSING_VALUES)
    message(FATAL_ERROR "ironlaw_add_plugin(${name}): cannot read '${arg_UNPARSED_ARGUMENTS}${arg_KEYWORDS_MISSING_VALUES}'.")
  endif()
  if(NOT arg_KIND MATCHES "^(wall|hardware)$")
    message(FATAL_ERROR "ironlaw_add_plugin(${name}): KIND is '${arg_KIND}', and must be wall or hardware.")
  endif()
  if(NOT arg_SOURCES)
    message(FATAL_ERROR "ironlaw_add_plugin(${name}): SOURCES names no file.")
  endif()

  set(target ironlaw_${arg_KIND}_${name})
  add_library(${target} MODULE ${arg_SOURCES})
  target_link_libraries(${target} PRIVATE ironlaw::sdk)
  set_target_properties(${target} PROPERTIES
    PREFIX "" OUTPUT_NAME ${name} SUFFIX .${arg_KIND}.so
    CXX_EXTENSIONS OFF CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)

  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wconversion -Wshadow
    -ffp-contract=off                    # else results would depend on -march
    -fno-math-errno -fno-trapping-math)  # lets the compiler turn min, max and sqrt loops into vector code
  if(TARGET ironlaw_options)  # our own; a stranger's newer compiler may know warnings that we do not
    target_compile_options(${target} PRIVATE -Werror)
  elseif(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES AND NOT CMAKE_CXX_FLAGS MATCHES "-O")
    target_compile_options(${target} PRIVATE -O3)  # nobody who names no build type wants a slow wall
  endif()

  # The map exports the entry symbol and nothing else. That also turns GNU_UNIQUE symbols (inline statics,
  # std:: templates) local, which two plugins would otherwise share in spite of RTLD_LOCAL.
  # Bound when loaded (-z now): a lazy symbol that is missing ends the process at its first call.
  target_link_options(${target} PRIVATE -Wl,-z,now -Wl,--version-script=${IRONLAW_PLUGIN_EXPORT_MAP})
  set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS ${IRONLAW_PLUGIN_EXPORT_MAP})
  if(NOT IRONLAW_ASAN AND NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize")  # the sanitizers' symbols are in the host
    target_link_options(${target} PRIVATE -Wl,--no-undefined)
  endif()

  if(arg_OUTPUT_DIRECTORY)
    set_target_properties(${target} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${arg_OUTPUT_DIRECTORY})
    return()
  endif()
  set_target_properties(${target} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib/ironlaw/plugins)
  install(TARGETS ${target} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/ironlaw/plugins)
  if(NOT TARGET ironlaw_plugins)
    add_custom_target(ironlaw_plugins)  # all of them, for those who want no tests
  endif()
  add_dependencies(ironlaw_plugins ${target})
endfunction()
