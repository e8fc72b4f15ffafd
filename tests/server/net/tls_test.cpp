#include "server/net/tls.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "proto/crypto/issue.hpp"
#include "server/net/tls_files.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::tls_test {
namespace {

const WallTime kNow = wall_from_unix_seconds(1'790'000'000);

struct Folder {
  std::filesystem::path path;
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "chiploc-tls-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  void write(const char* name, const std::string& text, int mode = 0600) const {
    std::ofstream{path / name} << text;
    std::filesystem::permissions(path / name, static_cast<std::filesystem::perms>(mode));
  }
};

struct Pair {
  std::string certificate;
  std::string key;
};
Pair issue_pair(const CertificateAuthority& ca) {
  const auto key = generate_key(SignatureAlgorithm::kEs256);
  const auto certificate = ca.issue({.common_name = "fra1",
                                     .organizational_unit = "anchor",
                                     .serial_number = {},
                                     .dns_names = {},
                                     .ip_addresses = {},
                                     .purpose = CertificatePurpose::kClient,
                                     .from = kNow,
                                     .days = 9},
                                    key->public_key());
  REQUIRE(certificate);
  return {certificate->pem(), key->private_pem()};
}

TEST_CASE("load_tls: a matching set loads; every fault names its file and the remedy", "[net][tls]") {
  const auto ca = CertificateAuthority::create("root", SignatureAlgorithm::kEs256, kNow, 9);
  REQUIRE(ca);
  const Pair pair = issue_pair(*ca);
  const Folder folder;
  folder.write("ca.pem", ca->certificate().pem());
  folder.write("tls.pem", pair.certificate);
  folder.write("tls.key", pair.key);
  const TlsFiles files{folder.path / "ca.pem", folder.path / "tls.pem", folder.path / "tls.key"};
  const auto fault = [&] {
    const auto loaded = load_tls(files);
    return loaded ? std::string{"none"} : loaded.error();
  };
  const auto loaded = load_tls(files);
  REQUIRE(loaded);
  CHECK(loaded->key == pair.key);
  CHECK(channel_credentials(*loaded) != nullptr);
  CHECK(server_credentials(*loaded) != nullptr);
  const auto own = load_own_tls(files.certificate, files.key);
  REQUIRE(own);
  CHECK(own->key == pair.key);
  CHECK(own->certificate == pair.certificate);
  CHECK(own->ca.empty());

  SECTION("a key that others may read") {
    std::filesystem::permissions(files.key, std::filesystem::perms{0640});
    CHECK(fault() ==
          files.key.string() + ": a private key that others may open; run: chmod 600 " + files.key.string());
  }
  SECTION("a key that is not there") {
    std::filesystem::remove(files.key);
    CHECK(fault().find(files.key.string() + ": No such file") == 0);
  }
  SECTION("an authority that is not there") {
    std::filesystem::remove(files.ca);
    CHECK(fault().find(files.ca.string() + ": cannot be read") == 0);
  }
  SECTION("an authority that is no certificate") {
    folder.write("ca.pem", "hello");
    CHECK(fault().find(files.ca.string() + ": ") == 0);
  }
  SECTION("a certificate that is none") {
    folder.write("tls.pem", pair.key);
    CHECK(fault().find(files.certificate.string() + ": ") == 0);
  }
  SECTION("a key that is none") {
    folder.write("tls.key", pair.certificate);
    CHECK(fault().find(files.key.string() + ": ") == 0);
  }
  SECTION("the key of another certificate") {
    folder.write("tls.key", issue_pair(*ca).key);
    CHECK(fault() == files.key.string() + ": is not the key of " + files.certificate.string() +
                         "; use the pair that was issued together");
  }
}

}  // namespace
}  // namespace chiploc::tls_test
