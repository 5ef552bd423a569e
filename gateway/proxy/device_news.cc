// What the devices of one person are told of each other.
#include "gateway/proxy/exchange.h"

namespace gateway::proxy {

using policy::base::DeviceId;
using policy::base::Result;

void Exchange::push_news(const std::string& person, const pb::DeviceNews& news) {
  const auto found = people_.find(person);
  if (found == people_.end()) return;
  pb::ServerFrame frame;
  *frame.mutable_news() = news;
  const auto streams = found->second.streams;  // a stream that breaks while it is told leaves the list
  for (Stream* const stream : streams) stream->send(frame);
}

void Exchange::end_waiting(const DeviceId& device) {
  Stream* const stream = find(device);
  if (stream == nullptr || !stream->waiting) return;
  stream->waiting = false;
  subscribe(*stream);
}

// It also looks once more whether this device waits: consent may have come while its stream was opened.
void Exchange::offer_news(Stream& stream) {
  struct Found {
    bool waiting = false;
    std::vector<pb::DeviceNews> news;
  };
  services_.workers.submit(
      loop_,
      [this, id = stream.device(), now = now_]() -> Result<Found> {
        const auto reader = services_.store.device(id);
        if (!reader) return std::unexpected(reader.error());
        if (!*reader) return Found{};
        auto news = device_news_for(services_.store, services_.certificates, **reader, now);
        if (!news) return std::unexpected(news.error());
        return Found{(*reader)->waiting, std::move(*news)};
      },
      [this, weak = stream.weak_from_this()](const Result<Found>& found) {
        const auto live = weak.lock();
        if (!live || live->ended || !found) return;
        if (!found->waiting) end_waiting(live->device());
        for (const pb::DeviceNews& one : found->news) {
          if (live->ended) return;
          pb::ServerFrame frame;
          *frame.mutable_news() = one;
          live->send(frame);
        }
      });
}

}  // namespace gateway::proxy
