# SPDX-License-Identifier: MIT
# Toolchain file of script/ports: PRH_PORT=s390x, PRH_PORT_TRIPLET=s390x-linux-gnu, PRH_PORT_SYSROOT=DIR. Tests run under
# qemu-user. For PRH_PORT=musl see below.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES PRH_PORT PRH_PORT_TRIPLET PRH_PORT_SYSROOT)
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR ${PRH_PORT})
set(libraries ${PRH_PORT_TRIPLET})
if(PRH_PORT STREQUAL musl)
  # Debian has musl, and no C++ library for it. libc++'s headers are the same for every C library, so everything is compiled,
  # and nothing linked. Of the other libraries the headers are enough, too.
  set(CMAKE_SYSTEM_PROCESSOR x86_64)
  set(libraries x86_64-linux-gnu)
  foreach(language C CXX)
    set(CMAKE_${language}_COMPILER_TARGET ${PRH_PORT_TRIPLET})
    set(CMAKE_${language}_LINK_EXECUTABLE "<CMAKE_COMMAND> -E touch <TARGET>")
  endforeach()
  set(CMAKE_C_COMPILER clang-${PRH_PORT_CLANG})
  set(CMAKE_CXX_COMPILER clang++-${PRH_PORT_CLANG})
  list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES PRH_PORT_CLANG)
  set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
  set(headers ${PRH_PORT_SYSROOT}/usr/include)
  string(CONCAT CMAKE_C_FLAGS_INIT "-nostdlibinc -isystem ${headers}/${PRH_PORT_TRIPLET} -isystem ${headers}"
                                   " -isystem ${headers}/x86_64-linux-gnu")
  string(CONCAT CMAKE_CXX_FLAGS_INIT "-nostdinc++ -D_LIBCPP_HAS_MUSL_LIBC"
                                     " -isystem ${PRH_PORT_SYSROOT}/usr/lib/llvm-${PRH_PORT_CLANG}/include/c++/v1 "
                                     ${CMAKE_C_FLAGS_INIT})
else()
  set(CMAKE_C_COMPILER ${PRH_PORT_TRIPLET}-gcc)
  set(CMAKE_CXX_COMPILER ${PRH_PORT_TRIPLET}-g++)
  set(CMAKE_SYSROOT ${PRH_PORT_SYSROOT})
  set(CMAKE_CROSSCOMPILING_EMULATOR qemu-${PRH_PORT} -L ${PRH_PORT_SYSROOT})
  if(PRH_PORT STREQUAL aarch64)
    # Pointers are signed with QEMU's own function. To compute the architecture's takes six times as long as all the rest.
    list(APPEND CMAKE_CROSSCOMPILING_EMULATOR -cpu max,pauth-impdef=on)
  endif()
endif()
set(CMAKE_LIBRARY_ARCHITECTURE ${libraries})
set(CMAKE_FIND_ROOT_PATH ${PRH_PORT_SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${PRH_PORT_SYSROOT})
set(ENV{PKG_CONFIG_LIBDIR} ${PRH_PORT_SYSROOT}/usr/lib/${libraries}/pkgconfig:${PRH_PORT_SYSROOT}/usr/share/pkgconfig)
