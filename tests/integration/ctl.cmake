# SPDX-License-Identifier: MIT

prh_test(integration_ctl LABELS integration
  SOURCES ctl_errors_test.cc ctl_fake_helper.cc ctl_manual_test.cc ctl_requests_test.cc ctl_test.cc
  LIBRARIES prh_test_support nlohmann_json::nlohmann_json)
# It runs the programs themselves.
add_dependencies(integration_ctl prhelperctl prhelper-emulator)
