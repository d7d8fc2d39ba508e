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
