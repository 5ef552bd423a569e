#include "relay/store/memory/store.h"

#include "relay/store/port/contract.h"

namespace relay::store::contract {
namespace {

class MemoryWorld final : public World {
 public:
  Store& store() override { return store_; }
  void reopen() override {}

 private:
  SeededRandom random_{1};
  MemoryStore store_{random_};
};

INSTANTIATE_TEST_SUITE_P(Memory, StoreContract, testing::Values([] { return std::make_unique<MemoryWorld>(); }));

}  // namespace
}  // namespace relay::store::contract
