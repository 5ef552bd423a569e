// The findings of one walk, bounded, and the first storage error, which makes every finding after it doubtful.
//
// One thread.
#pragma once

#include <utility>
#include <vector>

#include "audit/verify/finding.h"

namespace audit::verify {

class Findings {
 public:
  explicit Findings(std::size_t count_max) : count_max_(count_max) {}

  void add(Finding finding) {
    wrong_ = wrong_ || finding.severity == Severity::kWrong;
    if (list_.size() == count_max_)
      ++left_out_;
    else
      list_.push_back(std::move(finding));
  }
  void wrong(std::string code, std::optional<std::uint64_t> entry, std::string path, std::string text) {
    add({Severity::kWrong, std::move(code), entry, std::move(path), std::move(text), {}});
  }
  void wrong(std::string code, std::optional<std::uint64_t> entry, std::string path, const policy::base::Error& cause) {
    add({Severity::kWrong, std::move(code), entry, std::move(path), policy::base::to_string(cause), cause});
  }
  void note(std::string code, std::optional<std::uint64_t> entry, std::string path, std::string text) {
    add({Severity::kNote, std::move(code), entry, std::move(path), std::move(text), {}});
  }

  // The value, or an empty one after remembering what the storage said.
  template <typename T>
  T taken(policy::base::Result<T> result) {
    if (result) return std::move(*result);
    storage_failed(result.error());
    return {};
  }
  void storage_failed(const policy::base::Error& error) {
    if (!storage_error_) storage_error_ = error;
  }

  bool any_wrong() const { return wrong_; }
  const std::optional<policy::base::Error>& storage_error() const { return storage_error_; }
  std::uint64_t left_out() const { return left_out_; }
  std::vector<Finding> list() && { return std::move(list_); }

 private:
  std::size_t count_max_;
  std::vector<Finding> list_;
  std::uint64_t left_out_ = 0;
  bool wrong_ = false;
  std::optional<policy::base::Error> storage_error_;
};

}  // namespace audit::verify
