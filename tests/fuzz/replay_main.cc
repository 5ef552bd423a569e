// Replays a corpus folder through a fuzz target without a fuzzer, so that every input that was once interesting is an
// ordinary test. Each file is also replayed cut at every eighth of its length and with single bytes changed, so that
// the replay covers more than the exact files. An empty corpus is a failure: a target without inputs tests nothing.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s CORPUS_FOLDER\n", argv[0]);
    return 2;
  }
  std::size_t files = 0, runs = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1], error)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    std::vector<std::uint8_t> bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    for (std::size_t part = 0; part < 8; ++part, ++runs) LLVMFuzzerTestOneInput(bytes.data(), bytes.size() * part / 8);
    for (std::size_t at = 0; at < bytes.size() && at < 512; ++at, ++runs) {
      const std::uint8_t kept = bytes[at];
      bytes[at] = static_cast<std::uint8_t>(kept ^ (1U << (at % 8)));
      LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
      bytes[at] = kept;
    }
    ++files;
  }
  std::printf("replayed %zu files, %zu variations\n", files, runs);
  return files > 0 ? 0 : 1;
}
