#include "server/reports/report_seal.hpp"

#include "proto/crypto/digest.hpp"
#include "proto/crypto/ticket_seal.hpp"
#include "tests/server/notices/properties.hpp"

namespace chiploc {
namespace {

using Code = SealFault::Code;
const WallTime kMade = wall_from_unix_seconds(1'790'000'005);
const std::string kFile = "the report's bytes\n";

std::unique_ptr<SoftwareKey> key_of(std::uint8_t seed) {
  ByteArray<32> bytes{};
  bytes[0] = seed;
  return key_from_ed25519_seed(bytes).value();
}

ReportSeal seal_by(const Signer& key) {
  return {.kind = ReportKind::kOrder,
          .form = ReportForm::kPdf,
          .subject = "O-17",
          .bytes = kFile.size(),
          .sha256 = sha256(bytes_of(kFile)),
          .json_sha256 = sha256(bytes_of("{}")),
          .as_of = kMade - std::chrono::seconds{5},
          .made = kMade,
          .coordinator = coordinator_id_of(key.public_key()).value()};
}

ReportKeys keys_with(const Signer& key, std::optional<WallTime> from = {},
                     std::optional<WallTime> until = {}) {
  return {{{key.public_key(), from, until}}};
}

Result<ProvedSeal, SealFault> checked(const std::string& text, const ReportKeys& keys,
                                      const std::string& file = kFile) {
  const auto seal = parse_seal(text);
  INFO((seal ? "" : seal.error()));
  REQUIRE(seal);
  return check_seal(*seal, sha256(bytes_of(file)), file.size(), keys);
}

TEST_CASE("report seal: signed text, read back, and what it proves") {
  const auto key = key_of(1);
  const ReportSeal seal = seal_by(*key);
  const std::string text = sign_seal(seal, *key).value();
  CHECK(text.find("chiploc.report/1\nkind order\nform pdf\nsubject O-17\nbytes 19\nsha256 ") == 0);
  CHECK(text.find("\nas-of 2026-09-21T14:13:20Z\nmade 2026-09-21T14:13:25Z\ncoordinator " +
                  seal.coordinator.hex() + "\n\n\xe2\x80\x94 " + seal.coordinator.hex() + " ") !=
        std::string::npos);
  CHECK(text == sign_seal(seal, *key).value());
  const auto proved = checked(text, keys_with(*key));
  REQUIRE(proved);
  CHECK(proved->seal == seal);
  CHECK(proved->key == key->public_key());
}

TEST_CASE("report seal: it is a signed note whose key hash and signature another tool can check") {
  const auto key = key_of(1);
  const std::string text = sign_seal(seal_by(*key), *key).value();
  const auto unchecked = parse_seal(text).value();
  // C2SP signed-note: SHA-256(name, line end, 1, key), four bytes; the signature is over the text with its line end.
  ByteVector hashed;
  const std::string name = seal_by(*key).coordinator.hex() + "\n";
  hashed.assign(name.begin(), name.end());
  hashed.push_back(1);
  const auto raw = key->public_key().raw_ed25519().value();
  hashed.insert(hashed.end(), raw.begin(), raw.end());
  CHECK(same_bytes(unchecked.key_hash, Bytes{sha256(hashed).bytes}.first(4)));
  CHECK(key->public_key().verify(bytes_of(text.substr(0, text.find("\n\n") + 1)), unchecked.signature));
}

TEST_CASE("report seal: another file, a byte more or less of it") {
  const auto key = key_of(1);
  const std::string text = sign_seal(seal_by(*key), *key).value();
  for (const std::string& file :
       {kFile + "x", kFile.substr(1), std::string{}, "The report's bytes\n" + std::string{}})
    CHECK(checked(text, keys_with(*key), file).error().code == Code::kOtherFile);
}

TEST_CASE("report seal: a peer's key proves nothing, nor does one outside its dates") {
  const auto own = key_of(1), peer = key_of(2);
  const std::string text = sign_seal(seal_by(*peer), *peer).value();
  CHECK(checked(text, keys_with(*own)).error().code == Code::kUnknownKey);
  CHECK(checked(text, {}).error().code == Code::kUnknownKey);
  CHECK(checked(text, keys_with(*peer)));
  const std::string mine = sign_seal(seal_by(*own), *own).value();
  const auto second = std::chrono::seconds{1};
  CHECK(checked(mine, keys_with(*own, kMade, kMade + second)));
  CHECK(checked(mine, keys_with(*own, kMade)));
  CHECK(checked(mine, keys_with(*own, kMade + second)).error().code == Code::kOutsideDates);
  CHECK(checked(mine, keys_with(*own, std::nullopt, kMade)).error().code == Code::kOutsideDates);
  // It was in force twice, and the report is of the second time.
  ReportKeys twice = keys_with(*own, kMade - 9 * second, kMade - 5 * second);
  twice.keys.push_back({peer->public_key(), kMade - 5 * second, kMade - second});
  twice.keys.push_back({own->public_key(), kMade - second, std::nullopt});
  CHECK(checked(mine, twice));
}

TEST_CASE("report seal: rotated keys still prove what they signed in their time") {
  const auto old_key = key_of(1), new_key = key_of(2);
  ReportKeys keys;
  CHECK(take_key(keys, old_key->public_key(), kMade - std::chrono::hours{24}));
  const std::string before = sign_seal(seal_by(*old_key), *old_key).value();
  CHECK(take_key(keys, new_key->public_key(), kMade + std::chrono::hours{1}));
  CHECK(checked(before, keys));
  ReportSeal later = seal_by(*old_key);
  later.made = kMade + std::chrono::hours{1};
  CHECK(checked(sign_seal(later, *old_key).value(), keys).error().code == Code::kOutsideDates);
  ReportSeal by_new = seal_by(*new_key);
  CHECK(checked(sign_seal(by_new, *new_key).value(), keys).error().code ==
        Code::kOutsideDates);  // before its time
  by_new.made = kMade + std::chrono::hours{2};
  CHECK(checked(sign_seal(by_new, *new_key).value(), keys));
}

TEST_CASE("report seal: a changed text is not what was signed, and says so before anything else") {
  const auto key = key_of(1);
  const std::string text = sign_seal(seal_by(*key), *key).value();
  const auto swapped = [&](const std::string& from, const std::string& to) {
    std::string out = text;
    const std::size_t at = out.find(from);
    REQUIRE(at != std::string::npos);
    return out.replace(at, from.size(), to);
  };
  for (const auto& [from, to] : {std::pair{"kind order", "kind fleet"},
                                 {"form pdf", "form csv"},
                                 {"subject O-17", "subject O-18"},
                                 {"bytes 19", "bytes 20"},
                                 {"as-of 2026", "as-of 2025"},
                                 {"made 2026", "made 2027"}})
    CHECK(checked(swapped(from, to), keys_with(*key)).error().code == Code::kBadSignature);
}

TEST_CASE("report seal: a text that is not to the byte what is written is refused") {
  const auto key = key_of(1);
  const std::string text = sign_seal(seal_by(*key), *key).value();
  REQUIRE(parse_seal(text));
  const auto refused = [](const std::string& changed) { return !parse_seal(changed); };
  CHECK(refused(""));
  CHECK(refused("\n" + text));
  CHECK(refused(text + "\n"));
  CHECK(refused(text + text));
  CHECK(refused(text.substr(0, text.size() - 1)));
  CHECK(refused(text + std::string(kSealBytes, 'x')));
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string out = text;
    return out.replace(out.find(from), from.size(), to);
  };
  CHECK(refused(with("kind order", "kind orders")));
  CHECK(refused(with("kind order\n", "")));
  CHECK(refused(with("form pdf\n", "form pdf\nform pdf\n")));
  CHECK(refused(with("subject O-17", "subject ")));
  CHECK(refused(with("subject O-17", "subject O\x1b-17")));
  CHECK(refused(with("bytes 19", "bytes 019")));
  CHECK(refused(with("bytes 19", "bytes +19")));
  CHECK(refused(with("bytes 19", "bytes 99999999999999999999")));
  CHECK(refused(with("T14:13:25Z", "T14:13:25z")));
  CHECK(refused(with("T14:13:25Z", "T24:13:25Z")));
  CHECK(refused(with("\n\n", "\r\n\n")));
  std::string upper = text;
  for (std::size_t at = upper.find("sha256 ") + 7; upper[at] != '\n'; ++at)
    upper[at] = static_cast<char>(std::toupper(upper[at]));
  CHECK(refused(upper));
}

TEST_CASE("report seal: what a report's seal is, nothing else that the key signs can be taken for") {
  const auto key = key_of(1);
  const std::string text = text_of(seal_by(*key));
  Ticket ticket;
  ticket.coordinator = coordinator_id_of(key->public_key()).value();
  REQUIRE(sign(ticket, *key));
  CHECK(text.rfind("chiploc.report/1\n", 0) == 0);
  CHECK_FALSE(key->public_key().verify(bytes_of(text), ticket.signature.bytes));
}

TEST_CASE("report seal: only the coordinator's own Ed25519 key signs") {
  const auto key = key_of(1), peer = key_of(2);
  CHECK_FALSE(sign_seal(seal_by(*key), *peer));
  CHECK_FALSE(sign_seal(seal_by(*key), *generate_key(SignatureAlgorithm::kEs256)));
}

TEST_CASE("report seal: any seal is read back as it was, and one changed byte is never proved",
          "[property]") {
  const auto key = key_of(1);
  test::holds("round trip", [&] {
    ReportSeal seal = seal_by(*key);
    seal.kind = static_cast<ReportKind>(*rc::gen::inRange(1, 5));
    seal.form = static_cast<ReportForm>(*rc::gen::inRange(1, 5));
    seal.subject = *rc::gen::container<std::string>(rc::gen::inRange<char>(' ' + 1, 0x7f));
    if (seal.subject.size() > 200) seal.subject.resize(200);
    seal.bytes = *rc::gen::arbitrary<std::uint64_t>();
    seal.as_of = wall_from_unix_seconds(*rc::gen::inRange<std::uint64_t>(0, 5'000'000'000));
    seal.made = wall_from_unix_seconds(*rc::gen::inRange<std::uint64_t>(0, 5'000'000'000));
    std::string text = sign_seal(seal, *key).value();
    const auto read = parse_seal(text);
    RC_ASSERT(read.has_value());
    RC_ASSERT(read->seal == seal);
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    text[at] = static_cast<char>(text[at] ^ (1 << *rc::gen::inRange(0, 8)));
    const auto changed = parse_seal(text);
    if (changed) RC_ASSERT(!check_seal(*changed, changed->seal.sha256, changed->seal.bytes, keys_with(*key)));
  });
}

TEST_CASE("time_from_iso: exactly what utc_iso writes") {
  CHECK(time_from_iso("2026-09-21T14:13:25Z") == kMade);
  for (const char* wrong :
       {"", "2026-09-21", "2026-09-21T14:13:25", "2026-09-21 14:13:25Z", "2026-02-30T00:00:00Z",
        "2026-09-21T14:60:25Z", "2026-09-21T14:13:60Z", "1969-09-21T14:13:25Z", "2026-09-21T14:13:2xZ",
        "2026/09/21T14:13:25Z", "2026-00-21T14:13:25Z"})
    CHECK_FALSE(time_from_iso(wrong));
}

}  // namespace
}  // namespace chiploc
