# SPDX-License-Identifier: MIT
# Run by cmake --install: files that name the program's place, which is not known before (--prefix). Given are
# PRH_PACKAGING (packaging/), PRH_CONFIGURED (a directory to write to), PRH_TOOLS and the BINDIR of GNUInstallDirs.
set(PRH_BINDIR "${BINDIR}")
cmake_path(ABSOLUTE_PATH PRH_BINDIR BASE_DIRECTORY "${CMAKE_INSTALL_PREFIX}" NORMALIZE)

# Below /usr the configuration is in /etc (GNUInstallDirs says so too).
set(configuration "${CMAKE_INSTALL_PREFIX}/etc")
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
  set(configuration /etc)
endif()

set(units qemu-pr-helper qemu-pr-helper-single-path)
if(PRH_TOOLS)
  list(APPEND units prhelperctl-serve)
endif()
foreach(unit ${units})
  configure_file(${PRH_PACKAGING}/systemd/${unit}.service.in ${PRH_CONFIGURED}/${unit}.service @ONLY)
  file(INSTALL ${PRH_CONFIGURED}/${unit}.service DESTINATION "${CMAKE_INSTALL_PREFIX}/lib/systemd/system")
  if(EXISTS ${PRH_PACKAGING}/systemd/${unit}.socket)
    file(INSTALL ${PRH_PACKAGING}/systemd/${unit}.socket DESTINATION "${CMAKE_INSTALL_PREFIX}/lib/systemd/system")
  endif()
endforeach()

foreach(script prh-latency prh-conflicts prh-senders)
  configure_file(${PRH_PACKAGING}/bpftrace/${script}.bt.in ${PRH_CONFIGURED}/${script}.bt @ONLY)
  file(INSTALL ${PRH_CONFIGURED}/${script}.bt DESTINATION "${CMAKE_INSTALL_PREFIX}/share/qemu-pr-helper/bpftrace"
       PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
endforeach()

configure_file(${PRH_PACKAGING}/apparmor/usr.bin.qemu-pr-helper.in ${PRH_CONFIGURED}/usr.bin.qemu-pr-helper @ONLY)
file(INSTALL ${PRH_CONFIGURED}/usr.bin.qemu-pr-helper DESTINATION "${configuration}/apparmor.d")
