# Probes this machine, builds the plugin that comes of it, and uses the target.
#   cmake -DBUILD_DIR=<our build> -DGENERATOR=<..> -DCXX=<compiler> -P project.cmake
set(work ${BUILD_DIR}/probe_project)
file(REMOVE_RECURSE ${work})
file(MAKE_DIRECTORY ${work})
set(ironlaw ${BUILD_DIR}/bin/ironlaw)

function(step output what)
  execute_process(COMMAND ${CMAKE_COMMAND} -E env IRONLAW_PLUGIN_PATH=${plugins} IRONLAW_DB=${work}/none.sqlite ${ARGN}
    RESULT_VARIABLE status OUTPUT_VARIABLE out ERROR_VARIABLE err)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${what} ended with ${status}:\n${out}${err}")
  endif()
  set(${output} "${out}" PARENT_SCOPE)
endfunction()

step(report "Probing" ${ironlaw} probe --quick --out ${work}/box --name probed-box --format json)
string(JSON rows LENGTH "${report}" measurements)
string(JSON figures LENGTH "${report}" target figures)
string(JSON stored GET "${report}" stored)
if(rows LESS 10 OR figures LESS 5 OR NOT stored MATCHES "not stored: there is no database")
  message(FATAL_ERROR "The probe says too little (${rows} rows, ${figures} figures, '${stored}'):\n${report}")
endif()

step(ignored "Configuring" ${CMAKE_COMMAND} -S ${work}/box -B ${work}/box/build -G ${GENERATOR}
  -DCMAKE_CXX_COMPILER=${CXX} -DCMAKE_PREFIX_PATH=${BUILD_DIR})
step(ignored "Building" ${CMAKE_COMMAND} --build ${work}/box/build)

set(plugins ${work}/box/build/lib/ironlaw/plugins)
step(dossier "Showing the target" ${ironlaw} hardware probed-box --format json)
string(JSON name GET "${dossier}" 0 name)
string(JSON source GET "${dossier}" 0 specs 0 source)
if(NOT name STREQUAL "probed-box" OR NOT source MATCHES "^ironlaw probe --quick, 20")
  message(FATAL_ERROR "The target is not the probed one:\n${dossier}")
endif()
step(answer "Solving" ${ironlaw} solve bert-large probed-box --phase prefill --precision fp32 --params textbook --format json)
string(JSON time GET "${answer}" time_s)
if(NOT time GREATER 0)
  message(FATAL_ERROR "No time:\n${answer}")
endif()

# The rows, into a database; a rebuild keeps them.
set(ENV{IRONLAW_DB} ${work}/rows.sqlite)
foreach(words "build" "import;${work}/box/probe.csv" "build;--force")
  execute_process(COMMAND ${ironlaw} db ${words} RESULT_VARIABLE status OUTPUT_VARIABLE out ERROR_VARIABLE out)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "db ${words}: ${out}")
  endif()
endforeach()
execute_process(COMMAND ${ironlaw} db query "SELECT count(*) AS n FROM probe_measurement" --format csv OUTPUT_VARIABLE out)
if(NOT out MATCHES "n\n${rows}\n")
  message(FATAL_ERROR "${rows} rows were measured, and stored:\n${out}")
endif()
