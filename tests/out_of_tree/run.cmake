# Does what a stranger would: installs Ironlaw, then builds a project that knows only the installed files.
#   cmake -DBUILD_DIR=<our build> -DSOURCE_DIR=<this folder> -DGENERATOR=<..> -DCXX=<compiler> -P run.cmake
set(work ${BUILD_DIR}/out_of_tree)
file(REMOVE_RECURSE ${work})

function(step what)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${what} failed:\n${output}")
  endif()
endfunction()

step("Installing" ${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix ${work}/prefix)
step("Configuring" ${CMAKE_COMMAND} -S ${SOURCE_DIR} -B ${work}/build -G ${GENERATOR}
  -DCMAKE_CXX_COMPILER=${CXX} -DCMAKE_PREFIX_PATH=${work}/prefix)
step("Building" ${CMAKE_COMMAND} --build ${work}/build)

foreach(plugin my_wall.wall.so my_chip.hardware.so)
  if(NOT EXISTS ${work}/build/lib/ironlaw/plugins/${plugin})
    message(FATAL_ERROR "${plugin} was not built.")
  endif()
endforeach()

# The installed tool finds its own plugins, and the stranger's by the search path, with no other step.
function(ask result)
  execute_process(
    COMMAND ${CMAKE_COMMAND} -E env IRONLAW_PLUGIN_PATH=${work}/build/lib/ironlaw/plugins
      ${work}/prefix/bin/ironlaw ${ARGN}
    RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE errors)
  if(NOT status EQUAL 0 OR NOT errors STREQUAL "")
    message(FATAL_ERROR "ironlaw ${ARGN} ended with ${status}:\n${output}${errors}")
  endif()
  set(${result} "${output}" PARENT_SCOPE)
endfunction()

ask(answer solve llama-3.1-8b my-chip-1 --params textbook --precision bf16 --format json)
string(JSON device GET "${answer}" hardware)
string(JSON time GET "${answer}" time_s)
string(JSON entries GET "${answer}" ledger)
if(NOT device STREQUAL "My-Chip-1" OR NOT time GREATER 0 OR NOT entries MATCHES "my_wall")
  message(FATAL_ERROR "The stranger's chip or wall is not in the answer:\n${answer}")
endif()
ask(loaded plugin list --format json)
if(NOT loaded MATCHES "my_wall.wall.so" OR NOT loaded MATCHES "prefix/[^\"]*01_compute.wall.so")
  message(FATAL_ERROR "The plugins come from elsewhere:\n${loaded}")
endif()
# The stranger's parameter may stand in a plan, and the installed tool finds its example plans and the facts.
ask(schema schema)
string(JSON meaning GET "${schema}" properties parameters properties power_share description)
if(NOT meaning MATCHES "my_wall")
  message(FATAL_ERROR "The schema does not know the stranger's parameter: ${meaning}")
endif()
ask(answer solve ${work}/prefix/share/ironlaw/datasets/plans/chatbot-llama-8b.yaml --params textbook --format json)
string(JSON notes GET "${answer}" notes)
if(NOT notes MATCHES "carbon_intensity of Ireland")
  message(FATAL_ERROR "The installed plan has no place:\n${answer}")
endif()
