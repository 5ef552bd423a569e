#include "audit/store/tenant_log.h"

namespace audit::store {

// Members in the order in which they must go: the log before its ports.
struct TenantLog::Year {
  int number = 0;
  std::unique_ptr<FolderLock> lock;
  std::unique_ptr<FolderObjects> objects;
  std::unique_ptr<log::Log> log;
};

TenantLog::TenantLog(std::string folder, checkpoint::SigningKey key, const policy::base::Clock& clock,
                     policy::base::Random& random)
    : folder_(std::move(folder)), key_(std::move(key)), clock_(clock), random_(random) {}

TenantLog::~TenantLog() = default;

log::Result<std::unique_ptr<TenantLog>> TenantLog::open(const std::string& folder, checkpoint::SigningKey tenant_key,
                                                        pseudonym::PartyKeys parties, const policy::base::Clock& clock,
                                                        policy::base::Random& random) {
  std::unique_ptr<TenantLog> log(new TenantLog(folder, std::move(tenant_key), clock, random));
  auto lock = FolderLock::open(folder);
  if (!lock) return std::unexpected(lock.error());
  log->root_lock_ = std::move(*lock);
  auto root = FolderObjects::open(folder);
  if (!root) return std::unexpected(root.error());
  log->root_ = std::move(*root);
  log->epochs_ = std::make_unique<Epochs>(*log->root_, parties, random);
  if (auto turned = log->turn_year(); !turned) return std::unexpected(turned.error());
  return log;
}

log::Status TenantLog::turn_year() {
  auto next = std::make_shared<Year>();
  next->number = pseudonym::year_of(clock_.now());
  const std::string number = std::to_string(next->number), folder = folder_ + "/" + number;
  auto lock = FolderLock::open(folder);
  if (!lock) return std::unexpected(lock.error());
  next->lock = std::move(*lock);
  auto objects = FolderObjects::open(folder);
  if (!objects) return std::unexpected(objects.error());
  next->objects = std::move(*objects);
  auto key = key_.named(key_.verifier().name() + "/" + number);
  if (!key) return std::unexpected(key.error());
  auto opened = log::Log::open({*next->objects, *next->lock, clock_, random_}, std::move(*key));
  if (!opened) return std::unexpected(opened.error());
  next->log = std::move(*opened);
  if (year_) year_->log->close();
  year_ = std::move(next);
  return {};
}

log::Result<std::shared_ptr<TenantLog::Year>> TenantLog::current() {
  const int number = pseudonym::year_of(clock_.now());
  {
    const std::shared_lock lock(mutex_);
    // A clock set back over New Year goes on in the newer log, which never stamps a record before its last one.
    if (closed_ || number <= year_->number) return year_;
  }
  const std::unique_lock lock(mutex_);
  if (!closed_ && number > year_->number) {
    if (auto turned = turn_year(); !turned) return std::unexpected(turned.error());
  }
  return year_;
}

log::Result<pseudonym::Pseudonym> TenantLog::pseudonym_of(std::string_view person) {
  auto key = epochs_->key_for(pseudonym::epoch_of(clock_.now()));
  if (!key) return std::unexpected(key.error());
  return key->of(person);
}

log::Result<log::Index> TenantLog::append(event::Record record) {
  auto year = current();
  if (!year) return std::unexpected(year.error());
  return (*year)->log->append(std::move(record));
}

void TenantLog::append_async(event::Record record, log::Log::Callback done) {
  auto year = current();
  if (!year) return done(std::unexpected(year.error()));
  (*year)->log->append_async(std::move(record), std::move(done));
}

void TenantLog::count_allow(event::MessageClass message_class) {
  if (auto year = current(); year) (*year)->log->count_allow(message_class);
}

void TenantLog::advance() {
  if (auto year = current(); year) (*year)->log->advance();
}

std::string TenantLog::checkpoint() const {
  const std::shared_lock lock(mutex_);
  return year_->log->checkpoint();
}

void TenantLog::close() {
  const std::unique_lock lock(mutex_);
  closed_ = true;
  year_->log->close();
}

}  // namespace audit::store
