# SPDX-License-Identifier: MIT
# What the daemon is made of, layer by layer.
prh_test(unit_base LABELS unit
  SOURCES base_bytes_test.cc base_unique_fd_test.cc
  LIBRARIES prh_base prh_test_support)
prh_test(unit_observe LABELS unit
  SOURCES observe_audit_file_test.cc observe_histogram_test.cc observe_json_object_test.cc observe_line_sink_test.cc observe_log_test.cc observe_trace_spec_test.cc observe_trace_test.cc
  LIBRARIES prh_observe prh_test_support)
prh_test(unit_os LABELS unit
  SOURCES os_control_group_search_test.cc os_control_group_test.cc os_event_sources_test.cc os_pid_file_test.cc os_pidfd_test.cc os_privileges_test.cc os_process_test.cc
          os_published_socket_test.cc os_ready_queue_test.cc os_service_manager_test.cc os_unix_socket_test.cc
  LIBRARIES prh_os prh_test_support)
prh_test(unit_wire LABELS unit
  SOURCES wire_reply_test.cc wire_session_descriptor_test.cc wire_session_split_test.cc wire_session_test.cc
          wire_session_violation_test.cc
  LIBRARIES prh_wire prh_test_support)
prh_test(unit_device LABELS unit
  SOURCES device_descriptor_kind_test.cc device_disk_identity_test.cc device_disk_node_test.cc device_sg_device_test.cc
          device_sg_faults_test.cc device_sg_result_test.cc
  LIBRARIES prh_device prh_test_support prh_fmt)
set_source_files_properties(device_sg_faults_test.cc PROPERTIES COMPILE_OPTIONS -O2  # 17 million answers
                            SKIP_PRECOMPILE_HEADERS ON)
prh_test(unit_options LABELS unit
  SOURCES server_audit_record_test.cc server_client_names_test.cc server_device_ledger_test.cc server_nexus_watch_test.cc
          server_options_test.cc server_peers_test.cc
  LIBRARIES prh_server prh_test_support)
if(NOT PRH_SANITIZE)  # a sanitizer's runtime makes system calls of its own
  prh_test(unit_confinement LABELS unit
    SOURCES server_confinement_test.cc
    LIBRARIES prh_server prh_test_support)
  prh_test(unit_confined_calls LABELS unit
    SOURCES server_confined_calls_test.cc
    LIBRARIES prh_server)
endif()
