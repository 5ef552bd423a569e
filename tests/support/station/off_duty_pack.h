// Off duty nothing but alarms, on duty everything; no night and no rest, so that a test tells the same at every hour.
#pragma once

namespace tests::support {

inline constexpr const char* kOffDutyPack = R"toml(
[pack]
id = "test-agreement"
layer = "agreement"
version = 1
zone = "Europe/Berlin"
title = { de = "Prüfvereinbarung", en = "Test agreement" }
signers = ["administration", "staff-council"]

[[rest]]
id = "test.off-duty"
kind = "off-duty"
cite = "test"
effect = { routine = "hold", shift-notice = "hold", urgent = "hold", alarm = "deliver" }

[[alarm]]
id = "test.alarm"
classes = ["alarm"]
senders = ["leitstelle"]
reasons = ["grosslage"]
cite = "test"

[[retention]]
id = "test.retention"
ceiling = "7d"
period = "7d"
clock = "accepted"
cite = "test"
)toml";

}  // namespace tests::support
