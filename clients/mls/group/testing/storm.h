// Many devices, a delivery service that accepts one commit an epoch, and a relay between them that cannot be trusted:
// it delays, reorders, drops, replays, swaps, flips bits and adds messages of its own.
//
// What holds throughout, whatever the relay does, is checked after each step and told in `faults`:
//   - two devices with the same GroupContext have the same epoch authenticator and exported secret;
//   - a message is opened only by who was in the group when it was said, as it was said, and once;
//   - what is refused leaves the device as it was, and what was changed on its way is refused;
//   - what a device keeps has a bound;
//   - who was given nothing that the service refused comes to the service's epoch.
// A relay may well lead devices apart, by giving some of them a commit that the service refused; they then refuse what
// comes from the others and enter anew.
//
// The same seed does the same. One thread.
#pragma once

#include <random>
#include <set>
#include <string>

#include "clients/mls/group/public_group.h"
#include "clients/mls/group/testing/world.h"

namespace clients::mls {

struct StormSize {
  std::size_t devices = 8;
  std::size_t steps = 300;
  std::size_t injections = 2;  // of the relay, a step
};

class Storm {
 public:
  Storm(std::uint64_t seed, const StormSize& size);

  void run();
  const std::vector<std::string>& faults() const { return faults_; }
  // For people who wonder whether anything happened at all.
  struct Tally {
    std::size_t commits = 0, lost = 0, proposals = 0, opened = 0, refused = 0, entered = 0, removed = 0, apart = 0;
  };
  const Tally& tally() const { return tally_; }

 private:
  struct Device {
    std::size_t person = 0;
    std::optional<Group> group;    // of one who was removed: as it was then
    bool out = false;              // removed, and told so
    bool apart = false;            // led apart by a commit that the service refused
    std::size_t read = 0;          // of the service's log
    std::set<std::size_t> opened;  // messages
    std::set<Bytes> lived;         // GroupContexts of epochs it was in
  };
  struct Said {
    Bytes bytes, context, data;
    std::size_t device = 0;
  };

  std::size_t any(std::size_t below) { return below == 0 ? 0 : random_() % below; }
  bool chance(unsigned percent) { return any(100) < percent; }
  Device& any_inside();

  void step();
  void commit(Device& by);
  void add_plan(Device& by, CommitPlan& plan);
  void propose(Device& by);
  void propose_from_outside();
  void enter();
  void say(Device& by);
  void store(Device& device);
  // Takes what the service has for it, up to `most` messages.
  void pull(Device& device, std::size_t most);
  bool submit(const PublicMessage& message);
  void adopt(Device& device, Group group);
  // Gives a message to a device, which may refuse it.
  void give(Device& device, const Bytes& message);
  void give_said(Device& device, const Said& said, std::size_t number, const Bytes& bytes);
  void inject(Device& device);
  Bytes spoilt(Bytes message);
  Bytes readdressed(const Bytes& message, const Group& to);
  void check_bounds(const Device& device);
  void fault(const std::string& text);

  World world_;
  World elsewhere_;  // another group of the same id with other people, whose messages the relay swaps in
  std::mt19937_64 random_;
  StormSize size_;
  KeyPair gateway_;
  std::vector<Device> devices_;
  std::vector<Bytes> log_;  // of the service, in order
  std::optional<PublicGroup> service_;
  std::set<Bytes> genuine_;   // every handshake message that somebody honest made
  std::vector<Bytes> known_;  // the same, to draw from
  std::vector<Said> said_;
  std::vector<Bytes> foreign_;                       // of the other group
  std::map<Bytes, std::pair<Bytes, Bytes>> agreed_;  // GroupContext → authenticator and exported secret
  std::size_t people_ = 0;
  std::vector<std::string> faults_;
  Tally tally_;
};

}  // namespace clients::mls
