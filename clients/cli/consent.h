// Devices of one person, as people see them: the code by which a waiting one is recognised, what the server and the
// checks of certificates have to tell, and the note of a device that still waits.
//
// Pure but for Screen.
#pragma once

#include "clients/cli/screen.h"
#include "clients/core/engine.h"

namespace clients::cli {

namespace pb = relay::wire::pb;

// Of a device certificate's statement: "7K3QD-9XM2P", and the text of the QR picture, which holds the whole digest.
// Empty: it is no statement.
std::string consent_code(std::string_view statement);
std::string consent_qr_text(std::string_view statement);
// Whether `typed` is one of the two.
bool means(std::string_view typed, std::string_view statement);

struct Notice {
  std::string text;
  boost::json::object object;  // with "event"
};
// Of DevicesChanged and DeviceDoubted; other events have none.
std::optional<Notice> notice_of(const Screen& screen, const core::Event& event, const base::DeviceId& own);

// Code and what to do, on stderr.
void note_waiting(const Screen& screen, std::string_view statement);

}  // namespace clients::cli
