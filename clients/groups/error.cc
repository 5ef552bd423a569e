#include "clients/groups/error.h"

namespace clients::groups {
namespace {

std::string remedy_of(mls::Reason reason) {
  switch (reason) {
    case mls::Reason::kIdentity:
      return "somebody is in the group whom nobody vouched for; do not go on there, tell your administrator";
    case mls::Reason::kUnsupported: return "update this program";
    case mls::Reason::kStorage: return "the group is entered anew by itself; what was sent meanwhile cannot be read";
    default: return "ask the sender to send it again; tell your administrator if it happens again";
  }
}

}  // namespace

policy::base::Error error_of(const mls::Error& error) {
  return {std::string(mls::code(error.reason)), std::string(mls::sentence(error.reason)), "", remedy_of(error.reason),
          ""};
}

}  // namespace clients::groups
