#include "proto/crypto/issuer_cache.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/certificate_maker.hpp"

namespace chiploc::test::issuer_cache_test {

TEST_CASE("IssuerCache: what is kept is what Certificate reads, and no more than there is room for",
          "[crypto]") {
  const Certificate root = make_ca("Root").certificate, other = make_ca("Other").certificate;
  IssuerCache cache;
  const std::string pem = root.pem();
  const auto parsed = [&cache](const std::string& text) { return cache.read(text)->native_without_key(); };
  REQUIRE(cache.read(pem));
  CHECK(parsed(pem) == parsed(pem));  // once
  CHECK(cache.read(pem)->fingerprint() == root.fingerprint());
  CHECK(cache.read(other.pem())->fingerprint() == other.fingerprint());
  CHECK(cache.read("no PEM").error().text == Certificate::from_pem("no PEM").error().text);
  for (int i = 0; i < 2; ++i) {
    CHECK(cache.issued(root, root));
    CHECK_FALSE(cache.issued(root, other));
  }
  for (std::size_t i = 0; i < IssuerCache::kKept; ++i)  // texts differ, the certificate is one
    REQUIRE(cache.read("# " + std::to_string(i) + "\n" + pem));
  const auto first = cache.read("# late\n" + pem), second = cache.read("# late\n" + pem);
  CHECK(first->native_without_key() != second->native_without_key());
}

}  // namespace chiploc::test::issuer_cache_test
