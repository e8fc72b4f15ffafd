// Project Wycheproof's vectors against the functions that the protocol uses. They lie outside the repository;
// where they are absent each case says that it is skipped.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "proto/keys.hpp"
#include "proto/mac_key.hpp"
#include "proto/openssl_handles.hpp"
#include "proto/session_key.hpp"
#include "proto/x25519.hpp"
#include "tests/proto/hex.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/paths.hpp"

using namespace chiploc;
using Json = nlohmann::json;

namespace {

std::optional<Json> vectors(const std::string& name) {
  const std::filesystem::path file = source_dir() / "../shared/data/vectors/wycheproof" / name;
  std::ifstream in{file};
  if (!in) {
    WARN("skipped: " << file.string() << " is not there");
    return std::nullopt;
  }
  return Json::parse(in);
}

std::string text(const Json& object, const char* field) { return object.at(field).get<std::string>(); }
bool is_valid(const Json& test) { return text(test, "result") == "valid"; }
bool has_flag(const Json& test, const char* flag) {
  const auto& flags = test.at("flags");
  return std::find(flags.begin(), flags.end(), flag) != flags.end();
}

/// Runs `check` for each test of each group and returns how many there were.
template <class Check>
int for_each_test(const Json& file, Check check) {
  int count = 0;
  for (const auto& group : file.at("testGroups")) {
    for (const auto& test : group.at("tests")) {
      INFO("tcId " << test.at("tcId") << ": " << text(test, "comment"));
      check(group, test);
      ++count;
    }
  }
  CHECK(count == file.at("numberOfTests").get<int>());
  return count;
}

/// Their signatures are DER, ours are r || s: what is not the shortest DER of two numbers in range has no
/// form here, which is a refusal too.
void check_ecdsa(const std::string& name, SignatureAlgorithm algorithm) {
  const auto file = vectors(name);
  if (!file) return;
  int verified = 0;
  for_each_test(*file, [&](const Json& group, const Json& test) {
    const auto key = PublicKey::from_spki_der(hex(text(group, "publicKeyDer")));
    REQUIRE(key);
    REQUIRE(key->algorithm() == algorithm);
    const auto raw = ecdsa_raw_from_der(algorithm, hex(text(test, "sig")));
    const bool good = !raw.empty() && key->verify(hex(text(test, "msg")), raw);
    REQUIRE(good == is_valid(test));
    verified += good ? 1 : 0;
  });
  CHECK(verified > 100);
}

}  // namespace

TEST_CASE("Wycheproof: ECDSA on P-256 with SHA-256", "[crypto][wycheproof]") {
  check_ecdsa("ecdsa_secp256r1_sha256_test.json", SignatureAlgorithm::kEs256);
}

TEST_CASE("Wycheproof: ECDSA on P-384 with SHA-384", "[crypto][wycheproof]") {
  check_ecdsa("ecdsa_secp384r1_sha384_test.json", SignatureAlgorithm::kEs384);
}

TEST_CASE("Wycheproof: Ed25519", "[crypto][wycheproof]") {
  const auto file = vectors("ed25519_test.json");
  if (!file) return;
  for_each_test(*file, [](const Json& group, const Json& test) {
    const auto key = PublicKey::from_spki_der(hex(text(group, "publicKeyDer")));
    REQUIRE(key);
    REQUIRE(key->verify(hex(text(test, "msg")), hex(text(test, "sig"))) == is_valid(test));
  });
}

TEST_CASE("Wycheproof: HMAC-SHA-256, cut to 16 bytes", "[crypto][wycheproof]") {
  const auto file = vectors("hmac_sha256_test.json");
  if (!file) return;
  int compared = 0;
  for_each_test(*file, [&compared](const Json& /*group*/, const Json& test) {
    const auto mac = MacKey{hex(text(test, "key"))}.mac(hex(text(test, "msg")));
    const auto tag = hex(text(test, "tag"));
    REQUIRE(tag.size() >= Mac::kSize);
    // A changed tag may differ after the 16 bytes that the protocol keeps; then there is nothing to compare.
    const bool equal = same_bytes(mac.bytes, Bytes{tag}.first(Mac::kSize));
    if (is_valid(test)) REQUIRE(equal);
    if (!is_valid(test) && tag.size() == Mac::kSize) REQUIRE_FALSE(equal);
    compared += is_valid(test) || tag.size() == Mac::kSize ? 1 : 0;
  });
  CHECK(compared > 100);
}

TEST_CASE("Wycheproof: HKDF-SHA-256", "[crypto][wycheproof]") {
  const auto file = vectors("hkdf_sha256_test.json");
  if (!file) return;
  for_each_test(*file, [](const Json& /*group*/, const Json& test) {
    ByteVector out(test.at("size").get<std::size_t>());
    const bool derived =
        hkdf_sha256(hex(text(test, "ikm")), hex(text(test, "salt")), hex(text(test, "info")), out);
    REQUIRE(derived == is_valid(test));
    if (derived) REQUIRE(to_hex(out) == text(test, "okm"));
  });
}

TEST_CASE("Wycheproof: X25519; what an honest peer never sends is refused", "[crypto][wycheproof]") {
  const auto file = vectors("x25519_test.json");
  if (!file) return;
  int agreed = 0;
  for_each_test(*file, [&agreed](const Json& /*group*/, const Json& test) {
    const auto pair = X25519Pair::from_private(hex_array<32>(text(test, "private")));
    const auto secret = pair.agree(*X25519Public::from_hex_text(text(test, "public")));
    const bool refused = has_flag(test, "NonCanonicalPublic") || has_flag(test, "ZeroSharedSecret");
    REQUIRE(secret.has_value() == !refused);
    if (secret) REQUIRE(to_hex(secret->bytes()) == text(test, "shared"));
    agreed += secret ? 1 : 0;
  });
  CHECK(agreed > 400);
}
