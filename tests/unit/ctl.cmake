# SPDX-License-Identifier: MIT

prh_test(unit_client_codec LABELS unit SOURCES client_codec_test.cc LIBRARIES prh_wire)
prh_test(unit_ctl LABELS unit
  SOURCES ctl_arguments_test.cc ctl_command_test.cc ctl_exit_code_test.cc ctl_json_test.cc ctl_text_test.cc
          ctl_values_test.cc
  LIBRARIES prh_ctl nlohmann_json::nlohmann_json)
