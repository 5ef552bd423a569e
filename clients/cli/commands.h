// One function a command: options in, exit code out. An error is printed by main and gives its exit code.
// JSON fields of each: clients/README.md.
#pragma once

#include "clients/cli/home.h"
#include "clients/terminal/exit_code.h"

namespace clients::cli {

using Outcome = base::Result<int>;

// login.cc
Outcome login(const Options& options, Screen& screen, Machine& machine);
Outcome enrol(const Options& options, Screen& screen, Machine& machine);
Outcome logout(const Options& options, Screen& screen, Machine& machine);

// code.cc: a one-time code from --code, --totp-secret-file or a prompt
base::Result<std::string> ask_code(const Options& options, Screen& screen, Machine& machine);

// devices.cc
Outcome devices_list(const Options& options, Screen& screen, Machine& machine);
Outcome devices_remove(const Options& options, Screen& screen, Machine& machine);
Outcome admin_devices(const Options& options, Screen& screen, Machine& machine);
Outcome admin_wipe(const Options& options, Screen& screen, Machine& machine);
Outcome change_pin(const Options& options, Screen& screen, Machine& machine);
Outcome lock(const Options& options, Screen& screen, Machine& machine);

// consent.cc
Outcome devices_approve(const Options& options, Screen& screen, Machine& machine);

// verify.cc
Outcome verify(const Options& options, Screen& screen, Machine& machine);

// send.cc
Outcome send(const Options& options, Screen& screen, Machine& machine);
Outcome status(const Options& options, Screen& screen, Machine& machine);

// listen.cc
Outcome listen(const Options& options, Screen& screen, Machine& machine);
Outcome history(const Options& options, Screen& screen, Machine& machine);

// ask.cc
Outcome why(const Options& options, Screen& screen, Machine& machine);
Outcome gate(const Options& options, Screen& screen, Machine& machine);
Outcome people(const Options& options, Screen& screen, Machine& machine);
Outcome conversations(const Options& options, Screen& screen, Machine& machine);

// openings.cc
Outcome override_grant(const Options& options, Screen& screen, Machine& machine);
Outcome override_list(const Options& options, Screen& screen, Machine& machine);
Outcome gate_open(const Options& options, Screen& screen, Machine& machine);
Outcome gate_close(const Options& options, Screen& screen, Machine& machine);
Outcome ledger(const Options& options, Screen& screen, Machine& machine);

// chat.cc
Outcome chat(const Options& options, Screen& screen, Machine& machine);

// doctor.cc
Outcome doctor(const Options& options, Screen& screen, Machine& machine);

}  // namespace clients::cli
