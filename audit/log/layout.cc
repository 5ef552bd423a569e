#include "audit/log/layout.h"

#include "audit/merkle/tile.h"

namespace audit::log {

std::string keys_path(std::uint64_t bundle) { return "side/keys/" + merkle::number_path(bundle); }
std::string records_path(std::uint64_t bundle) { return "side/records/" + merkle::number_path(bundle); }

}  // namespace audit::log
