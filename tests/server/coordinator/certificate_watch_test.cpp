#include "server/coordinator/certificate_watch.hpp"

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <filesystem>
#include <sstream>

#include "proto/crypto/issue.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc::test {
namespace {

constexpr WallTime kNow = wall_from_unix_seconds(1'795'000'000);
constexpr std::chrono::hours kDay{24};

/// What is logged while it lives.
class LogCapture {
 public:
  LogCapture() : before_{spdlog::default_logger()} {
    spdlog::set_default_logger(
        std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(text_)));
  }
  ~LogCapture() { spdlog::set_default_logger(before_); }
  /// And forgets it.
  std::string take() {
    std::string out = text_.str();
    text_.str("");
    return out;
  }

 private:
  std::shared_ptr<spdlog::logger> before_;
  std::ostringstream text_;
};

struct Watched {
  TempDir folder;
  CertificateAuthority ca =
      CertificateAuthority::create("root", SignatureAlgorithm::kEs256, kNow, 3650).value();
  std::uint64_t lists = 0;
  std::unique_ptr<Revocations> revocations;
  ApiCounters counters;
  asio::io_context io;
  int told = 0;
  LogCapture log;

  Watched() {
    put({});
    revocations = Revocations::open(folder / "crl.pem", {ca.certificate()}).value();
  }
  void put(const std::vector<RevokedCertificate>& revoked) {
    const auto list = ca.sign_list(revoked, {.from = kNow, .days = 100, .number = ++lists});
    std::filesystem::rename(folder.write("fresh", list->pem()), folder / "crl.pem");
  }
  CertificateWatch watch(int days) {
    OwnCertificate own;
    own.file = "tls.pem";
    own.name = "chiplocd";
    own.life = {kNow, kNow + days * kDay};
    return CertificateWatch{io, own, revocations.get(), counters, [this] { ++told; }};
  }
};

TEST_CASE("CertificateWatch: another list is told of and counted, a bad one is logged once", "[tls]") {
  Watched world;
  CertificateWatch watch = world.watch(365);
  watch.look(kNow);
  CHECK(world.told == 0);
  CHECK(world.counters.revocation_list_certificates == 0);
  world.put({{"0a01", kNow}, {"0a02", kNow}});
  watch.look(kNow);
  CHECK(world.told == 1);
  CHECK(world.counters.revocation_list_certificates == 2);
  CHECK(world.log.take().find("tls.revocations_taken number=2 certificates=2") != std::string::npos);

  std::filesystem::rename(world.folder.write("fresh", "damaged"), world.folder / "crl.pem");
  watch.look(kNow);
  watch.look(kNow);
  const std::string log = world.log.take();
  CHECK(log.find("tls.revocations_refused") != std::string::npos);
  CHECK(log.find("tls.revocations_refused") == log.rfind("tls.revocations_refused"));
  CHECK(world.counters.revocation_list_refused == 1);
  CHECK(world.counters.revocation_list_certificates == 2);
  CHECK(world.told == 1);
  world.put({});
  watch.look(kNow);
  CHECK(world.counters.revocation_list_refused == 0);
  CHECK(world.told == 2);
}

TEST_CASE("CertificateWatch: what ends soon is said at the start and once a day", "[tls]") {
  Watched world;
  CertificateWatch watch = world.watch(365);
  const auto lines_at = [&](WallTime now) {
    watch.look(now);
    const std::string log = world.log.take();
    return std::count(log.begin(), log.end(), '\n');
  };
  CHECK(lines_at(kNow) == 0);
  CHECK(world.counters.certificate_days_left == 365);
  const WallTime late = kNow + 340 * kDay;  // the list has been stale since day 100
  CHECK(lines_at(late) == 2);
  CHECK(world.counters.certificate_days_left == 25);
  CHECK(world.counters.revocation_list_stale == 1);
  CHECK(lines_at(late + std::chrono::hours{23}) == 0);
  CHECK(lines_at(late + kDay) == 2);
  CHECK(lines_at(late) == 2);  // the clock was set back: a day of silence would be wrong
}

TEST_CASE("CertificateWatch: without a list the certificate is watched alone", "[tls]") {
  Watched world;
  OwnCertificate own;
  own.life = {kNow, kNow + kDay};
  CertificateWatch watch{world.io, own, nullptr, world.counters, {}};
  watch.look(kNow);
  CHECK(world.counters.certificate_days_left == 1);
  watch.look(kNow + 2 * kDay);
  CHECK(world.counters.certificate_days_left == 0);
}

}  // namespace
}  // namespace chiploc::test
