// One device of a test: store on disk, key, engine. restart() is what a crash leaves.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>

#include "clients/core/engine.h"
#include "clients/core/testing/fake_server.h"
#include "clients/trust/logs.h"

namespace clients::core::testing {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "feierabend-core-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

struct Device {
  static constexpr const char* kPin = "123456";

  Device(std::string name, std::uint8_t number, const std::filesystem::path& root, FakeServer& to, ManualClock& time)
      : person(std::move(name)),
        folder(root / std::to_string(number)),
        server(to),
        clock(time),
        key(mls::DeviceKey::generate(random)) {
    id.bytes.fill(number);
    server.enrol(person, id, key);
    store = std::move(*store::Store::create(folder, kPin, random, {1, 8192}));
    trust::LogKeys logs;
    *logs.Add() = server.year.key();
    EXPECT_TRUE(trust::trust_logs(*store, logs, clock.now()));
    begin();
  }
  void restart() {
    engine.reset();
    groups.reset();
    store.reset();
    auto opened = store::Store::open(folder, kPin, random);
    ASSERT_TRUE(opened) << to_string(opened.error());
    store = std::move(*opened);
    begin();
  }
  void begin() {
    groups = std::make_unique<groups::Keeper>(id, key, *store, clock, random);
    engine = std::make_unique<Engine>(Identity{person, id}, *store, *groups, clock, random);
  }
  store::record::Outgoing write(const std::vector<std::string>& to, const std::string& text,
                                std::uint32_t message_class = 1) {
    store::record::Outgoing outgoing;
    outgoing.set_client_message_id(base::ClientMessageId{random.array<16>()}.wire());
    for (const auto& one : to) outgoing.add_persons(one);
    outgoing.set_message_class(message_class);
    outgoing.set_text(text);
    outgoing.set_created_at_s(clock.now().unix_s);
    EXPECT_TRUE(store->enqueue(outgoing));
    return outgoing;
  }
  // What no window has shown yet: texts, or the code of what could not be read.
  std::vector<std::string> unshown() {
    const auto messages = store->unshown(1000).value();
    std::vector<std::string> out;
    for (const auto& message : messages)
      out.push_back(message.has_unreadable() ? message.unreadable().code() : message.text());
    return out;
  }

  std::string person;
  std::filesystem::path folder;
  FakeServer& server;
  ManualClock& clock;
  base::SystemRandom random;
  base::DeviceId id;
  mls::DeviceKey key;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<groups::Keeper> groups;
  std::unique_ptr<Engine> engine;
};

}  // namespace clients::core::testing
