#pragma once
#include <sys/stat.h>

#include <string>

#include "server/pki/authority.hpp"
#include "server/pki/init.hpp"
#include "tests/server/pki/kill_points.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc::pki_test {

inline constexpr WallTime kNow = wall_from_unix_seconds(1'795'000'000);
inline constexpr std::chrono::hours kDay{24};

inline unsigned mode_of(const std::filesystem::path& file) {
  struct stat info {};
  return ::stat(file.c_str(), &info) == 0 ? info.st_mode & 0777U : 0;
}

template <class T>
std::string refusal(const PkiResult<T>& result) {
  return result ? std::string{} : result.error().text;
}

inline CertificateRequest request_of(const RequestSubject& subject, const Signer& key) {
  const auto pem = make_request(subject, key);
  REQUIRE(pem);
  auto request = CertificateRequest::from_pem(*pem);
  REQUIRE(request);
  return *std::move(request);
}

/// An authority in a folder of its own.
struct AuthorityWorld {
  TempDir top;
  std::filesystem::path folder = top / "pki";

  explicit AuthorityWorld(SignatureAlgorithm algorithm = SignatureAlgorithm::kEs256) {
    InitOrder order;
    order.folder = folder;
    order.algorithm = algorithm;
    const auto made = init_authority(order, kNow);
    INFO((made ? "" : made.error().text));
    REQUIRE(made);
  }
  [[nodiscard]] Authority open() const {
    auto opened = Authority::open(folder, {});
    INFO((opened ? "" : opened.error().text));
    REQUIRE(opened);
    return *std::move(opened);
  }
  [[nodiscard]] std::filesystem::path out(const char* name) const { return top / name; }
  [[nodiscard]] PkiFolder read() const {
    auto opened = PkiFolder::open(folder);
    REQUIRE(opened);
    return *std::move(opened);
  }
  [[nodiscard]] PkiIndex index() const { return read().index(); }
  [[nodiscard]] Certificate ca() const { return read().certificate(); }
  [[nodiscard]] RevocationList list() const {
    auto list = RevocationList::from_pem(read_file(folder / "crl.pem"));
    REQUIRE(list);
    return *std::move(list);
  }
};

}  // namespace chiploc::pki_test
