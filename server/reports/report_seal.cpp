#include "server/reports/report_seal.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "proto/base/base64.hpp"
#include "proto/base/safe_text.hpp"
#include "proto/base/time_text.hpp"
#include "proto/crypto/digest.hpp"

namespace chiploc {
namespace {

constexpr std::string_view kFirstLine = "chiploc.report/1";
constexpr std::string_view kDash = "\xe2\x80\x94 ";  // an em dash and a blank: a signed note's
constexpr std::size_t kSubjectMax = 256;

std::string note_name(const CoordinatorId& coordinator) { return coordinator.hex(); }

/// The first four bytes of SHA-256 over name, line end, 1 (Ed25519) and the key: C2SP's signed note.
ByteArray<4> note_key_hash(const CoordinatorId& coordinator, const ByteArray<32>& key) {
  const std::string head = note_name(coordinator) + "\n\x01";
  const Digest digest = sha256_of({bytes_of(head), key});
  ByteArray<4> out{};
  std::copy_n(digest.bytes.begin(), out.size(), out.begin());
  return out;
}

bool is_subject(std::string_view text) {
  if (text.size() > kSubjectMax) return false;
  while (!text.empty()) {
    const auto point = take_code_point(text);
    if (!point || acts_on_display(*point)) return false;
  }
  return true;
}

/// Takes lines off the front of a text.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_{text} {}
  /// The value of a line "KEY VALUE"; nullopt, and nothing taken, for any other.
  std::optional<std::string_view> value(std::string_view key) {
    const std::size_t end = rest_.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view line = rest_.substr(0, end);
    if (line.size() <= key.size() + 1 || !line.starts_with(key) || line[key.size()] != ' ')
      return std::nullopt;
    rest_.remove_prefix(end + 1);
    return line.substr(key.size() + 1);
  }
  bool take(std::string_view exactly) {
    if (!rest_.starts_with(exactly)) return false;
    rest_.remove_prefix(exactly.size());
    return true;
  }
  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

template <class SomeId>
std::optional<SomeId> id_in(const std::optional<std::string_view>& hex) {
  return hex ? SomeId::from_hex_text(*hex) : std::nullopt;
}
std::optional<WallTime> time_in(const std::optional<std::string_view>& text) {
  return text ? time_from_iso(*text) : std::nullopt;
}

/// The fields, in their order; nullopt where one is missing or is none. Whether there is another way to write them is
/// for the caller to see.
std::optional<ReportSeal> seal_in(Lines& lines) {
  ReportSeal seal;
  if (!lines.take(std::string{kFirstLine} + "\n")) return std::nullopt;
  const auto kind = lines.value("kind");
  const auto form = lines.value("form");
  const auto subject = lines.value("subject");
  const auto bytes = lines.value("bytes");
  const auto sha256 = id_in<Digest>(lines.value("sha256"));
  const auto json = id_in<Digest>(lines.value("json-sha256"));
  const auto as_of = time_in(lines.value("as-of"));
  const auto made = time_in(lines.value("made"));
  const auto coordinator = id_in<CoordinatorId>(lines.value("coordinator"));
  if (!kind || !form || !bytes || !sha256 || !json || !as_of || !made || !coordinator) return std::nullopt;
  const auto known_kind = report_kind_of(*kind);
  const auto known_form = report_form_of(*form);
  const auto [end, error] = std::from_chars(bytes->data(), bytes->data() + bytes->size(), seal.bytes);
  if (!known_kind || !known_form || error != std::errc{} || end != bytes->data() + bytes->size() ||
      (subject && !is_subject(*subject)))
    return std::nullopt;
  seal.kind = *known_kind;
  seal.form = *known_form;
  if (subject) seal.subject = std::string{*subject};
  seal.sha256 = *sha256;
  seal.json_sha256 = *json;
  seal.as_of = *as_of;
  seal.made = *made;
  seal.coordinator = *coordinator;
  return seal;
}

}  // namespace

std::optional<WallTime> time_from_iso(std::string_view text) {
  // 2026-12-01T08:00:00Z
  if (text.size() != 20 || text[19] != 'Z') return std::nullopt;
  const auto number = [&](std::size_t at, std::size_t digits) -> int {
    int out = 0;
    for (std::size_t i = at; i < at + digits; ++i) {
      if (text[i] < '0' || text[i] > '9') return -1;
      out = out * 10 + (text[i] - '0');
    }
    return out;
  };
  const std::chrono::year_month_day day{std::chrono::year{number(0, 4)},
                                        std::chrono::month{static_cast<unsigned>(std::max(number(5, 2), 0))},
                                        std::chrono::day{static_cast<unsigned>(std::max(number(8, 2), 0))}};
  const int hour = number(11, 2), minute = number(14, 2), second = number(17, 2);
  if (number(0, 4) < 1970 || number(0, 4) > 2199 || !day.ok() || hour < 0 || hour > 23 || minute < 0 ||
      minute > 59 || second < 0 || second > 59)
    return std::nullopt;
  const WallTime time{std::chrono::sys_days{day}.time_since_epoch() + std::chrono::hours{hour} +
                      std::chrono::minutes{minute} + std::chrono::seconds{second}};
  return utc_iso(time) == text ? std::optional{time} : std::nullopt;  // its separators too
}

std::string text_of(const ReportSeal& seal) {
  std::string out{kFirstLine};
  const auto line = [&](std::string_view key, std::string_view value) {
    out.append("\n").append(key).append(" ").append(value);
  };
  line("kind", name_of(seal.kind));
  line("form", name_of(seal.form));
  if (!seal.subject.empty()) line("subject", seal.subject);
  line("bytes", std::to_string(seal.bytes));
  line("sha256", seal.sha256.hex());
  line("json-sha256", seal.json_sha256.hex());
  line("as-of", utc_iso(seal.as_of));
  line("made", utc_iso(seal.made));
  line("coordinator", seal.coordinator.hex());
  return out + "\n";
}

Result<std::string, KeyFault> sign_seal(const ReportSeal& seal, const Signer& key) {
  const auto raw = key.public_key().raw_ed25519();
  const auto id = coordinator_id_of(key.public_key());
  if (!raw || !id || *id != seal.coordinator)
    return Fail{
        KeyFault{KeyFault::Code::kWrongAlgorithm, "reports are signed with the coordinator's Ed25519 key"}};
  const std::string text = text_of(seal);
  auto signature = key.sign(bytes_of(text));
  if (!signature) return Fail{signature.error()};
  const ByteArray<4> hash = note_key_hash(*id, *raw);
  ByteVector tail{hash.begin(), hash.end()};
  tail.insert(tail.end(), signature->begin(), signature->end());
  return text + "\n" + std::string{kDash} + note_name(*id) + " " + base64_text(tail) + "\n";
}

Result<UncheckedSeal, std::string> parse_seal(std::string_view text) {
  const Fail<std::string> wrong{
      "this is no signature of a report; name the .sig file that came with it, as it came"};
  if (text.size() > kSealBytes) return wrong;
  Lines lines{text};
  const auto seal = seal_in(lines);
  if (!seal) return wrong;
  UncheckedSeal out{*seal, text_of(*seal), {}, {}};
  if (!text.starts_with(out.text) ||
      !lines.take("\n" + std::string{kDash} + note_name(seal->coordinator) + " "))
    return wrong;
  std::string_view rest = lines.rest();
  if (!rest.ends_with('\n')) return wrong;
  rest.remove_suffix(1);
  ByteArray<68> tail{};
  const auto size = base64_decode(rest, tail);
  if (!size || *size != tail.size()) return wrong;
  std::copy_n(tail.begin(), out.key_hash.size(), out.key_hash.begin());
  std::copy(tail.begin() + 4, tail.end(), out.signature.begin());
  return out;
}

Result<ProvedSeal, SealFault> check_seal(const UncheckedSeal& seal, const Digest& file,
                                         std::uint64_t file_bytes, const ReportKeys& keys) {
  using Code = SealFault::Code;
  const std::vector<ReportKey> own = keys.of(seal.seal.coordinator);
  if (own.empty()) {
    return Fail{
        SealFault{Code::kUnknownKey,
                  "it is signed by coordinator " + seal.seal.coordinator.hex() +
                      ", which is not on the list of keys: either another's, or the list is older than the "
                      "key; get a newer one from your own coordinator: chiploc report keys"}};
  }
  const PublicKey& key = own.front().key;
  const auto raw = key.raw_ed25519();
  if (!raw || note_key_hash(seal.seal.coordinator, *raw) != seal.key_hash ||
      !key.verify(bytes_of(seal.text), seal.signature)) {
    return Fail{
        SealFault{Code::kBadSignature,
                  "the signature was not made by coordinator " + seal.seal.coordinator.hex() +
                      " over this text; somebody changed it, or it is damaged: get both files again"}};
  }
  const bool dated = std::any_of(own.begin(), own.end(),
                                 [&](const ReportKey& one) { return in_force_at(one, seal.seal.made); });
  if (!dated) {
    return Fail{
        SealFault{Code::kOutsideDates,
                  "it says that it was made " + utc_text(seal.seal.made) +
                      ", when its key signed nothing; it proves nothing: have the report made again"}};
  }
  if (seal.seal.sha256 != file || seal.seal.bytes != file_bytes) {
    return Fail{SealFault{Code::kOtherFile, "the file is not the one that was signed (SHA-256 " + file.hex() +
                                                ", signed was " + seal.seal.sha256.hex() +
                                                "); get both files again"}};
  }
  return ProvedSeal{seal.seal, key};
}

}  // namespace chiploc
