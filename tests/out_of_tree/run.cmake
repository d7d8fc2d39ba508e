# Does what a stranger would: installs Ironlaw, builds a chip that knows only the installed files, and adds a wall by
# following docs/add-a-wall.md.
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
step("Following docs/add-a-wall.md" ${CMAKE_COMMAND} -E env CXX=${CXX} CMAKE_GENERATOR=${GENERATOR}
  IRONLAW_PLUGIN_PATH= IRONLAW_DATA= bash ${SOURCE_DIR}/follow.sh ${SOURCE_DIR}/../../docs/add-a-wall.md ${work}/wall
  ${work}/prefix)
step("Comparing the document's wall with the one that is checked here" ${CMAKE_COMMAND} -E compare_files
  ${work}/wall/thermal_throttling.cpp ${SOURCE_DIR}/thermal_throttling.cpp)

# The installed tool finds its own plugins, and the stranger's by the search path, with no other step.
function(run status output errors)
  execute_process(
    COMMAND ${CMAKE_COMMAND} -E env IRONLAW_DATA= IRONLAW_DB=${work}/wall/ironlaw.sqlite
      IRONLAW_PLUGIN_PATH=${plugins}
      ${work}/prefix/bin/ironlaw ${ARGN}
    RESULT_VARIABLE code OUTPUT_VARIABLE out ERROR_VARIABLE err)
  set(${status} ${code} PARENT_SCOPE)
  set(${output} "${out}" PARENT_SCOPE)
  set(${errors} "${err}" PARENT_SCOPE)
endfunction()
function(ask result)
  run(status output errors ${ARGN})
  if(NOT status EQUAL 0 OR NOT errors STREQUAL "")
    message(FATAL_ERROR "ironlaw ${ARGN} ended with ${status}:\n${output}${errors}")
  endif()
  set(${result} "${output}" PARENT_SCOPE)
endfunction()
# The entry of a JSON array of objects whose `key` is `value`; fails when there is none.
function(entry result json key value)
  string(JSON n LENGTH "${json}")
  math(EXPR last "${n} - 1")
  foreach(i RANGE ${last})
    string(JSON found GET "${json}" ${i} ${key})
    if(found STREQUAL value)
      string(JSON object GET "${json}" ${i})
      set(${result} "${object}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
  message(FATAL_ERROR "No ${key} is ${value} in\n${json}")
endfunction()

# A chip.
set(plugins ${work}/build/lib/ironlaw/plugins)
ask(answer solve llama-3.1-8b my-chip-1 --params textbook --precision bf16 --format json)
string(JSON device GET "${answer}" hardware)
string(JSON time GET "${answer}" time_s)
if(NOT device STREQUAL "My-Chip-1" OR NOT time GREATER 0)
  message(FATAL_ERROR "The stranger's chip is not in the answer:\n${answer}")
endif()
ask(loaded plugin list --format json)
if(NOT loaded MATCHES "my_chip.hardware.so" OR NOT loaded MATCHES "prefix/[^\"]*01_compute.wall.so")
  message(FATAL_ERROR "The plugins come from elsewhere:\n${loaded}")
endif()

# The wall: on the taxonomy's page, below the others.
set(plugins ${work}/wall/build/lib/ironlaw/plugins)
ask(page walls)
if(NOT page MATCHES "22  Synthesis.*Walls of your own\nOperations\n +23  Thermal throttling")
  message(FATAL_ERROR "The page of the walls lacks number 23:\n${page}")
endif()
ask(explained explain 23 --format json)
string(JSON by_hand GET "${explained}" wall functions 0 example outputs 0 value)
string(JSON computed GET "${explained}" wall functions 0 example outputs 0 computed)
ask(text explain thermal_throttling)
if(NOT computed MATCHES "^0.88627" OR NOT by_hand MATCHES "^0.8863|^0.88629" OR text MATCHES "WRONG")
  message(FATAL_ERROR "The example worked by hand: ${by_hand}, computed: ${computed}\n${text}")
endif()

# In the ledger, and the warmer, the slower.
set(case llama-3.1-8b h100 --phase prefill --batch 16)
set(before 0)
foreach(inlet 15 25 35 45)
  ask(answer solve ${case} --params textbook --set inlet_temperature=${inlet} --format json)
  string(JSON ledger GET "${answer}" ledger)
  entry(line "${ledger}" name thermal_throttling)
  string(JSON seconds GET "${line}" seconds)
  string(JSON time GET "${answer}" time_s)
  if(NOT seconds GREATER 0 OR NOT time GREATER before)
    message(FATAL_ERROR "At ${inlet} degrees: ${line}\n${time} s after ${before} s")
  endif()
  set(before ${time})
endforeach()
run(status output errors solve ${case} --params textbook --set inlet_temperature=350)
if(NOT status EQUAL 1 OR NOT errors MATCHES "inlet_temperature.*350.*-20 to 80")
  message(FATAL_ERROR "350 degrees ended with ${status}: ${output}${errors}")
endif()

# Among the sensitivities, with its parameter. One percent of 25 degrees lengthens the time.
ask(answer sensitivity ${case} --params textbook --format json)
string(JSON elasticities GET "${answer}" elasticities)
foreach(input inlet_temperature thermal_load)
  entry(finding "${elasticities}" input ${input})
  string(JSON elasticity GET "${finding}" elasticity)
  if(NOT elasticity GREATER 0)
    message(FATAL_ERROR "The elasticity of ${input} is not positive: ${finding}")
  endif()
endforeach()

# Fitted, by the document's commands: the observations moved it from its prior and narrowed it.
ask(fit calibrate --format json)
string(JSON is_current GET "${fit}" current)
string(JSON parameters GET "${fit}" parameters)
entry(load "${parameters}" name thermal_load)
string(JSON prior GET "${load}" prior)
string(JSON value GET "${load}" value)
string(JSON low GET "${load}" low)
string(JSON high GET "${load}" high)
string(JSON determined GET "${load}" determined)
if(NOT is_current OR NOT determined OR value EQUAL prior OR NOT high GREATER low)
  message(FATAL_ERROR "calibrate did not fit thermal_load: ${load}")
endif()

# A case worked through says where the numbers came from.
ask(answer explain 23 ${case} --set inlet_temperature=45 --format json)
string(JSON inputs GET "${answer}" functions 0 rows 0 inputs)
entry(inlet "${inputs}" name inlet_temperature)
string(JSON from GET "${inlet}" from source)
entry(load "${inputs}" name thermal_load)
string(JSON scope GET "${load}" from terms 0 scope)
string(JSON device GET "${load}" from terms 1 level)
if(NOT from STREQUAL "given" OR NOT scope STREQUAL "global" OR NOT device STREQUAL "H100-SXM-80GB")
  message(FATAL_ERROR "Where the numbers came from:\n${inputs}")
endif()

# Its setting has a place in plans, and the installed tool finds its example plans and what is known of places.
ask(schema schema)
string(JSON inlet GET "${schema}" properties operations properties inlet_temperature description)
string(JSON load GET "${schema}" properties parameters properties thermal_load description)
if(NOT inlet MATCHES "wall 23" OR NOT load MATCHES "wall 23")
  message(FATAL_ERROR "The schema of plans lacks wall 23: ${inlet}; ${load}")
endif()
ask(answer solve ${work}/prefix/share/ironlaw/datasets/plans/chatbot-llama-8b.yaml --params textbook --format json)
string(JSON notes GET "${answer}" notes)
if(NOT notes MATCHES "carbon_intensity of Ireland")
  message(FATAL_ERROR "The installed plan has no place:\n${answer}")
endif()
