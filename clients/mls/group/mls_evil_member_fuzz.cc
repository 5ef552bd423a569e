// A member meets whatever another member, or anybody, may send it. The input is a row of
//
//     u8 kind · u8 detail · opaque<V> body
//
// where most kinds make of the body a message that is rightly framed, signed and tagged by an evil member, so that what
// is tried stands behind the signatures. Whatever comes: it is taken or refused, what is refused changes nothing, and
// what is taken leaves a group that can be stored and whose tree is the one of its context.
#include <cstdlib>

#include "clients/mls/group/testing/forge.h"

namespace {

using namespace clients::mls;  // NOLINT(google-build-using-namespace): a program of its own

constexpr std::size_t kStepsMax = 16;

void demand(bool holds) {
  if (!holds) std::abort();
}

struct Pair {
  Group honest, evil;
};

const Pair& pair() {
  static const Pair made = [] {
    const World world(1);
    std::vector<Group> groups = world.party(4, {}, "group", true);
    return Pair{std::move(groups[1]), std::move(groups[2])};
  }();
  return made;
}

class Meeting {
 public:
  Meeting() : world_(2), honest_(pair().honest), forge_(world_.environment(), pair().evil) {}

  void step(std::uint8_t kind, std::uint8_t detail, ByteView body) {
    switch (kind % 7) {
      case 0: return take(body);
      case 1: return propose(detail, body);
      case 2: return commit(detail, body);
      case 3: return replace_commit(body);
      case 4: return seal(detail, body);
      case 5: return enter(detail, body);
      default: return open_spoilt(detail, body);
    }
  }

 private:
  void take(ByteView bytes) {
    const SecretBytes before = honest_.save();
    auto received = receive(world_.environment(), honest_, bytes);
    demand(honest_.save() == before);
    if (!received) return;
    honest_ = std::move(received->group);
    demand(honest_.tree().tree_hash(world_.crypto()) == honest_.context().tree_hash);
    demand(Group::load(honest_.save().view()).has_value());
    demand(honest_.pending().size() <= kPendingProposalsMax);
  }

  void propose(std::uint8_t detail, ByteView body) {
    auto proposal = parse<Proposal>(body);
    if (!proposal) return;
    const auto as = [&](FramedContent& content) {
      if (detail > 0) content.sender = {static_cast<SenderType>(1 + detail % 4), detail / 4U};
    };
    take(encode_message(forge_.propose(std::move(*proposal), as)));
  }

  // With the right next epoch, as far as a maker that checks nothing can tell.
  void commit(std::uint8_t detail, ByteView body) {
    auto parsed = parse<Commit>(body);
    if (!parsed) return;
    ForgedCommit forged{.path = (detail & 1) != 0};
    for (ProposalOrRef& one : parsed->proposals)
      if (auto* proposal = std::get_if<Proposal>(&one)) forged.parts.push_back({std::move(*proposal)});
    take(encode_message(forge_.commit(forged)));
  }

  void replace_commit(ByteView body) {
    auto parsed = parse<Commit>(body);
    if (!parsed) return;
    take(encode_message(forge_.commit({.content = [&](FramedContent& content) { content.content = *parsed; }})));
  }

  void seal(std::uint8_t detail, ByteView body) {
    const auto plaintext = [&](Bytes& all) { all = copy(body); };
    ForgedSeal forged{.skip = detail};
    if (detail & 1) forged.plaintext = plaintext;
    open(forge_.seal(Application{copy(body)}, forged));
  }

  void open_spoilt(std::uint8_t detail, ByteView body) {
    if (body.empty()) return;
    Bytes bytes = encode_message(forge_.seal(Application{copy(body)}));
    bytes[(detail * 7U + body[0]) % bytes.size()] ^= body.back();
    const auto parsed = parse<MlsMessage>(bytes);
    if (const auto* message = parsed ? std::get_if<PrivateMessage>(&*parsed) : nullptr) open(*message);
  }

  void open(const PrivateMessage& message) {
    const SecretBytes before = honest_.save_keys();
    if (!honest_.open(world_.crypto(), message))
      demand(honest_.save_keys() == before);
    else
      demand(!honest_.open(world_.crypto(), message));
    take(encode_message(message));
  }

  // The body is the tree, or the whole GroupInfo.
  void enter(std::uint8_t detail, ByteView body) {
    const Member member = world_.member("newcomer");
    if ((detail & 1) == 0) {
      const auto info = forge_.info({.info = [](GroupInfo& all) { all.extensions.erase(all.extensions.begin()); }});
      (void)Group::enter(world_.environment(), info, member, copy(body));
    } else if (auto parsed = parse<GroupInfo>(body)) {
      const auto info = forge_.info({.info = [&](GroupInfo& all) { all = *parsed; }});
      (void)Group::enter(world_.environment(), info, member);
    }
  }

  const World world_;
  Group honest_;
  const Forge forge_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Reader in({data, size});
  Meeting meeting;
  for (std::size_t i = 0; i < kStepsMax && !in.failed() && !in.empty(); ++i) {
    const std::uint8_t kind = in.u8(), detail = in.u8();
    const ByteView body = in.opaque();
    if (!in.failed()) meeting.step(kind, detail, body);
  }
  return 0;
}
