#include "audit/merkle/tile.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "audit/merkle/compact_range.h"

namespace audit::merkle {
namespace {

using policy::base::as_bytes;
using policy::base::Bytes;

TEST(TilePath, ExamplesOfTheSpecification) {
  EXPECT_EQ(tile_path({0, 1234067, 256}), "tile/0/x001/x234/067");
  EXPECT_EQ(tile_path({1, 0, 17}), "tile/1/000.p/17");
  EXPECT_EQ(tile_path({std::nullopt, 273, 112}), "tile/entries/273.p/112");
  EXPECT_EQ(number_path(1000), "x001/000");
}

TEST(TilePath, RefusesWhatIsNotCanonical) {
  for (const char* path : {"", "tile", "tile/0", "tile/0/", "tile/00/000", "tile/8/000", "tile/0/0", "tile/0/1000",
                           "tile/0/x000/001", "tile/0/001.p/0", "tile/0/001.p/256", "tile/0/001.p/01", "tile/0/001/",
                           "tile/0/../001", "tile/0/x001/x234/67", "tile/data/000", "tile/0/x99999999999999999999999"})
    EXPECT_EQ(parse_tile_path(path).error().code, "tile.path") << path;
}

TEST(TilePath, ParseAndFormatAreInverse) {
  EXPECT_TRUE(rc::check("tile path round trip", [] {
    Tile tile;
    if (*rc::gen::arbitrary<bool>()) tile.level = *rc::gen::inRange(0U, 8U);
    tile.index = *rc::gen::arbitrary<std::uint64_t>() >> *rc::gen::inRange(0, 64);
    tile.width = *rc::gen::inRange(1U, 257U);
    RC_ASSERT(parse_tile_path(tile_path(tile)).value() == tile);
  }));
}

TEST(Tiles, OfSeventyThousandLeaves) {
  EXPECT_EQ(width_of(0, 272, 70000), 256U);
  EXPECT_EQ(width_of(0, 273, 70000), 112U);
  EXPECT_EQ(width_of(0, 274, 70000), 0U);
  EXPECT_EQ(width_of(1, 0, 70000), 256U);
  EXPECT_EQ(width_of(1, 1, 70000), 17U);
  EXPECT_EQ(width_of(2, 0, 70000), 1U);
  EXPECT_EQ(levels_of(70000), 3U);
  EXPECT_EQ(levels_of(0), 0U);
}

TEST(Tiles, BetweenTwoSizes) {
  EXPECT_EQ(tiles_between(0, 0), std::vector<Tile>{});
  EXPECT_EQ(tiles_between(255, 257),
            (std::vector<Tile>{{std::nullopt, 0, 256}, {std::nullopt, 1, 1}, {0, 0, 256}, {0, 1, 1}, {1, 0, 1}}));
  EXPECT_EQ(tiles_between(256, 257), (std::vector<Tile>{{std::nullopt, 1, 1}, {0, 1, 1}}));
}

TEST(Tiles, RootOfAFullTileIsItsTree) {
  std::vector<Hash> hashes;
  CompactRange range;
  for (unsigned i = 0; i < kTileWidth; ++i) {
    hashes.push_back(leaf_hash(as_bytes(std::to_string(i))));
    range.append(hashes.back());
  }
  EXPECT_EQ(subtree_root(hashes), range.root());
  EXPECT_EQ(parse_tile(format_tile(hashes), 256).value(), hashes);
  EXPECT_EQ(parse_tile(format_tile(hashes), 255).error().code, "tile.size");
}

TEST(Bundle, RoundTripAndFirstBrokenEntry) {
  EXPECT_TRUE(rc::check("bundle round trip", [] {
    const auto entries = *rc::gen::suchThat(rc::gen::container<std::vector<Bytes>>(rc::gen::arbitrary<Bytes>()),
                                            [](const auto& list) { return list.size() <= 256; });
    Bytes bytes;
    for (const Bytes& entry : entries) append_entry(bytes, entry);
    const auto width = static_cast<unsigned>(entries.size());
    RC_ASSERT(parse_bundle(bytes, width).value() == entries);
    if (entries.empty()) return;
    bytes.pop_back();
    const Bundle cut = read_bundle(bytes, width);
    RC_ASSERT(cut.broken.has_value());
    RC_ASSERT(cut.entries.size() + 1 == entries.size());
  }));
  EXPECT_EQ(parse_bundle(Bytes{0, 1, 7}, 2).error().code, "bundle.width");
  EXPECT_EQ(parse_bundle(Bytes{0, 1, 7, 0, 0}, 1).error().code, "bundle.trailing");
  EXPECT_EQ(parse_bundle(Bytes{0, 9, 7}, 1).error().code, "bundle.truncated");
}

}  // namespace
}  // namespace audit::merkle
