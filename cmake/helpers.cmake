# SPDX-License-Identifier: MIT
configure_file(${CMAKE_CURRENT_SOURCE_DIR}/src/base/version.h.in ${CMAKE_BINARY_DIR}/generated/base/version.h @ONLY)

# Headers that most files include, parsed once for all of src/. Every file still names what it uses: a build with
# CMAKE_DISABLE_PRECOMPILE_HEADERS=ON shows what is missing.
set(PRH_COMMON_HEADERS <algorithm> <chrono> <filesystem> <functional> <map> <memory> <mutex> <optional> <string> <string_view>
                       <thread> <vector> <fmt/format.h> <fmt/ranges.h> <tl/expected.hpp>)

# prh_library(NAME SOURCE...): the static library of one folder of src/, named prh_NAME.
function(prh_library name)
  prh_library_of(${name} base ${ARGN})
endfunction()

# prh_tool_library(NAME SOURCE...): one that prhelperctl alone uses. Under sanitizers it is not optimised, which is most of the
# time that it takes to compile.
function(prh_tool_library name)
  if(PRH_SANITIZE)
    prh_library_of(${name} client ${ARGN})
    target_compile_options(prh_${name} PRIVATE -O0)
  else()
    prh_library(${name} ${ARGN})
  endif()
  target_link_libraries(prh_${name} PRIVATE nlohmann_json::nlohmann_json)
endfunction()

# prh_library_of(NAME FIRST SOURCE...): prh_FIRST compiles the common headers for all that name it.
function(prh_library_of name first)
  add_library(prh_${name} STATIC ${ARGN})
  target_include_directories(prh_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src ${CMAKE_BINARY_DIR}/generated)
  if(name STREQUAL first)
    target_link_libraries(prh_${name} PRIVATE prh_fmt)
    target_precompile_headers(prh_${name} PRIVATE ${PRH_COMMON_HEADERS})
  else()
    target_precompile_headers(prh_${name} REUSE_FROM prh_${first})
  endif()
endfunction()

# prh_program(NAME SOURCE...): a program in build/bin.
function(prh_program name)
  add_executable(${name} ${ARGN})
endfunction()

# prh_server_program(NAME SOURCE...): one that keeps running, some with a privilege. With PRH_STATIC two shared libraries remain
# (libc, libcap-ng).
function(prh_server_program name)
  prh_program(${name} ${ARGN})
  target_link_options(${name} PRIVATE ${PRH_RUNTIME_LINK_OPTIONS} -Wl,--gc-sections)
endfunction()

# What most tests include, and the library that compiles it for the tests of its folder and below.
set(PRH_TEST_HEADERS <algorithm> <chrono> <filesystem> <fstream> <functional> <map> <memory> <mutex> <optional> <string> <thread>
                     <vector> <gtest/gtest.h>)
set(PRH_TEST_HEADERS_OF prh_test_support)

# prh_test_library(NAME SOURCE...): what several tests share.
function(prh_test_library name)
  add_library(${name} STATIC ${ARGN})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR}/tests)
  # As the programs are compiled, which use the same precompiled header.
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(${name} PRIVATE -fPIE)
  target_link_libraries(${name} PUBLIC GTest::gtest)
  if(name STREQUAL PRH_TEST_HEADERS_OF)
    target_precompile_headers(${name} PRIVATE ${PRH_TEST_HEADERS})
  else()
    target_precompile_headers(${name} REUSE_FROM ${PRH_TEST_HEADERS_OF})
  endif()
endfunction()

# prh_test_program(NAME SOURCES source... [LIBRARIES library...]): a program that tests start, in build/.../bin/tests.
function(prh_test_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBRARIES" ${ARGN})
  if(PRH_TESTS_FROM)
    add_custom_target(${name})
    return()
  endif()
  add_executable(${name} ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin/tests)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES})
endfunction()

# prh_test(NAME LABELS label... [TIMEOUT seconds] [RUN_SERIAL] SOURCES source... LIBRARIES library... [NEEDS program...]):
# a GoogleTest program, one ctest test. NEEDS: programs that it starts.
#
# An integration test is a client of programs. With PRH_TESTS_FROM it is not compiled: that other build's is run against the
# programs of this one.
function(prh_test name)
  cmake_parse_arguments(arg "RUN_SERIAL" "TIMEOUT" "LABELS;SOURCES;LIBRARIES;NEEDS" ${ARGN})
  if(PRH_TESTS_FROM AND "integration" IN_LIST arg_LABELS)
    add_custom_target(${name} ALL)
    add_test(NAME ${name} COMMAND ${PRH_TESTS_FROM}/bin/tests/${name})
    set_tests_properties(${name} PROPERTIES ENVIRONMENT "PRH_PROGRAMS=${CMAKE_BINARY_DIR}/bin;PRH_SANITIZER=${PRH_SANITIZE}")
  else()
    add_executable(${name} ${arg_SOURCES})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin/tests)
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
    target_link_libraries(${name} PRIVATE ${arg_LIBRARIES} GTest::gtest_main)
    target_precompile_headers(${name} REUSE_FROM ${PRH_TEST_HEADERS_OF})
    add_test(NAME ${name} COMMAND ${name})
  endif()
  if(arg_NEEDS)
    add_dependencies(${name} ${arg_NEEDS})
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  if(CMAKE_CROSSCOMPILING)  # script/ports: an emulated processor has a tenth of the speed
    math(EXPR arg_TIMEOUT "${arg_TIMEOUT} * 10")
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT})
  if(arg_RUN_SERIAL)
    set_tests_properties(${name} PROPERTIES RUN_SERIAL TRUE)
  endif()
endfunction()
