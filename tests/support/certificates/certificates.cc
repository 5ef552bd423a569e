#include "tests/support/certificates/certificates.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace tests::support {
namespace {

void run(const std::string& command) {
  if (std::system((command + " >/dev/null 2>&1").c_str()) == 0) return;
  std::fprintf(stderr, "failed: %s\n", command.c_str());
  std::abort();
}

std::string quoted(const std::filesystem::path& path) { return "'" + path.string() + "'"; }

}  // namespace

Certificates make_certificates(const std::filesystem::path& folder, const std::string& name) {
  std::filesystem::create_directories(folder);
  const auto ca = folder / "ca.pem", ca_key = folder / "ca.key";
  if (!std::filesystem::exists(ca)) {
    run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj '/CN=Feierabend "
        "test authority' -keyout " +
        quoted(ca_key) + " -out " + quoted(ca));
  }
  const auto extensions = folder / (name + ".ext");
  std::ofstream(extensions) << "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:127.0.0.2\n"
                               "keyUsage=digitalSignature\nextendedKeyUsage=serverAuth,clientAuth\n";
  const auto key = folder / (name + ".key"), request = folder / (name + ".csr"), certificate = folder / (name + ".pem");
  run("openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj '/CN=" + name + "' -keyout " +
      quoted(key) + " -out " + quoted(request));
  run("openssl x509 -req -days 3650 -CA " + quoted(ca) + " -CAkey " + quoted(ca_key) + " -CAcreateserial -extfile " +
      quoted(extensions) + " -in " + quoted(request) + " -out " + quoted(certificate));
  return {ca, certificate, key};
}

}  // namespace tests::support
