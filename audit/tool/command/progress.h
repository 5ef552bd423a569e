// Speaks on standard error once a second, from the first second on; nothing with --json. One thread.
#pragma once

#include <ostream>

#include "audit/tool/command/output.h"

namespace audit::tool {

class ProgressLine {
 public:
  // `word` takes done, total and per cent. The context outlives it.
  ProgressLine(const Context& context, Word word) : context_(context), word_(word) {}
  ~ProgressLine() {
    if (spoken_) context_.streams.err << '\n';
  }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void operator()(std::uint64_t done, std::uint64_t total) {
    const std::int64_t now_ms = context_.world.clock.elapsed_ms();
    if (context_.manner.json || now_ms - last_ms_ < 1000) return;
    last_ms_ = now_ms;
    spoken_ = true;
    context_.streams.err << '\r' << context_.say(word_, done, total, total == 0 ? 100 : done * 100 / total)
                         << std::flush;
  }

 private:
  const Context& context_;
  Word word_;
  std::int64_t last_ms_ = context_.world.clock.elapsed_ms();
  bool spoken_ = false;
};

}  // namespace audit::tool
