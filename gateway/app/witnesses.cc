#include "gateway/app/witnesses.h"

#include <spdlog/spdlog.h>

#include <filesystem>

#include "audit/pseudonym/pseudonym.h"
#include "gateway/app/durable_file.h"

namespace gateway::app {

using audit::checkpoint::TrustPolicy;
using audit::checkpoint::VerifierKey;
using policy::base::fail;
using policy::base::Result;

namespace {

void tell(const std::optional<policy::base::Error>& fault) {
  if (fault)
    spdlog::error("{}", policy::base::to_string(*fault));
  else
    spdlog::info("a quorum of witnesses has cosigned the log");
}

}  // namespace

Result<TrustPolicy> Witnesses::read_policy(const Options& options) {
  const auto text = read_whole(options.policy, audit::checkpoint::kPolicySizeMax);
  if (!text) return std::unexpected(text.error());
  if (!*text)
    return fail("settings.file", "file '" + policy::base::printable(options.policy) + "' cannot be read",
                "a file with the policy of the witnesses", "check path and rights", options.policy);
  auto policy = TrustPolicy::parse(options.policy, **text);
  if (!policy) return policy;
  const policy::base::SystemClock clock;
  if (auto way = witness::HttpWay::open(*policy, options.trust, clock); !way) return std::unexpected(way.error());
  return policy;
}

// The clock's year and not the ledger's: for the moment in which they differ there is no log of this year yet, and the
// next round finds it.
Result<witness::CurrentLog> Witnesses::current() {
  const int year = audit::pseudonym::year_of(clock_.now());
  const std::string base = folder_ + "/" + std::to_string(year);
  const auto text = read_key_text(base + ".vkey");
  if (!text) return std::unexpected(text.error());
  if (!*text) return fail("checkpoint.missing", "a log without a checkpoint", "a log that has begun", {}, base);
  auto key = VerifierKey::parse(**text);
  if (!key) return std::unexpected(key.error());
  const std::scoped_lock lock(mutex_);
  auto& objects = years_[year];
  if (!objects) {
    auto opened = audit::store::FolderObjects::open_to_read(base);
    if (!opened) return std::unexpected(opened.error());
    objects = std::move(*opened);
  }
  return witness::CurrentLog{year, objects.get(), std::move(*key)};
}

Result<std::unique_ptr<Witnesses>> Witnesses::open(const Options& options, std::string folder,
                                                   const policy::base::Clock& clock) {
  auto policy = read_policy(options);
  if (!policy) return std::unexpected(policy.error());
  std::unique_ptr<Witnesses> out(new Witnesses(std::move(folder), clock));
  out->policy_ = std::make_unique<const TrustPolicy>(std::move(*policy));
  auto way = witness::HttpWay::open(*out->policy_, options.trust, clock);
  if (!way) return std::unexpected(way.error());
  out->way_ = std::move(*way);
  auto kept = audit::store::FolderObjects::open(out->folder_ + "/witness");
  if (!kept) return std::unexpected(kept.error());
  out->kept_ = std::move(*kept);
  std::error_code error;
  std::filesystem::create_directories(out->folder_ + "/witness/offered", error);
  if (error) return fail("file.write", "folder 'witness/offered': " + error.message(), "", "", out->folder_);
  out->keeper_ = std::make_unique<witness::Keeper>(
      witness::Keeper::Ports{*out->policy_, *out->way_, *out->kept_, clock}, options.times,
      [raw = out.get()] { return raw->current(); }, tell);
  out->keeper_->collect();
  out->keeper_->start();
  return out;
}

}  // namespace gateway::app
