// The witness on a real socket.
#include "audit/witness/http/server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <thread>

#include "audit/store/memory.h"
#include "audit/witness/testing/small_log.h"

namespace audit::witness::http {
namespace {

using checkpoint::CosigningKey;

constexpr const char* kOrigin = "authority.example/feierabend/2026";

TEST(ListenAddress, LoopbackAndUnixOnly) {
  EXPECT_EQ(ListenAddress::parse("tcp:127.0.0.1:80")->text(), "tcp:127.0.0.1:80");
  EXPECT_EQ(ListenAddress::parse("tcp:localhost:0")->text(), "tcp:127.0.0.1:0");
  EXPECT_EQ(ListenAddress::parse("tcp:[::1]:8450")->text(), "tcp:[::1]:8450");
  EXPECT_EQ(ListenAddress::parse("unix:w.sock")->text(), "unix:w.sock");
  for (const char* open : {"tcp:0.0.0.0:80", "tcp:192.0.2.1:80", "tcp:witness.example:80", "tcp:[::]:80"})
    EXPECT_EQ(ListenAddress::parse(open).error().code, "listen.public") << open;
  for (const char* wrong : {"", "tcp:", "tcp:127.0.0.1", "tcp:127.0.0.1:", "tcp:127.0.0.1:65536", "tcp:127.0.0.1:-1",
                            "unix:", "127.0.0.1:80", "tcp::80"})
    EXPECT_FALSE(ListenAddress::parse(wrong)) << wrong;
  EXPECT_EQ(ListenAddress::parse("unix:" + std::string(200, 'x')).error().code, "address.syntax");
}

class Served : public ::testing::Test {
 protected:
  Served() {
    witness_.add_log(log_.key().verifier(), lock_, objects_);
    serve("tcp:127.0.0.1:0");
  }
  ~Served() override { end(); }

  void serve(const std::string& address) {
    end();
    auto server = Server::open(ListenAddress::parse(address).value(), witness_, clock_);
    ASSERT_TRUE(server) << to_string(server.error());
    server_ = std::move(*server);
    thread_ = std::thread([this] { EXPECT_TRUE(server_->run()); });
  }
  void end() {
    if (!server_) return;
    server_->stop();
    thread_.join();
    server_.reset();
  }

  int connect() const {
    const auto& bound = server_->bound();
    if (bound.unix_socket) {
      sockaddr_un address{};
      address.sun_family = AF_UNIX;
      std::copy(bound.host.begin(), bound.host.end(), address.sun_path);
      const int client = ::socket(AF_UNIX, SOCK_STREAM, 0);
      EXPECT_EQ(::connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
      return client;
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(bound.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int client = ::socket(AF_INET, SOCK_STREAM, 0);
    EXPECT_EQ(::connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return client;
  }
  static void send(int client, const std::string& bytes) {
    EXPECT_EQ(::send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  // Until the other side closes.
  static std::string read_all(int client) {
    std::string out;
    char buffer[4096];
    for (ssize_t count = 0; (count = ::read(client, buffer, sizeof buffer)) > 0;)
      out.append(buffer, static_cast<std::size_t>(count));
    ::close(client);
    return out;
  }
  static std::string post(const std::string& body, bool last) {
    return "POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: " + std::to_string(body.size()) +
           (last ? "\r\nConnection: close" : "") + "\r\n\r\n" + body;
  }
  std::string exchange(const std::string& bytes) const {
    const int client = connect();
    send(client, bytes);
    return read_all(client);
  }
  static std::string get(const std::string& target) {
    return "GET " + target + " HTTP/1.1\r\nHost: w\r\nConnection: close\r\n\r\n";
  }

  policy::base::SystemRandom random_;
  SetClock clock_;
  SmallLog log_{kOrigin};
  store::MemoryLock lock_;
  store::MemoryObjects objects_;
  Witness witness_{CosigningKey::generate("dpo.example", random_).value(), clock_};
  std::unique_ptr<Server> server_;
  std::thread thread_;
};

TEST_F(Served, AnswersAsTheProtocolSays) {
  log_.grow(5);
  const auto cosigned = exchange(post(log_.request(0), true));
  EXPECT_TRUE(cosigned.starts_with("HTTP/1.1 200 OK\r\n")) << cosigned;
  EXPECT_TRUE(cosigned.contains("\r\n\r\n— dpo.example ")) << cosigned;
  const auto conflict = exchange(post(log_.request(0), true));
  EXPECT_TRUE(conflict.starts_with("HTTP/1.1 409 Conflict\r\n")) << conflict;
  EXPECT_TRUE(conflict.contains("\r\nContent-Type: text/x.tlog.size\r\n")) << conflict;
  EXPECT_TRUE(conflict.ends_with("\r\n\r\n5\n")) << conflict;
  const auto latest = exchange(get("/" + origin_hash(kOrigin) + "/checkpoint"));
  EXPECT_TRUE(latest.contains("\r\n\r\n" + std::string(kOrigin) + "\n5\n")) << latest;
  EXPECT_TRUE(exchange(get("/" + origin_hash("x") + "/checkpoint")).starts_with("HTTP/1.1 404 "));
  EXPECT_TRUE(exchange(get("/")).starts_with("HTTP/1.1 404 "));
  EXPECT_TRUE(exchange(get("/add-checkpoint")).starts_with("HTTP/1.1 405 "));
  EXPECT_TRUE(exchange("nonsense\r\n\r\n").starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(exchange("GET / HTTP/1.0\r\nHost: w\r\n\r\n").starts_with("HTTP/1.1 505 "));
  EXPECT_TRUE(exchange("POST / HTTP/1.1\r\nHost: w\r\nContent-Length: 999999\r\n\r\n").starts_with("HTTP/1.1 413 "));
}

TEST_F(Served, OneConnectionCarriesManyRequestsInAnyPieces) {
  std::string bytes;
  std::uint64_t from = 0;
  for (const std::size_t size : {5U, 6U, 7U}) {
    log_.grow(size);
    bytes += post(log_.request(from), size == 7);
    from = size;
  }
  const int client = connect();
  for (std::size_t at = 0; at < bytes.size(); at += 7) send(client, bytes.substr(at, 7));
  const auto answers = read_all(client);
  std::size_t good = 0;
  for (std::size_t at = 0; (at = answers.find("HTTP/1.1 200 OK", at)) != std::string::npos; ++at) ++good;
  EXPECT_EQ(good, 3U) << answers;
}

TEST_F(Served, SilentConnectionsKeepNobodyOut) {
  std::vector<int> silent;
  for (std::size_t i = 0; i < kConnectionsMax; ++i) {
    silent.push_back(connect());
    send(silent.back(), "GET / HTTP/1.1\r\nHost: w\r\n\r\n");
    char byte = 0;
    ASSERT_EQ(::read(silent.back(), &byte, 1), 1) << "it is served, and then says no more";
  }
  const int client = connect();  // waits in the queue
  send(client, post(log_.request(0), true));
  clock_.at = clock_.at.load() + policy::base::Seconds{kRequestTime_ms / 1000 + 1};
  EXPECT_TRUE(read_all(client).starts_with("HTTP/1.1 200 "));
  for (const int one : silent) ::close(one);
}

TEST_F(Served, OnAUnixSocketForItsOwnerOnly) {
  std::string folder = (std::filesystem::temp_directory_path() / "audit-witness-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const std::string path = folder + "/w.sock";
  serve("unix:" + path);
  struct stat info{};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  EXPECT_TRUE(exchange(post(log_.request(0), true)).starts_with("HTTP/1.1 200 "));
  EXPECT_EQ(Server::open(server_->bound(), witness_, clock_).error().code, "socket.bind") << "somebody listens there";
  end();
  EXPECT_FALSE(std::filesystem::exists(path));
  // What a killed run left behind is replaced, anything else is not.
  const int left = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::copy(path.begin(), path.end(), address.sun_path);
  ASSERT_EQ(::bind(left, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ::close(left);
  serve("unix:" + path);
  end();
  std::filesystem::create_directory(path);
  EXPECT_FALSE(Server::open(ListenAddress::parse("unix:" + path).value(), witness_, clock_));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace audit::witness::http
