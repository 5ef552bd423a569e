#include <cstdlib>

#include "gateway/directory/ldif/ldif_directory.h"
#include "gateway/directory/ldif/parse.h"

// Nothing crashes; an error says where; normalising a name twice changes nothing.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gateway::directory::ldif;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto entries = parse(text, "fuzz");
  if (!entries) {
    if (!entries.error().where.starts_with("fuzz:")) std::abort();
    return 0;
  }
  for (const Entry& entry : *entries)
    if (normalised_dn(normalised_dn(entry.dn)) != normalised_dn(entry.dn)) std::abort();
  (void)read_contents(text, "fuzz");
  return 0;
}
