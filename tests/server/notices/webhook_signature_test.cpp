#include "server/notices/webhook_signature.hpp"

#include "proto/base/base64.hpp"
#include "proto/crypto/digest.hpp"
#include "tests/server/notices/notice_maker.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc::test {
namespace {

// The reference libraries' own: libraries/javascript/src/webhook.test.ts and libraries/go/webhook_asymmetric_test.go.
constexpr std::string_view kShared = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr std::string_view kPrivate = "whsk_VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk=";
constexpr std::string_view kContent = R"(msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314})";
// RFC 8032, section 7.1, test 1: seed, seed and public key, public key.
constexpr std::string_view kSeed = "whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
constexpr std::string_view kPair =
    "whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2DXWpgBgrEKt9VL/tPJZAc6DuFy89qmIyWvAhpo9wdRGg==";
constexpr std::string_view kPublic = "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

WebhookKey key_of(std::string_view text) {
  auto key = WebhookKey::from_text(text);
  INFO((key ? "" : key.error().text));
  REQUIRE(key);
  return std::move(*key);
}
std::string refusal(std::string_view text) {
  const auto key = WebhookKey::from_text(text);
  REQUIRE_FALSE(key);
  CHECK(key.error().code == KeyFault::Code::kMalformed);
  return key.error().text;
}
std::string shared_of(std::size_t bytes) { return "whsec_" + base64_text(ByteVector(bytes, 0x5a)); }

}  // namespace

TEST_CASE("webhook key: signs as the reference libraries do", "[notices]") {
  CHECK(key_of(kShared).sign(bytes_of(kContent)).value() ==
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  CHECK(key_of(kPrivate).sign(bytes_of(kContent)).value() ==
        "v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag==");
  CHECK(key_of(kShared).public_text().empty());
}

TEST_CASE("webhook key: an Ed25519 key is read as a seed, or with its public key behind it", "[notices]") {
  CHECK(key_of(kSeed).public_text() == kPublic);
  CHECK(key_of(kPair).public_text() == kPublic);
  CHECK(key_of(kPair).sign(bytes_of("a.b.c")).value() == key_of(kSeed).sign(bytes_of("a.b.c")).value());
  CHECK(key_of(kSeed).sign(bytes_of("a.b.c")).value() ==
        "v1a,rfvRzld8BKVy1DijOTadPhK92ClaX0sIsINPW2t5xbbEZAp5HCqC62Ual1ncnkLggCyuv0e2ZxVqmr7Tvpk1Dw==");
  std::string other{kPair};
  other[60] = other[60] == 'A' ? 'B' : 'A';
  CHECK(refusal(other) == "no webhook key: its second half is not the public key of its first");
}

TEST_CASE("webhook key: 24 to 64 bytes shared, 32 or 64 private, and nothing else", "[notices]") {
  for (const std::size_t bytes : {24U, 32U, 63U, 64U}) CHECK(key_of(shared_of(bytes)).sign({}));
  const std::string bounds = "no webhook secret: after whsec_ stands the base64 of 24 to 64 bytes";
  for (const std::size_t bytes : {0U, 1U, 23U, 65U, 100U}) CHECK(refusal(shared_of(bytes)) == bounds);
  CHECK(refusal("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS") == bounds);
  CHECK(refusal("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw ") == bounds);
  for (const std::size_t bytes : {0U, 31U, 33U, 63U, 65U}) {
    CHECK(refusal("whsk_" + base64_text(ByteVector(bytes, 1))) ==
          "no webhook key: after whsk_ stands the base64 of an Ed25519 key of 32 or 64 bytes");
  }
  CHECK(refusal("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") ==
        "no webhook secret: it begins with whsec_ (shared) or whsk_ (Ed25519)");
  CHECK_THAT(refusal(kPublic), Catch::EndsWith("this is a public key"));
  CHECK_THAT(refusal(""), Catch::StartsWith("no webhook secret"));
}

TEST_CASE("webhook key: no refusal shows a character of a secret", "[notices]") {
  for (const std::string secret :
       {"whsec_QUJDREVGRw==", "whsk_QUJDREVGRw==", "wHsec_QUJDREVGRw==", "QUJDREVGRw=="}) {
    CHECK_THAT(refusal(secret), !Catch::Contains("QUJD"));
    CHECK_THAT(refusal(secret), !Catch::Contains("ABC"));
  }
}

TEST_CASE("webhook key: read from a file that only its owner may read", "[notices]") {
  const TempDir folder;
  const auto good = folder.write("siem.secret", std::string{kShared} + "\n# the rest is not read\n");
  CHECK(read_webhook_key(good)->sign(bytes_of(kContent)).value() ==
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  const auto open = folder.write("open.secret", kShared, std::filesystem::perms{0640});
  CHECK(read_webhook_key(open).error().code == KeyFault::Code::kPermissions);
  CHECK_THAT(read_webhook_key(open).error().text, Catch::Contains("chmod 600"));
  CHECK(read_webhook_key(folder / "none").error().code == KeyFault::Code::kUnreadable);
  const auto bad = folder.write("bad.secret", "whsec_QUJD");
  CHECK(read_webhook_key(bad).error().text ==
        bad.string() + ": no webhook secret: after whsec_ stands the base64 of 24 to 64 bytes");
}

TEST_CASE("webhook headers: id, time of the attempt, and a signature over both and the body", "[notices]") {
  std::vector<WebhookKeyInUse> keys;
  keys.push_back({key_of(kShared), std::nullopt});
  const NoticeId id = numbered<NoticeId>(0xab);
  const WallTime at = noon(0) + Nanoseconds{999'999'999};
  const auto headers = webhook_headers(keys, id, at, "{}");
  REQUIRE(headers);
  CHECK(headers->id == "abababababababababababababababab");
  CHECK(headers->timestamp == "1796126400");
  CHECK(headers->signature ==
        key_of(kShared).sign(bytes_of("abababababababababababababababab.1796126400.{}")).value());
}

TEST_CASE("webhook headers: while a secret is replaced both sign, and then the new one alone", "[notices]") {
  std::vector<WebhookKeyInUse> keys;
  keys.push_back({key_of(kPrivate), std::nullopt});
  keys.push_back({key_of(kShared), noon(100)});
  const NoticeId id = numbered<NoticeId>(1);
  const auto signature_at = [&](std::int64_t second) {
    return webhook_headers(keys, id, noon(second), "x")->signature;
  };
  const std::string both = signature_at(99);
  const std::size_t between = both.find(' ');
  REQUIRE(between != std::string::npos);
  CHECK(both.substr(0, 4) == "v1a,");
  CHECK(both.substr(between + 1, 3) == "v1,");
  CHECK(both.find(' ', between + 1) == std::string::npos);
  CHECK(signature_at(100).find(' ') == std::string::npos);
  CHECK(signature_at(100).substr(0, 4) == "v1a,");
  keys.erase(keys.begin());
  CHECK(signature_at(0).substr(0, 3) == "v1,");
  const auto none = webhook_headers(keys, id, noon(100), "x");
  REQUIRE_FALSE(none);
  CHECK(none.error().code == KeyFault::Code::kNoPrivateKey);
  CHECK_FALSE(webhook_headers({}, id, noon(0), "x"));
}

}  // namespace chiploc::test
