#include "server/oidc/jwk_set.hpp"

#include "tests/server/oidc/token_maker.hpp"

namespace jwk_set_test {
using namespace chiploc;
using test::json;
using test::key_for;
using test::key_set;

JwkSet parsed(const std::string& text) {
  auto set = JwkSet::parse(text);
  REQUIRE(set);
  return *std::move(set);
}
/// Why a set of this one key has none.
std::optional<JwkSkip> skip_of(const json& key) {
  const JwkSet set = parsed(key_set({key}));
  CHECK(set.size() + set.skipped() == 1);
  for (std::size_t i = 0; i < kJwkSkips; ++i)
    if (set.skipped(static_cast<JwkSkip>(i)) == 1) return static_cast<JwkSkip>(i);
  return std::nullopt;
}
json with(json key, const json& more) {
  key.update(more);
  return key;
}
json without(json key, const char* member) {
  key.erase(member);
  return key;
}

TEST_CASE("JWK set: each algorithm verifies with its own key, and with no other", "[oidc]") {
  const std::string message = "header.payload";
  const JwkSet set =
      parsed(key_set({key_for(JwsAlgorithm::kRs256).jwk(), key_for(JwsAlgorithm::kPs256).jwk(),
                      key_for(JwsAlgorithm::kEs256).jwk(), key_for(JwsAlgorithm::kEdDsa).jwk()}));
  REQUIRE(set.size() == 4);
  for (const JwsAlgorithm algorithm : test::kAllAlgorithms) {
    const test::IssuerKey& key = key_for(algorithm);
    INFO(name_of(algorithm));
    const ByteVector signature = key.sign(message);
    const Jwk* const found = set.find(key.kid(), algorithm);
    REQUIRE(found != nullptr);
    CHECK(found->verify(algorithm, bytes_of(message), signature));
    CHECK_FALSE(found->verify(algorithm, bytes_of("header.payloae"), signature));
    CHECK_FALSE(found->verify(algorithm, bytes_of(message), {}));
    CHECK_FALSE(found->verify(algorithm, bytes_of(message), Bytes{signature}.first(signature.size() - 1)));
    for (const std::size_t bit : {0U, 7U, 100U, 511U}) {
      ByteVector flipped = signature;
      flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ (1U << (bit % 8)));
      CHECK_FALSE(found->verify(algorithm, bytes_of(message), flipped));
    }
    for (const JwsAlgorithm other : test::kAllAlgorithms) {
      if (other == algorithm) continue;
      CHECK(set.find(key.kid(), other) == nullptr);
      CHECK_FALSE(found->verify(other, bytes_of(message), signature));
    }
  }
}

TEST_CASE("JWK set: an RSA key that names no algorithm does both of them, and neither is taken for the other",
          "[oidc]") {
  const test::IssuerKey &rs = key_for(JwsAlgorithm::kRs256), &ps = key_for(JwsAlgorithm::kPs256);
  const JwkSet set = parsed(key_set({without(rs.jwk(), "alg"), without(ps.jwk(), "alg")}));
  const Jwk *const rs_key = set.find("rsa", JwsAlgorithm::kRs256), *const ps_key =
                                                                       set.find("pss", JwsAlgorithm::kPs256);
  REQUIRE(rs_key != nullptr);
  REQUIRE(ps_key != nullptr);
  CHECK(rs_key->verify(JwsAlgorithm::kRs256, bytes_of("m"), rs.sign("m")));
  CHECK_FALSE(rs_key->verify(JwsAlgorithm::kPs256, bytes_of("m"), rs.sign("m")));
  CHECK_FALSE(ps_key->verify(JwsAlgorithm::kRs256, bytes_of("m"), ps.sign("m")));
  CHECK(ps_key->verify(JwsAlgorithm::kPs256, bytes_of("m"), ps.sign("m")));
  // RFC 7518, 3.5: the salt is as long as the hash.
  CHECK_FALSE(ps_key->verify(JwsAlgorithm::kPs256, bytes_of("m"), ps.sign("m", 20)));
  CHECK_FALSE(ps_key->verify(JwsAlgorithm::kPs256, bytes_of("m"), ps.sign("m", 0)));
}

TEST_CASE("JWK set: keys that are of no use are skipped, counted by why, and the rest works", "[oidc]") {
  const json rsa = key_for(JwsAlgorithm::kRs256).jwk(), ec = key_for(JwsAlgorithm::kEs256).jwk(),
             ed = key_for(JwsAlgorithm::kEdDsa).jwk();
  CHECK(!skip_of(rsa));
  CHECK(!skip_of(ec));
  CHECK(!skip_of(ed));
  SECTION("of another kind") {
    CHECK(skip_of({{"kty", "oct"}, {"k", "c2VjcmV0"}}) == JwkSkip::kKind);
    CHECK(skip_of(with(ec, {{"crv", "P-384"}})) == JwkSkip::kKind);
    CHECK(skip_of(with(ec, {{"crv", "secp256k1"}})) == JwkSkip::kKind);
    CHECK(skip_of(with(ed, {{"crv", "X25519"}})) == JwkSkip::kKind);
    CHECK(skip_of(with(ed, {{"crv", "P-256"}})) == JwkSkip::kKind);
    CHECK(skip_of({{"kty", "new"}}) == JwkSkip::kKind);
  }
  SECTION("for something else") {
    CHECK(skip_of(with(ec, {{"use", "enc"}})) == JwkSkip::kUse);
    CHECK(skip_of(with(ec, {{"use", 1}})) == JwkSkip::kUse);
    CHECK(skip_of(with(ec, {{"key_ops", json::array({"sign"})}})) == JwkSkip::kUse);
    CHECK(skip_of(with(ec, {{"key_ops", "verify"}})) == JwkSkip::kUse);
    CHECK(skip_of(with(ec, {{"alg", "ES384"}})) == JwkSkip::kUse);
    CHECK(skip_of(with(ec, {{"alg", "RS256"}})) == JwkSkip::kUse);
    CHECK(skip_of(with(rsa, {{"alg", "RSA-OAEP"}})) == JwkSkip::kUse);
    CHECK(!skip_of(with(without(ec, "use"), {{"key_ops", json::array({"sign", "verify"})}})));
    CHECK(!skip_of(without(without(ec, "use"), "alg")));
  }
  SECTION("malformed") {
    for (const char* member : {"kty", "n", "e"}) CHECK(skip_of(without(rsa, member)) == JwkSkip::kMalformed);
    for (const char* member : {"crv", "x", "y"}) CHECK(skip_of(without(ec, member)) == JwkSkip::kMalformed);
    CHECK(skip_of(without(ed, "x")) == JwkSkip::kMalformed);
    CHECK(skip_of(with(ed, {{"x", "AAAA"}})) == JwkSkip::kMalformed);
    CHECK(skip_of(with(ec, {{"x", ec["x"].get<std::string>() + "A"}})) == JwkSkip::kMalformed);
    CHECK(skip_of(with(rsa, {{"n", "AA" + rsa["n"].get<std::string>()}})) == JwkSkip::kMalformed);
    CHECK(skip_of(with(rsa, {{"e", ""}})) == JwkSkip::kMalformed);
    CHECK(skip_of(with(ec, {{"kid", 7}})) == JwkSkip::kMalformed);
    CHECK(skip_of(with(ec, {{"kid", ""}})) == JwkSkip::kMalformed);
    CHECK(skip_of("text") == JwkSkip::kMalformed);
  }
  SECTION("weak") {
    CHECK(skip_of(test::IssuerKey{JwsAlgorithm::kRs256, "short", 1'024}.jwk()) == JwkSkip::kWeak);
    CHECK(skip_of(test::IssuerKey{JwsAlgorithm::kRs256, "short", 2'040}.jwk()) == JwkSkip::kWeak);
    CHECK(skip_of(test::IssuerKey{JwsAlgorithm::kRs256, "short", 2'047}.jwk()) == JwkSkip::kWeak);
    CHECK(skip_of(with(rsa, {{"e", "Aw"}})) == JwkSkip::kWeak);    // 3
    CHECK(skip_of(with(rsa, {{"e", "AQAA"}})) == JwkSkip::kWeak);  // 65536
    CHECK(skip_of(with(rsa, {{"e", base64url_text(ByteVector(5, 0x01))}})) == JwkSkip::kWeak);
    CHECK(skip_of(with(rsa, {{"n", base64url_text(ByteVector(1'025, 0xff))}})) == JwkSkip::kWeak);
    CHECK(skip_of(with(rsa, {{"n", base64url_text(ByteVector(256, 0xfe))}})) == JwkSkip::kWeak);  // even
  }
  SECTION("no points of their curves") {
    CHECK(skip_of(with(ec, {{"y", ec["x"]}})) == JwkSkip::kBadPoint);
    CHECK(skip_of(with(ec, {{"x", base64url_text(ByteVector(32, 0xff))}})) == JwkSkip::kBadPoint);
    CHECK(skip_of(with(ed, {{"x", base64url_text(ByteVector(32, 0x00))}})) ==
          JwkSkip::kBadPoint);  // small order
  }
  SECTION("published with their private half") {
    CHECK(skip_of(with(ec, {{"d", "AAAA"}})) == JwkSkip::kPrivate);
    CHECK(skip_of(with(rsa, {{"d", "AAAA"}})) == JwkSkip::kPrivate);
  }
  SECTION("beside good ones") {
    const JwkSet set = parsed(key_set({{{"kty", "oct"}, {"k", "c2VjcmV0"}}, ed, "text"}));
    CHECK(set.size() == 1);
    CHECK(set.skipped() == 2);
    CHECK(set.has("ed"));
  }
}

TEST_CASE("JWK set: a name that two keys have names none", "[oidc]") {
  json other = key_for(JwsAlgorithm::kEs256).jwk();
  other["kid"] = "ed";
  const JwkSet set =
      parsed(key_set({key_for(JwsAlgorithm::kEdDsa).jwk(), other, key_for(JwsAlgorithm::kRs256).jwk()}));
  CHECK(set.size() == 1);
  CHECK(set.skipped(JwkSkip::kTwice) == 2);
  CHECK(!set.has("ed"));
  CHECK(set.find("ed", JwsAlgorithm::kEdDsa) == nullptr);
  CHECK(set.has("rsa"));
}

TEST_CASE("JWK set: a token without a name gets the only key that fits", "[oidc]") {
  const json ed = without(key_for(JwsAlgorithm::kEdDsa).jwk(), "kid");
  const JwkSet one = parsed(key_set({ed, key_for(JwsAlgorithm::kRs256).jwk()}));
  CHECK(one.find(std::nullopt, JwsAlgorithm::kEdDsa) != nullptr);
  CHECK(one.find(std::nullopt, JwsAlgorithm::kRs256) != nullptr);
  CHECK(one.find(std::nullopt, JwsAlgorithm::kEs256) == nullptr);
  CHECK(one.find("ed", JwsAlgorithm::kEdDsa) == nullptr);  // a key without a name has no name
  const JwkSet two = parsed(key_set({ed, key_for(JwsAlgorithm::kEdDsa).jwk()}));
  CHECK(two.find(std::nullopt, JwsAlgorithm::kEdDsa) == nullptr);
  CHECK(two.find("ed", JwsAlgorithm::kEdDsa) != nullptr);
}

TEST_CASE("JWK set: limits, and what is no set", "[oidc]") {
  const auto fault = [](const std::string& text) {
    const auto set = JwkSet::parse(text);
    return set ? std::nullopt : std::optional{set.error()};
  };
  for (const char* bad : {"", "[]", "{", R"({"keys":[],"keys":[]})"})
    CHECK(fault(bad) == JwkSetFault::kNoJson);
  for (const char* bad : {"{}", R"({"keys":{}})", R"({"keys":null})"})
    CHECK(fault(bad) == JwkSetFault::kNoKeys);
  json many{{"keys", json::array()}};
  for (std::size_t i = 0; i < JwkSet::kKeysMax; ++i) many["keys"].push_back({{"kty", "oct"}});
  CHECK(!fault(many.dump()));
  many["keys"].push_back({{"kty", "oct"}});
  CHECK(fault(many.dump()) == JwkSetFault::kTooMany);
  CHECK(fault(R"({"keys":[],"pad":")" + std::string(JwkSet::kSizeMax, 'x') + "\"}") == JwkSetFault::kNoJson);
  CHECK(parsed(R"({"keys":[]})").size() == 0);
}

}  // namespace jwk_set_test
