// A throw-away authority and certificates for tests, made with the openssl program: ca.pem, <name>.pem, <name>.key in a
// folder. Names "localhost" and 127.0.0.1, 127.0.0.2 … are in every server certificate.
#pragma once

#include <filesystem>
#include <string>

namespace tests::support {

struct Certificates {
  std::filesystem::path ca, certificate, key;
};

// Aborts the test program with a message when openssl fails: without certificates there is nothing to test.
Certificates make_certificates(const std::filesystem::path& folder, const std::string& name = "server");

}  // namespace tests::support
