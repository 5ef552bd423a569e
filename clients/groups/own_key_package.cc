#include "clients/groups/own_key_package.h"

#include <algorithm>
#include <string>

#include "clients/groups/keeper.h"

namespace clients::groups {
namespace base = policy::base;

namespace {

std::string text_of(ByteView bytes) { return std::string(base::as_text(bytes)); }

bool secret_of(const std::string& bytes, mls::PrivateKey& out) {
  if (bytes.size() != out.view().size()) return false;
  std::ranges::copy(base::as_bytes(bytes), out.writable().begin());
  return true;
}

}  // namespace

store::record::OwnKeyPackage record_of(const mls::OwnKeyPackage& own, bool last_resort) {
  store::record::OwnKeyPackage out;
  out.set_package(text_of(mls::encode(own.package)));
  out.set_init_secret(text_of(own.init_key.secret.view()));
  out.set_encryption_secret(text_of(own.encryption_key.secret.view()));
  out.set_last_resort(last_resort);
  out.set_expires_at_s(static_cast<std::int64_t>(own.package.leaf.lifetime.not_after));
  return out;
}

mls::Result<mls::OwnKeyPackage> own_of(const store::record::OwnKeyPackage& record, const mls::KeyPair& signature_key) {
  auto package = mls::parse<mls::KeyPackage>(base::as_bytes(record.package()));
  if (!package) return std::unexpected(package.error());
  mls::OwnKeyPackage out{std::move(*package), {}, {}, signature_key};
  if (!secret_of(record.init_secret(), out.init_key.secret) ||
      !secret_of(record.encryption_secret(), out.encryption_key.secret))
    return mls::refuse(mls::Reason::kStorage);
  out.init_key.key = out.package.init_key;
  out.encryption_key.key = out.package.leaf.encryption_key;
  return out;
}

base::Result<std::vector<Bytes>> Keeper::make_key_packages(std::size_t count, bool last_resort) {
  std::vector<Bytes> out;
  std::vector<store::Store::NamedKeyPackage> kept;
  for (std::size_t i = 0; i < count; ++i) {
    auto own = mls::make_key_package(crypto_, mls::kDefaultSuite, self(),
                                     lifetime(base::Seconds{static_cast<std::int64_t>(mls::kLifetimeMax_s)}));
    const auto reference = mls::reference(crypto_, own.package);
    kept.push_back({Bytes(reference.begin(), reference.end()), record_of(own, last_resort)});
    out.push_back(mls::encode_message(std::move(own.package)));
  }
  if (auto status = store_.add_key_packages(kept); !status) return std::unexpected(status.error());
  return out;
}

}  // namespace clients::groups
