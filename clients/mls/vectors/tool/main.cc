// mls_vectors DIR [NAME…]: checks every vector file of the folder, or those of these names (without ".json").
// Prints "file passed/total" for each, and what differs on the error stream. Exit code 0 if all passed, 1 at a miss,
// 2 if there was nothing to check.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include "clients/mls/crypto/native/native.h"
#include "clients/mls/vectors/run.h"

namespace {

namespace fs = std::filesystem;
using clients::mls::Tally;

constexpr int kMissed = 1, kNothing = 2;

std::vector<fs::path> files_of(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
    if (at->is_regular_file(error)) out.push_back(at->path());
  std::ranges::sort(out);
  return out;
}

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// "crypto-basics.json" is of the format "crypto-basics"; other files keep their whole name, which no format has.
std::string format_of(const fs::path& file) {
  return file.extension() == ".json" ? file.stem().string() : file.filename().string();
}

// Whether nothing was missed.
bool tell(const fs::path& file, const Tally& tally) {
  const std::string name = file.filename().string();
  if (tally.kind == Tally::Kind::kNoVectors) {
    std::fprintf(stderr, "%s: no vectors, left out\n", name.c_str());
    return true;
  }
  std::printf("%s %zu/%zu\n", name.c_str(), tally.passed, tally.total);
  if (tally.kind == Tally::Kind::kUnknown) std::fprintf(stderr, "%s: a format that is not checked\n", name.c_str());
  for (const std::string& miss : tally.misses) std::fprintf(stderr, "%s: %s\n", name.c_str(), miss.c_str());
  return tally.passed == tally.total;
}

int check(const std::vector<fs::path>& files) {
  const clients::mls::NativeCrypto crypto;
  bool all_passed = true;
  std::size_t checked = 0;
  for (const fs::path& file : files) {
    const Tally tally = clients::mls::run_vectors(crypto, format_of(file), text_of(file));
    all_passed = tell(file, tally) && all_passed;
    if (tally.kind != Tally::Kind::kNoVectors) ++checked;
  }
  if (checked == 0) std::fputs("no vectors found\n", stderr);
  return checked == 0 ? kNothing : all_passed ? 0 : kMissed;
}

}  // namespace

int main(int count, char** words) {
  const std::span<char*> arguments(words, static_cast<std::size_t>(count));
  if (arguments.size() < 2) {
    std::fputs("usage: mls_vectors DIR [NAME…]\n", stderr);
    return kNothing;
  }
  const fs::path folder = arguments[1];
  if (arguments.size() == 2) return check(files_of(folder));
  std::vector<fs::path> named;
  for (const std::string name : arguments.subspan(2)) named.push_back(folder / (name + ".json"));
  return check(named);
}
