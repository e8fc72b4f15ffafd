#include "server/net/revocations.hpp"

#include <filesystem>

#include "proto/base/time_text.hpp"
#include "proto/crypto/issue.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc::revocations_test {
namespace {

using News = Revocations::News;
constexpr WallTime kNow = wall_from_unix_seconds(1'795'000'000);
constexpr std::chrono::hours kDay{24};

struct Desk {
  TempDir folder;
  CertificateAuthority ca =
      CertificateAuthority::create("root", SignatureAlgorithm::kEs256, kNow, 3650).value();
  Certificate alice = issue("alice");
  Certificate bob = issue("bob");

  [[nodiscard]] Certificate issue(const char* name) const {
    IssueRequest request;
    request.common_name = name;
    request.from = kNow;
    return ca.issue(request, generate_key(SignatureAlgorithm::kEs256)->public_key()).value();
  }
  [[nodiscard]] std::string list(const std::vector<Certificate>& revoked, std::uint64_t number,
                                 int days = 30) const {
    std::vector<RevokedCertificate> entries;
    for (const Certificate& one : revoked)
      entries.push_back({one.serial(), kNow + kDay, RevocationReason::kKeyCompromise});
    return ca.sign_list(entries, {.from = kNow, .days = days, .number = number})->pem();
  }
  /// As `mv` puts a file in place: another inode, so another file whatever the clock's grain.
  void put(const std::string& text) const {
    const auto fresh = folder.write("fresh", text);
    std::filesystem::rename(fresh, folder / "crl.pem");
  }
  [[nodiscard]] Result<std::unique_ptr<Revocations>, std::string> open() const {
    return Revocations::open(folder / "crl.pem", {ca.certificate()});
  }
};

TEST_CASE("Revocations: another list counts at the next look", "[net][tls]") {
  const Desk desk;
  desk.put(desk.list({}, 1));
  const auto opened = desk.open();
  REQUIRE(opened);
  Revocations& now = **opened;
  CHECK_FALSE(now.revoked(desk.alice));
  CHECK(now.poll() == News::kNone);
  desk.put(desk.list({desk.alice}, 2));
  CHECK_FALSE(now.revoked(desk.alice));
  CHECK(now.poll() == News::kTaken);
  const auto entry = now.revoked(desk.alice);
  REQUIRE(entry);
  CHECK_FALSE(now.revoked(desk.bob));
  CHECK(revoked_text(desk.alice, *entry) == "the certificate " + desk.alice.serial() +
                                                " of 'alice' was revoked on " + utc_text(kNow + kDay) +
                                                " (key-compromise); ask for a new one");
  CHECK(now.poll() == News::kNone);
}

TEST_CASE("Revocations: what is no good leaves the list before in force, and is told once", "[net][tls]") {
  const Desk desk;
  desk.put(desk.list({desk.alice}, 5));
  const auto opened = desk.open();
  REQUIRE(opened);
  Revocations& now = **opened;
  const auto refused = [&](const std::string& because) {
    CHECK(now.poll() == News::kRefused);
    INFO(now.problem());
    CHECK(now.problem().find(because) != std::string::npos);
    CHECK(now.poll() == News::kNone);
    CHECK(now.revoked(desk.alice));
  };
  const std::string newer = desk.list({}, 6);
  SECTION("damaged") {
    desk.put(newer.substr(0, newer.size() / 2));
    refused("BEGIN X509 CRL");
  }
  SECTION("another authority's") {
    const auto other = CertificateAuthority::create("root", SignatureAlgorithm::kEs256, kNow, 3650).value();
    desk.put(other.sign_list({}, {.from = kNow, .number = 6})->pem());
    refused("was not signed by an authority of [tls] ca");
  }
  SECTION("older") {
    desk.put(desk.list({}, 4));
    refused("the list number 4 is older than number 5");
  }
  SECTION("gone") {
    std::filesystem::remove(desk.folder / "crl.pem");
    refused("cannot be read");
  }
  SECTION("until what is in force is put back") {
    desk.put("junk");
    refused("BEGIN X509 CRL");
    desk.put(desk.list({desk.alice}, 5));
    CHECK(now.poll() == News::kTaken);
    CHECK(now.problem().empty());
    CHECK(now.revoked(desk.alice));
  }
  desk.put(newer);
  CHECK(now.poll() == News::kTaken);
  CHECK_FALSE(now.revoked(desk.alice));
}

TEST_CASE("Revocations: a list that should have been signed anew stays in force", "[net][tls]") {
  const Desk desk;
  desk.put(desk.list({desk.alice}, 1, 30));
  const auto opened = desk.open();
  REQUIRE(opened);
  CHECK_FALSE((*opened)->stale(kNow + 29 * kDay));
  CHECK((*opened)->stale(kNow + 30 * kDay));
  CHECK((*opened)->revoked(desk.alice));
}

TEST_CASE("Revocations: at the start there must be a good list", "[net][tls]") {
  const Desk desk;
  const auto missing = desk.open();
  REQUIRE_FALSE(missing);
  CHECK(missing.error() ==
        (desk.folder / "crl.pem").string() +
            ": cannot be read (No such file or directory); put the authority's crl.pem there "
            "(chiploc pki revoke writes it)");
  desk.put("nothing");
  CHECK_FALSE(desk.open());
}

}  // namespace
}  // namespace chiploc::revocations_test
