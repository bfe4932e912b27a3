# SPDX-License-Identifier: MIT
# Copies of the engine's sources with the faults of mutants.h put back, each behind a switch that is off.

# mutate(FILE ANCHOR MUTATION): the copy has MUTATION before ANCHOR, which the source must have.
function(mutate file anchor mutation)
  set(source ${PROJECT_SOURCE_DIR}/src/multipath/${file})
  set(copy ${CMAKE_CURRENT_BINARY_DIR}/mutants/${file})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
  get_property(text GLOBAL PROPERTY mutated_${file})
  if(NOT text)
    file(READ ${source} text)
    set(text "#include \"multipath/mutants.h\"\nusing prh::multipath::Mutant;\nusing prh::multipath::mutant;\n${text}")
  endif()
  string(FIND "${text}" "${anchor}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "tests/multipath/CMakeLists.txt: ${file} has no '${anchor}' any more")
  endif()
  string(REPLACE "${anchor}" "${mutation}${anchor}" text "${text}")
  set_property(GLOBAL PROPERTY mutated_${file} "${text}")
  file(CONFIGURE OUTPUT ${copy} CONTENT "${text}" @ONLY)
endfunction()

mutate(key_swapping.cc "        if (!rekey(exchange, {{*path, next.key, key}}).front().good()) continue;" "
        while (mutant == Mutant::kEndlessExchange && !rekey(exchange, {{*path, next.key, key}}).front().good()) {}
")
mutate(recovering.cc "    if (!found) return false;" "
    if (!found && mutant == Mutant::kUnreadableIsNone) return loaded_ = true;
")
mutate(recovering.cc "    const auto found = world_.store.load();" "
    if ((mutant == Mutant::kRecordReadOnce || mutant == Mutant::kUnreadableIsNone) && loaded_) return true;
")
mutate(recovering.cc "    kept_ = now;" "
    if (mutant == Mutant::kNewProcessKnowsPaths && !loaded_)
        for (std::size_t i = 0; i < world_.paths.count(); ++i) seen_.push_back(world_.paths.name(i));
")
mutate(stale_keys.cc "    const auto owners = owners_of(exchange, old);" "
    if (mutant == Mutant::kStaleKeyStays) return true;
")

set(mutants ${CMAKE_CURRENT_BINARY_DIR}/mutants)
set(engine ${PROJECT_SOURCE_DIR}/src/multipath)
add_library(prh_mutated_engine STATIC
  ${mutants}/key_swapping.cc ${mutants}/recovering.cc ${mutants}/stale_keys.cc
  ${engine}/engine.cc ${engine}/exchange.cc ${engine}/map_record.cc ${engine}/ownership.cc ${engine}/preempting.cc
  ${engine}/registering.cc ${engine}/reserving.cc ${engine}/unregistering.cc ${engine}/watching.cc)
target_include_directories(prh_mutated_engine PRIVATE ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(prh_mutated_engine PUBLIC prh_base prh_scsi prh_observe prh_device PRIVATE prh_fmt)
