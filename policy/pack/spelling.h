// Which of the allowed words was meant?
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace policy::pack {

// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment), in bytes. Words longer than
// kComparedBytesMax are compared by their beginning.
constexpr std::size_t kComparedBytesMax = 64;
std::size_t edit_distance(std::string_view a, std::string_view b);

// "did you mean 'minimum'?", or empty if nothing is near: at most a third of the word, at least one edit.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> allowed);
std::string did_you_mean(std::string_view word, const std::vector<std::string>& allowed);

std::string joined(std::span<const std::string_view> words);

}  // namespace policy::pack
