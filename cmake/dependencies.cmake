# SPDX-License-Identifier: MIT
# The libraries of the daemon; with PRH_TOOLS also those of prhelperctl.
option(PRH_TOOLS "prhelperctl and prhelper-emulator too; OFF: the daemon alone" ON)
option(PRH_STATIC "Link libseccomp and the C++ runtime into the programs that keep running" ON)

find_package(fmt 8 REQUIRED)
find_package(tl-expected REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(CAP_NG REQUIRED IMPORTED_TARGET libcap-ng)
pkg_check_modules(SECCOMP REQUIRED IMPORTED_TARGET libseccomp>=2.5.2)  # the first that knows Landlock's system calls

# libseccomp is used once, at the start: linked in, no library stays mapped for it. The C++ runtime linked in saves a third of
# the memory. Distributions that forbid static linking have neither archive.
set(PRH_SECCOMP PkgConfig::SECCOMP)
set(PRH_RUNTIME_LINK_OPTIONS)
if(PRH_STATIC)
  find_library(SECCOMP_ARCHIVE libseccomp.a HINTS ${SECCOMP_LIBRARY_DIRS})
  if(SECCOMP_ARCHIVE)
    add_library(prh_seccomp INTERFACE)
    target_include_directories(prh_seccomp SYSTEM INTERFACE ${SECCOMP_INCLUDE_DIRS})
    target_link_libraries(prh_seccomp INTERFACE ${SECCOMP_ARCHIVE})
    set(PRH_SECCOMP prh_seccomp)
  else()
    message(STATUS "PRH_STATIC: libseccomp.a is missing; libseccomp is linked as a shared library")
  endif()
  set(CMAKE_REQUIRED_LINK_OPTIONS -static-libstdc++ -static-libgcc)
  check_cxx_source_compiles("#include <string>\nint main(int count, char**) { return std::to_string(count).empty(); }"
                            PRH_RUNTIME_ARCHIVE)
  unset(CMAKE_REQUIRED_LINK_OPTIONS)
  if(PRH_SANITIZE)
    # A sanitizer's runtime brings its own.
  elseif(PRH_RUNTIME_ARCHIVE)
    set(PRH_RUNTIME_LINK_OPTIONS -static-libstdc++ -static-libgcc)
  else()
    message(STATUS "PRH_STATIC: libstdc++.a is missing; the C++ runtime is linked as a shared library")
  endif()
endif()

if(NOT PRH_TOOLS)
  return()
endif()
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
# Fedora's and EPEL's cpp-httplib has a CMake package and no pkg-config file, Debian 12's has it the other way round.
find_package(httplib CONFIG QUIET)
if(httplib_FOUND)
  set(PRH_HTTPLIB httplib::httplib)
else()
  pkg_check_modules(CPP_HTTPLIB REQUIRED IMPORTED_TARGET cpp-httplib)
  set(PRH_HTTPLIB PkgConfig::CPP_HTTPLIB)
  # Its header calls OpenSSL where it was built with it, and its pkg-config file names OpenSSL for static linking alone.
  if(CPP_HTTPLIB_CFLAGS MATCHES CPPHTTPLIB_OPENSSL_SUPPORT)
    find_library(PRH_CRYPTO crypto)
    if(PRH_CRYPTO)
      list(APPEND PRH_HTTPLIB ${PRH_CRYPTO})
    endif()
  endif()
endif()
