// A search for what must be nowhere: a marked text, in every form in which a program keeps texts without meaning to, in
// the bytes and the names of files and in whatever else a test has laid open.
//
// Forms: as it is, in upper and lower case, its hexadecimal digits, base64 and base64url at each of the three
// alignments, UTF-16 in both byte orders, Latin-1 where the text is not ASCII, backwards, and its plain SHA-256, whole
// or its first sixteen bytes, which is a name to everybody who can guess names. Values; one thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace tests::support {

struct Form {
  std::string name;   // "base64, shifted by 1"
  std::string bytes;  // in lower case if `any_case`
  bool any_case = false;
};

// `marker` is UTF-8 of the basic plane, at least eight bytes, so that no form of it is somewhere by chance.
std::vector<Form> forms_of(std::string_view marker);
// For secrets of random bytes: as they are, hexadecimal digits, base64. At least eight bytes.
std::vector<Form> forms_of_secret(std::string_view secret);

class Haystack {
 public:
  void add(std::string name, std::string bytes);
  // Every regular file below, with its path.
  void add_files(const std::filesystem::path& folder);
  std::size_t size_bytes() const;
  std::size_t files() const { return straws_.size(); }
  // "audit/2026/tile/entries/000: base64 of 'x'", one a line; empty: nowhere.
  std::string found(const std::vector<std::string>& markers) const;
  // How many of the secrets are somewhere.
  std::size_t secrets_found(const std::vector<std::string>& secrets) const;

 private:
  struct Straw {
    std::string name, bytes, lower;
  };
  static bool has(const Straw& straw, const Form& form);
  std::vector<Straw> straws_;
};

}  // namespace tests::support
