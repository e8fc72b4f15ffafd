// Project Wycheproof's vectors against the functions that the protocol uses. They lie outside the repository;
// where they are absent each case says that it is skipped.
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "proto/crypto/keys.hpp"
#include "proto/crypto/mac_key.hpp"
#include "proto/crypto/openssl_handles.hpp"
#include "proto/crypto/session_key.hpp"
#include "proto/crypto/x25519.hpp"
#include "tests/proto/crypto/hex.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/paths.hpp"

namespace chiploc::wycheproof_test {
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
using Flags = std::set<std::string>;

/// Runs `check`, which says whether our function accepted, for each of `expected` tests. Every flag of the
/// file has to be named: `refused` are those whose tests must not be accepted, `accepted` those whose tests
/// must be unless the file calls the test invalid for another reason. A new file with new flags fails here.
template <class Check>
void for_each_test(const Json& file, int expected, const Flags& refused, const Flags& accepted, Check check) {
  int count = 0;
  Flags seen;
  for (const auto& group : file.at("testGroups")) {
    for (const auto& test : group.at("tests")) {
      INFO("tcId " << test.at("tcId") << ": " << text(test, "comment"));
      const bool good = check(group, test);
      bool must_refuse = text(test, "result") == "invalid";
      for (const auto& flag : test.at("flags")) {
        const auto name = flag.get<std::string>();
        seen.insert(name);
        must_refuse = must_refuse || refused.count(name) != 0;
      }
      REQUIRE(good == !must_refuse);
      ++count;
    }
  }
  CHECK(count == expected);
  CHECK(count == file.at("numberOfTests").get<int>());
  Flags named = refused;
  named.insert(accepted.begin(), accepted.end());
  CHECK(seen == named);
}

/// Their signatures are DER, ours are r || s: what is not the shortest DER of two numbers in range has no
/// form here, which is a refusal too.
void check_ecdsa(const std::string& name, SignatureAlgorithm algorithm, int expected) {
  const auto file = vectors(name);
  if (!file) return;
  // ArithmeticError and PointDuplication have tests of both kinds: there the file's own result decides.
  for_each_test(
      *file, expected,
      {"BerEncodedSignature", "IntegerOverflow", "InvalidEncoding", "InvalidSignature",
       "InvalidTypesInSignature", "MissingZero", "ModifiedInteger", "ModifiedSignature", "RangeCheck"},
      {"ArithmeticError", "EdgeCasePublicKey", "EdgeCaseShamirMultiplication", "ModularInverse",
       "PointDuplication", "SmallRandS", "SpecialCaseHash", "ValidSignature"},
      [&](const Json& group, const Json& test) {
        const auto key = PublicKey::from_spki_der(hex(text(group, "publicKeyDer")));
        REQUIRE(key);
        REQUIRE(key->algorithm() == algorithm);
        const auto raw = ecdsa_raw_from_der(algorithm, hex(text(test, "sig")));
        return !raw.empty() && key->verify(hex(text(test, "msg")), raw);
      });
}

}  // namespace

TEST_CASE("Wycheproof: ECDSA on P-256 with SHA-256, 484 cases", "[crypto][wycheproof]") {
  check_ecdsa("ecdsa_secp256r1_sha256_test.json", SignatureAlgorithm::kEs256, 484);
}

TEST_CASE("Wycheproof: ECDSA on P-384 with SHA-384, 504 cases", "[crypto][wycheproof]") {
  check_ecdsa("ecdsa_secp384r1_sha384_test.json", SignatureAlgorithm::kEs384, 504);
}

TEST_CASE("Wycheproof: Ed25519, 151 cases", "[crypto][wycheproof]") {
  const auto file = vectors("ed25519_test.json");
  if (!file) return;
  for_each_test(*file, 151,
                {"CompressedSignature", "InvalidEncoding", "InvalidKtv", "InvalidSignature",
                 "SignatureMalleability", "SignatureWithGarbage", "TruncatedSignature"},
                {"Ktv", "TinkOverflow", "Valid"}, [](const Json& group, const Json& test) {
                  const auto key = PublicKey::from_spki_der(hex(text(group, "publicKeyDer")));
                  REQUIRE(key);
                  // The raw form is the same key.
                  const auto raw = PublicKey::from_raw_ed25519(hex(text(group.at("publicKey"), "pk")));
                  REQUIRE(raw);
                  REQUIRE(*raw == *key);
                  return key->verify(hex(text(test, "msg")), hex(text(test, "sig")));
                });
}

TEST_CASE("Wycheproof: HMAC-SHA-256 cut to 16 bytes, 174 cases", "[crypto][wycheproof]") {
  const auto file = vectors("hmac_sha256_test.json");
  if (!file) return;
  int not_comparable = 0;
  for_each_test(*file, 174, {"ModifiedTag"}, {"Pseudorandom"},
                [&not_comparable](const Json& /*group*/, const Json& test) {
                  const auto mac = MacKey{hex(text(test, "key"))}.mac(hex(text(test, "msg")));
                  const auto tag = hex(text(test, "tag"));
                  REQUIRE(tag.size() >= Mac::kSize);
                  const bool equal = same_bytes(mac.bytes, Bytes{tag}.first(Mac::kSize));
                  // A tag that was changed behind the 16 bytes that the protocol keeps is none of ours to
                  // judge.
                  if (equal && !is_valid(test) && tag.size() > Mac::kSize) {
                    ++not_comparable;
                    return false;
                  }
                  return equal;
                });
  CHECK(not_comparable < 30);
}

TEST_CASE("Wycheproof: HKDF-SHA-256, 86 cases", "[crypto][wycheproof]") {
  const auto file = vectors("hkdf_sha256_test.json");
  if (!file) return;
  for_each_test(*file, 86, {"SizeTooLarge"}, {"EmptySalt", "MaximalOutputSize", "Normal", "OutputCollision"},
                [](const Json& /*group*/, const Json& test) {
                  ByteVector out(test.at("size").get<std::size_t>());
                  const bool derived = hkdf_sha256(hex(text(test, "ikm")), hex(text(test, "salt")),
                                                   hex(text(test, "info")), out);
                  if (derived) REQUIRE(to_hex(out) == text(test, "okm"));
                  return derived;
                });
}

TEST_CASE("Wycheproof: X25519, 518 cases; what an honest peer never sends is refused",
          "[crypto][wycheproof]") {
  const auto file = vectors("x25519_test.json");
  if (!file) return;
  // RFC 7748 would accept all of them. LowOrderPublic, NonCanonicalPublic and ZeroSharedSecret are refused; a
  // point on the twist is any honest 32 bytes.
  for_each_test(*file, 518, {"LowOrderPublic", "NonCanonicalPublic", "ZeroSharedSecret"},
                {"EdgeCaseMultiplication", "EdgeCasePrivateKey", "EdgeCaseShared", "Ktv", "Normal",
                 "SmallPublicKey", "SpecialPublicKey", "Twist"},
                [](const Json& /*group*/, const Json& test) {
                  const auto pair = X25519Pair::from_private(hex_array<32>(text(test, "private")));
                  const auto secret = pair.agree(*X25519Public::from_hex_text(text(test, "public")));
                  if (secret) REQUIRE(to_hex(secret->bytes()) == text(test, "shared"));
                  return secret.has_value();
                });
}

}  // namespace chiploc::wycheproof_test
