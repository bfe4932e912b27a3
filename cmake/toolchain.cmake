# SPDX-License-Identifier: MIT
# Language level, warnings and hardening: the same for every target. What a distribution sets in CXXFLAGS wins: a flag is added
# only where its family is not in CMAKE_CXX_FLAGS and the compiler has it.
include(CheckCXXCompilerFlag)
include(CheckCXXSourceCompiles)

if(NOT CMAKE_SIZEOF_VOID_P EQUAL 8)
  message(FATAL_ERROR "qemu-pr-helper needs a 64-bit target: its system call filter and multipathd's protocol have no 32-bit form")
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()

# Several files of a target are compiled as one: half the time of a clean build.
option(CMAKE_UNITY_BUILD "Compile several files at once" ON)
option(PRH_WERROR "Treat warnings as errors" OFF)
set(PRH_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them (address,undefined or thread)")
option(PRH_FUZZ "libFuzzer's instrumentation, and the fuzzers (clang)" OFF)

# prh_default_flag(FAMILY FLAG): FLAG, unless CXXFLAGS say something of FAMILY.
function(prh_default_flag family flag)
  if(CMAKE_CXX_FLAGS MATCHES "${family}")
    return()
  endif()
  string(MAKE_C_IDENTIFIER "PRH_HAS${flag}" known)
  set(CMAKE_REQUIRED_FLAGS -Werror)  # clang only warns of a flag of another processor
  check_cxx_compiler_flag(${flag} ${known})
  if(${known})
    add_compile_options(${flag})
  endif()
endfunction()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast -Wcast-qual
                    -Wformat=2 -Wimplicit-fallthrough)
if(PRH_WERROR)
  add_compile_options(-Werror)
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    # What its optimiser concludes differs from version to version, and is mostly wrong about strings: shown, not fatal.
    add_compile_options(-Wno-error=array-bounds -Wno-error=restrict -Wno-error=stringop-overflow -Wno-error=stringop-overread)
  endif()
endif()

if(PRH_SANITIZE)
  add_compile_definitions(PRH_SANITIZED="${PRH_SANITIZE}")
  add_compile_options(-fsanitize=${PRH_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${PRH_SANITIZE})
else()
  prh_default_flag(-f[no-]*stack-protector -fstack-protector-strong)
  prh_default_flag(-f[no-]*stack-clash-protection -fstack-clash-protection)
  prh_default_flag(-fcf-protection -fcf-protection=full)                  # x86
  prh_default_flag(-mbranch-protection -mbranch-protection=standard)      # aarch64
  # Needs an optimiser. Some distributions' compilers define it by themselves, as 3.
  set(CMAKE_REQUIRED_FLAGS -O2)
  check_cxx_source_compiles("
    #if !defined(_FORTIFY_SOURCE) || _FORTIFY_SOURCE < 2
    #error none
    #endif
    int main() {}" PRH_FORTIFIED_ALREADY)
  unset(CMAKE_REQUIRED_FLAGS)
  if(NOT PRH_FORTIFIED_ALREADY AND NOT CMAKE_CXX_FLAGS MATCHES _FORTIFY_SOURCE)
    add_compile_options($<$<CONFIG:Release,RelWithDebInfo,MinSizeRel>:-D_FORTIFY_SOURCE=2>)
  endif()
  add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack)
endif()
if(PRH_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
  add_link_options(-fsanitize=fuzzer-no-link)
endif()
add_compile_options(-ffunction-sections -fdata-sections)
add_compile_definitions(_GLIBCXX_ASSERTIONS)

include(CheckPIESupported)
check_pie_supported()
