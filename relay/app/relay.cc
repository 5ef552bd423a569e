#include "relay/app/relay.h"

#include <chrono>

namespace relay::app {
namespace {

using policy::base::fail;
using policy::base::Result;

constexpr std::chrono::milliseconds kFlushPoll{5};

}  // namespace

Result<std::shared_ptr<net::TlsContext>> Relay::load_tls(const Options& options) {
  const auto& files = options.tls;
  const bool complete = !files.certificate.empty() && !files.key.empty() && !files.trust.empty();
  if (options.listen.unix_socket && files.certificate.empty() && files.key.empty() && files.trust.empty())
    return nullptr;
  if (complete) return net::TlsContext::server(files);
  return fail("settings.tls", "listen = " + options.listen.text() + " without certificate, key and trust",
              "a unix socket, or TCP with mutual TLS", "set tls-cert, tls-key and tls-trust, or listen on unix:PATH");
}

Result<std::unique_ptr<Relay>> Relay::open(const Options& options, const policy::base::Clock& clock,
                                           policy::base::Random& random, server::Log log) {
  auto tls = load_tls(options);
  if (!tls) return std::unexpected(tls.error());
  store::SqliteOptions store_options;
  store_options.size_bytes_max = options.store_bytes_max;
  auto store = store::SqliteStore::open(options.folder, random, store_options);
  if (!store) return std::unexpected(store.error());
  auto relay = std::make_unique<Relay>(clock, std::move(*tls), std::move(*store), std::move(log));
  auto listener = net::Listener::open(relay->loop_, options.listen);
  if (!listener) return std::unexpected(listener.error());
  relay->listener_ = std::move(*listener);
  return relay;
}

Relay::Relay(const policy::base::Clock& clock, std::shared_ptr<net::TlsContext> tls,
             std::unique_ptr<store::SqliteStore> store, server::Log log)
    : tls_(std::move(tls)),
      loop_(clock),
      store_(std::move(store)),
      ledger_(*store_, clock, [this](std::function<void()> work) { loop_.post(std::move(work)); }),
      links_(loop_, tls_.get(), log),
      hub_(clock, ledger_, bus_, links_, log),
      flush_timer_(loop_.context()) {
  links_.attach(hub_);
  hub_.join([this](std::function<void()> work) { loop_.post(std::move(work)); });
}

// The store's thread posts to the loop; it ends before what it posts to.
Relay::~Relay() { ledger_.stop(); }

void Relay::run() {
  listener_->start([this](int fd) { links_.accept(fd); });
  const auto tick = [this](policy::base::Instant now) {
    links_.tick(now);
    hub_.tick(now);
  };
  loop_.every_second(tick);
  loop_.post([this, tick] { tick(loop_.clock().now()); });
  loop_.run();
}

void Relay::stop() {
  loop_.post([this] { begin_stop(); });
}

void Relay::begin_stop() {
  listener_->stop();
  ledger_.stop();  // writes what is queued; the answers are posted before this returns
  loop_.post([this] {
    links_.close_all();
    finish_stop(loop_.clock().elapsed_ms() + kFlushSeconds * 1000);
  });
}

void Relay::finish_stop(std::int64_t until_ms) {
  if (links_.unsent() == 0 || loop_.clock().elapsed_ms() >= until_ms) return loop_.stop();
  flush_timer_.expires_after(kFlushPoll);
  flush_timer_.async_wait([this, until_ms](const boost::system::error_code& error) {
    if (!error) finish_stop(until_ms);
  });
}

}  // namespace relay::app
