// What arrives, shown once: the loop behind listen and chat. Messages come from the store, whoever put them there, so
// that nothing that another command received meanwhile is missed.
//
// A message is marked as shown after it was printed: a crash in between shows it again, never not at all.
#pragma once

#include <functional>

#include "clients/cli/message_line.h"

namespace clients::cli {

class News {
 public:
  struct Handlers {
    std::function<void(const record::Message&)> on_message;
    std::function<void(const pb::GateReport&)> on_gate = [](const pb::GateReport&) {};
    std::function<void(std::uint64_t)> on_expired = [](std::uint64_t) {};
    std::function<void(const record::Message&)> on_sent = [](const record::Message&) {};
    std::function<void(const record::Outgoing&)> on_refused = [](const record::Outgoing&) {};
    std::function<void(const Notice&)> on_notice = [](const Notice&) {};
    std::function<void(bool connected)> on_link = [](bool) {};
  };
  News(Home& home, Handlers handlers, bool foreground)
      : home_(home), handlers_(std::move(handlers)), foreground_(foreground) {}

  // Works for about `timeout_ms` and shows what came. Errors end the command; a wipe has been carried out then.
  base::Status step(std::int64_t timeout_ms);

 private:
  base::Status handle(const core::Event& event);
  base::Status show_new();
  base::Status greet(core::Driver& driver);

  Home& home_;
  Handlers handlers_;
  bool foreground_;
  bool connected_ = false;
};

}  // namespace clients::cli
