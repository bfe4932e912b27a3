# SPDX-License-Identifier: MIT
configure_file(${CMAKE_CURRENT_SOURCE_DIR}/src/base/version.h.in ${CMAKE_BINARY_DIR}/generated/base/version.h @ONLY)

# prh_library(NAME SOURCE...): the static library of one folder of src/, named prh_NAME.
function(prh_library name)
  add_library(prh_${name} STATIC ${ARGN})
  target_include_directories(prh_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src ${CMAKE_BINARY_DIR}/generated)
endfunction()

# prh_program(NAME SOURCE...): a program in build/bin.
function(prh_program name)
  add_executable(${name} ${ARGN})
endfunction()

# prh_server_program(NAME SOURCE...): one that keeps running, some with a privilege. The C++ runtime is linked in: two shared
# libraries remain (libc, libcap-ng), and a third of the memory.
function(prh_server_program name)
  prh_program(${name} ${ARGN})
  if(NOT PRH_SANITIZE)
    target_link_options(${name} PRIVATE -static-libstdc++ -static-libgcc -Wl,--gc-sections)
  endif()
endfunction()

# prh_test(NAME LABELS label... [TIMEOUT seconds] SOURCES source... LIBRARIES library...): a GoogleTest program, one ctest test.
function(prh_test name)
  cmake_parse_arguments(arg "RUN_SERIAL" "TIMEOUT" "LABELS;SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin/tests)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES} GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE PRH_BIN_DIR="${CMAKE_BINARY_DIR}/bin" PRH_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  add_test(NAME ${name} COMMAND ${name})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT})
  if(arg_RUN_SERIAL)
    set_tests_properties(${name} PROPERTIES RUN_SERIAL TRUE)
  endif()
endfunction()
