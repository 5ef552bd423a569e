// Rules that close no gate, for tests that are not about rest: everybody gets everything at once, for seven days.
#pragma once

namespace tests::support {

inline constexpr const char* kOpenPack = R"toml(
[pack]
id = "test-open"
layer = "agreement"
version = 1
zone = "Europe/Berlin"
title = { de = "Immer offen", en = "Always open" }
signers = ["administration", "staff-council"]

[[retention]]
id = "test.retention"
ceiling = "7d"
period = "7d"
clock = "accepted"
cite = "test"
)toml";

}  // namespace tests::support
