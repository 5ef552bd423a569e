// A bundle as the commands about it see it: bytes, what they say, the note beside them.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "policy/bundle/bundle.h"
#include "policy/pack/rules.h"
#include "policy/tool/command/table.h"

namespace policy::tool {

struct BundleFile {
  std::string bytes;
  bundle::Bundle bundle;
  base::Sha256 digest{};
  std::shared_ptr<const pack::RuleSet> rules;
};

// Its rules are loaded, so what is shown and signed is what gates would do.
Input<BundleFile> read_bundle(const std::string& path);
// <path>.note; empty if there is none.
// --revision and --active-revision. Error: bundle.terms.
base::Result<std::uint64_t> parse_revision(const std::string& text);

Input<std::string> read_note(const std::string& path);

// Tenant, revision, digest, dates, signers, packs, zones: what a party looks at before it signs.
void print_bundle(const Context& context, const BundleFile& file);
boost::json::object json_of(const BundleFile& file);

}  // namespace policy::tool
