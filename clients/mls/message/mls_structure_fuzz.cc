// Structures that travel inside others, sealed or signed, or alone: what the parser accepts encodes to the same bytes.
// The first octet says which one.
#include <cstdlib>

#include "clients/mls/message/welcome.h"

namespace {

using namespace clients::mls;  // NOLINT(google-build-using-namespace): a program of its own

template <typename T>
void check(ByteView bytes) {
  const auto value = parse<T>(bytes);
  if (value && !equal(encode(*value), bytes)) std::abort();
}

// What extensions hold is read once more, when it is needed.
void check_extensions(ByteView bytes) {
  const auto context = parse<GroupContext>(bytes);
  if (!context) return;
  (void)check_unique(context->extensions);
  (void)required_capabilities(context->extensions);
  (void)external_pub(context->extensions);
  if (const auto senders = external_senders(context->extensions); senders && !senders->empty())
    if (*find(context->extensions, ExtensionType::kExternalSenders) != external_senders_extension(*senders).data)
      std::abort();
}

constexpr void (*kChecks[])(ByteView) = {
    check<KeyPackage>,   check<GroupInfo>,  check<Welcome>,       check<GroupSecrets>,
    check<GroupContext>, check<Proposal>,   check<Commit>,        check<LeafNode>,
    check<ParentNode>,   check<UpdatePath>, check<FramedContent>, check<AuthenticatedContent>,
    check_extensions,
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 0) kChecks[data[0] % std::size(kChecks)]({data + 1, size - 1});
  return 0;
}
