// The stage: all public objects of one batch with the checkpoint that promises them, in one object, so that a batch is
// durable after one write and can be published again after a crash. It holds no keys.
//
//   "feierabend-stage v1\n" ‖ u32 size ‖ checkpoint note ‖ u32 count ‖ count × (u16 size ‖ path ‖ u32 size ‖ bytes)
//
// Big endian. Pure. Error: stage.syntax.
#pragma once

#include <string>
#include <vector>

#include "audit/log/ports.h"

namespace audit::log {

struct Stage {
  std::string checkpoint;
  std::vector<Object> objects;
  bool operator==(const Stage&) const = default;
};

Bytes encode_stage(const Stage& stage);
Result<Stage> decode_stage(policy::base::ByteView bytes);

}  // namespace audit::log
