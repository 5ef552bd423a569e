#include "clients/cli/screen.h"

#include <termios.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <iostream>

#include "clients/store/file.h"
#include "policy/base/words/german.h"

namespace clients::cli {

namespace {

constexpr std::size_t kSecretFileBytesMax = 4096;
constexpr std::chrono::milliseconds kQuiet{1000};

// Typed characters stay unseen; the terminal is as before afterwards, whatever happens.
class WithoutEcho {
 public:
  WithoutEcho() {
    if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
  }
  ~WithoutEcho() {
    if (changed_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  WithoutEcho(const WithoutEcho&) = delete;

 private:
  termios before_{};
  bool changed_ = false;
};

}  // namespace

Screen::Screen(Language language, bool json)
    : language_(language),
      json_(json),
      interactive_(::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1 && !json),
      colour_(::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr) {}

void Screen::put(const std::string& line, const boost::json::object& object) {
  std::cout << (json_ ? boost::json::serialize(object) : line) << std::endl;
}

void Screen::line(const std::string& text) {
  if (!json_) std::cout << text << std::endl;
}

void Screen::note(const std::string& text) const { std::cerr << text << std::endl; }

base::Error Screen::in_words(const base::Error& error) const {
  return language_ == Language::kGerman ? base::words::in_german(error) : error;
}

std::string Screen::line_of(const base::Error& error) const {
  return base::words::line_of(
      error, language_ == Language::kGerman ? base::words::Language::kGerman : base::words::Language::kEnglish);
}

void Screen::error(const base::Error& original) const {
  if (json_) {
    std::cout << boost::json::serialize(boost::json::object{{"error", json_of(original)}}) << std::endl;
    return;
  }
  const base::Error error = in_words(original);
  std::cerr << "feierabend: " << (error.where.empty() ? "" : error.where + ": ") << error.seen << " [" << error.code
            << "]\n";
  if (!error.allowed.empty()) std::cerr << "  " << say(Word::kAllowed, error.allowed) << "\n";
  if (!error.remedy.empty()) std::cerr << "  " << say(Word::kRemedy, error.remedy) << "\n";
  std::cerr << std::flush;
}

std::string Screen::bold(const std::string& text) const { return colour_ ? "\x1b[1m" + text + "\x1b[0m" : text; }
std::string Screen::dim(const std::string& text) const { return colour_ ? "\x1b[2m" + text + "\x1b[0m" : text; }

base::Result<std::string> Screen::ask(const std::string& prompt, const std::string& file, const std::string& option,
                                      bool secret) {
  if (!file.empty()) {
    auto bytes = store::read_file(file, kSecretFileBytesMax);
    if (!bytes) return std::unexpected(bytes.error());
    if (!*bytes)
      return base::fail("file.read", "no file '" + base::printable(file, 400) + "'", "a file that can be read");
    const std::string text(base::as_text(**bytes));
    return text.substr(0, text.find_first_of("\r\n"));
  }
  if (::isatty(STDIN_FILENO) != 1 || json_)
    return base::fail("call.no-terminal", say(Word::kNoTerminal, prompt), "", say(Word::kGiveFile, option));
  std::cerr << prompt << std::flush;
  std::string text;
  {
    const std::unique_ptr<WithoutEcho> hidden = secret ? std::make_unique<WithoutEcho>() : nullptr;
    std::getline(std::cin, text);
  }
  if (secret) std::cerr << std::endl;
  if (text.empty()) return base::fail("call.empty", "an empty answer to: " + prompt, "some text");
  return text;
}

Progress::Progress(const Screen& screen, std::string text) {
  thread_ = std::thread([this, &screen, said = std::move(text)] {
    std::unique_lock lock(mutex_);
    if (!ended_.wait_for(lock, kQuiet, [this] { return end_; })) screen.note(said);
  });
}

Progress::~Progress() {
  {
    const std::scoped_lock lock(mutex_);
    end_ = true;
  }
  ended_.notify_all();
  thread_.join();
}

std::string local_time(std::int64_t unix_s) {
  if (unix_s == 0) return "–";
  const std::time_t time = unix_s;
  std::tm parts{};
  char text[64] = {};
  if (::localtime_r(&time, &parts) == nullptr) return base::format_instant({unix_s});
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M %Z", &parts);
  return text;
}

std::string shown(std::string_view untrusted) {
  std::string out;
  for (std::size_t begin = 0; begin <= untrusted.size();) {
    const auto end = std::min(untrusted.find('\n', begin), untrusted.size());
    if (begin > 0) out += "\n    ";
    out += base::printable(untrusted.substr(begin, end - begin), untrusted.size() * 8 + 8);
    begin = end + 1;
  }
  return out;
}

boost::json::object json_of(const base::Error& error) {
  return {{"code", error.code},
          {"seen", error.seen},
          {"allowed", error.allowed},
          {"remedy", error.remedy},
          {"where", error.where}};
}

base::Error error_of(const store::record::Trouble& trouble) {
  return {trouble.code(), trouble.seen(), trouble.allowed(), trouble.remedy(), ""};
}

boost::json::object json_of(const store::record::Trouble& trouble) { return json_of(error_of(trouble)); }

}  // namespace clients::cli
