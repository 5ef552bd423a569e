// mls_peer: members of groups, driven by lines of JSON. Each request {"do": …, "member": number, …} is answered by one
// line, with {"error": …} where it was refused. Bytes are hexadecimal. For tests only: keys leave nobody's memory, but
// nothing is stored either, and everybody is admitted.
#include <boost/json.hpp>
#include <chrono>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>

#include "clients/mls/crypto/native/native.h"
#include "clients/mls/group/group.h"

namespace {

namespace json = boost::json;
using namespace clients::mls;

std::string hex(ByteView bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t byte : bytes) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

Bytes from_hex(std::string_view text) {
  Bytes out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    out.push_back(static_cast<std::uint8_t>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  return out;
}

Bytes bytes_at(const json::object& request, std::string_view name) {
  return from_hex(json::value_to<std::string>(request.at(name)));
}

// Every refusal ends the request.
template <typename T>
T need(Result<T> result) {
  if (!result) throw std::runtime_error(std::string(code(result.error().reason)));
  return std::move(*result);
}

template <typename T>
T message_at(const json::object& request, std::string_view name) {
  MlsMessage message = need(parse<MlsMessage>(bytes_at(request, name)));
  if (!std::holds_alternative<T>(message)) throw std::runtime_error("a message of another kind");
  return std::get<T>(std::move(message));
}

std::uint64_t now_s() {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count());
}

constexpr std::uint64_t kLifetime_s = 28ULL * 24 * 3600;

json::object of_bytes(ByteView bytes) { return {{"bytes", hex(bytes)}}; }

class Device {
 public:
  explicit Device(const NativeCrypto& crypto) : crypto_(crypto) {}

  json::object answer(const json::object& request) {
    const auto what = json::value_to<std::string>(request.at("do"));
    const auto found = actions().find(what);
    if (found == actions().end()) throw std::runtime_error("unknown request " + what);
    return (this->*found->second)(request);
  }

 private:
  using Action = json::object (Device::*)(const json::object&);
  static const std::map<std::string, Action>& actions() {
    static const std::map<std::string, Action> all{
        {"device", &Device::device},       {"keypackage", &Device::key_package},
        {"create", &Device::create},       {"join", &Device::join},
        {"commit", &Device::commit},       {"propose", &Device::propose},
        {"receive", &Device::receive},     {"groupinfo", &Device::group_info},
        {"enter", &Device::enter},         {"protect", &Device::protect},
        {"open", &Device::open},           {"epoch", &Device::epoch},
        {"export", &Device::export_bytes}, {"authenticator", &Device::authenticator}};
    return all;
  }

  Environment environment() const {
    Environment out;
    out.crypto = &crypto_;
    out.now_s = now_s();
    return out;
  }
  static Lifetime lifetime() { return {now_s() - kClockSkew_s, now_s() + kLifetime_s}; }
  Group& group() {
    if (!group_) throw std::runtime_error("no group yet");
    return *group_;
  }
  Remove removal_of(std::string_view identity) {
    for (const MemberView& member : group().members())
      if (equal(member.credential.identity, as_bytes(identity))) return {member.leaf};
    throw std::runtime_error("no such member");
  }

  json::object device(const json::object& request) {
    suite_ = static_cast<CipherSuite>(json::value_to<std::uint16_t>(request.at("suite")));
    member_.credential.identity = copy(as_bytes(json::value_to<std::string>(request.at("identity"))));
    member_.signature_key = generate_signature_key_pair(crypto_);
    return {};
  }

  json::object key_package(const json::object&) {
    own_ = make_key_package(crypto_, suite_, member_, lifetime());
    return of_bytes(encode_message(own_.package));
  }

  json::object create(const json::object& request) {
    Extensions extensions;
    if (request.contains("gateway")) {
      ExternalSender gateway;
      std::ranges::copy(bytes_at(request, "gateway"), gateway.signature_key.begin());
      gateway.credential.identity = copy(as_bytes("gateway"));
      extensions.push_back(external_senders_extension({gateway}));
    }
    group_ = need(Group::create(environment(), suite_, bytes_at(request, "group"), member_, lifetime(), extensions));
    return {};
  }

  json::object join(const json::object& request) {
    group_ = need(Group::join(environment(), message_at<Welcome>(request, "welcome"), own_));
    return {};
  }

  json::object commit(const json::object& request) {
    CommitPlan plan;
    plan.path = request.contains("path");
    if (const json::value* added = request.if_contains("add"))
      for (const json::value& one : added->as_array()) {
        const json::object wrapped{{"package", one}};
        plan.proposals.emplace_back(Add{message_at<KeyPackage>(wrapped, "package")});
      }
    if (const json::value* gone = request.if_contains("remove"))
      plan.proposals.emplace_back(removal_of(json::value_to<std::string>(*gone)));
    Group::Staged staged = need(group().commit(environment(), plan));
    group_ = std::move(staged.group);
    json::object out{{"commit", hex(encode_message(std::move(staged.commit)))}};
    if (staged.welcome) out["welcome"] = hex(encode_message(std::move(*staged.welcome)));
    return out;
  }

  json::object propose(const json::object& request) {
    const json::value* gone = request.if_contains("remove");
    Group::Proposed proposed =
        need(gone == nullptr ? group().propose_update(environment())
                             : group().propose(environment(), removal_of(json::value_to<std::string>(*gone))));
    group_ = std::move(proposed.group);
    return of_bytes(encode_message(std::move(proposed.message)));
  }

  json::object receive(const json::object& request) {
    const MlsMessage message = need(parse<MlsMessage>(bytes_at(request, "message")));
    const auto* open = std::get_if<PublicMessage>(&message);
    const auto* closed = std::get_if<PrivateMessage>(&message);
    if (open == nullptr && closed == nullptr) throw std::runtime_error("no handshake");
    Received received =
        need(open != nullptr ? group().receive(environment(), *open) : group().receive(environment(), *closed));
    group_ = std::move(received.group);
    constexpr std::array<std::string_view, 3> kEvents{"proposal", "commit", "removed"};
    return {{"event", kEvents[received.event.index()]}};
  }

  json::object group_info(const json::object&) {
    return of_bytes(encode_message(need(group().group_info(crypto_, true))));
  }

  json::object enter(const json::object& request) {
    Group::Entered entered = need(Group::enter(environment(), message_at<GroupInfo>(request, "info"), member_));
    group_ = std::move(entered.group);
    return of_bytes(encode_message(std::move(entered.commit)));
  }

  json::object protect(const json::object& request) {
    return of_bytes(encode_message(need(group().protect(crypto_, bytes_at(request, "data")))));
  }
  json::object open(const json::object& request) {
    return of_bytes(need(group().open(crypto_, message_at<PrivateMessage>(request, "message"))).data);
  }
  json::object epoch(const json::object&) { return {{"epoch", group().epoch()}}; }
  json::object authenticator(const json::object&) { return of_bytes(group().epoch_authenticator().view()); }
  json::object export_bytes(const json::object& request) {
    return of_bytes(group()
                        .export_secret(crypto_, json::value_to<std::string>(request.at("label")),
                                       bytes_at(request, "context"), json::value_to<std::size_t>(request.at("size")))
                        .view());
  }

  const NativeCrypto& crypto_;
  CipherSuite suite_ = kDefaultSuite;
  Member member_;
  OwnKeyPackage own_;
  std::optional<Group> group_;
};

}  // namespace

int main() {
  const NativeCrypto crypto;
  std::map<std::int64_t, Device> devices;
  for (std::string line; std::getline(std::cin, line);) {
    json::object answer;
    try {
      const json::object request = json::parse(line).as_object();
      Device& device = devices.try_emplace(request.at("member").as_int64(), crypto).first->second;
      answer = device.answer(request);
    } catch (const std::exception& error) {
      answer = {{"error", error.what()}};
    }
    std::cout << json::serialize(answer) << std::endl;
  }
}
