#include "proto/crypto/eat.hpp"

#include <algorithm>
#include <array>

#include "proto/crypto/cbor_items.hpp"
#include "proto/wire/datagram.hpp"

namespace chiploc {
namespace {

using Kind = CborItem::Kind;
using Fault = StatementFault;

/// The claims in the order of their encoded keys, which is the order of the deterministic encoding.
/// Numbers: the CWT registry of IANA; below -65536 private use (RFC 8392, 9.1).
enum Claim : std::int64_t {
  kIat = 6,
  kEatNonce = 10,
  kUeid = 256,
  kHwmodel = 259,
  kDbgstat = 263,
  kEatProfile = 265,
  kBootcount = 267,
  kSwversion = 271,
  kMeasurements = 273,
  kRound = -70001,
  kRoundCounter = -70002,
  kTranscripts = -70003,
  kCoordinator = -70004,
};
constexpr std::array kClaims{kIat,          kEatNonce,    kUeid,       kHwmodel,      kDbgstat,
                             kEatProfile,   kBootcount,   kSwversion,  kMeasurements, kRound,
                             kRoundCounter, kTranscripts, kCoordinator};

constexpr std::uint64_t kIssuedAtMax = 9'000'000'000;  // as in tickets: the year 2255
constexpr std::uint8_t kUeidRandom = 0x01;             // UEID type RAND (RFC 9711, 4.2.1)
constexpr std::uint64_t kOctetStream = 42;             // CoAP content format application/octet-stream

/// Bytes of a sequence of UTF-8 that begins so; 0 for none.
std::size_t length_after(std::uint8_t first) {
  if (first < 0x80) return 1;
  if (first >> 5U == 0x6) return 2;
  if (first >> 4U == 0xe) return 3;
  return first >> 3U == 0x1e ? 4 : 0;
}

/// UTF-8 (RFC 3629) without control characters: these texts end up on terminals and in reports.
bool is_plain_text(Bytes text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::uint8_t first = text[i];
    const std::size_t length = length_after(first);
    if (length == 0 || text.size() - i < length) return false;
    std::uint32_t point = length == 1 ? first : first & (0x7fU >> length);
    for (std::size_t k = 1; k < length; ++k) {
      if (text[i + k] >> 6U != 0x2) return false;
      point = point << 6U | (text[i + k] & 0x3fU);
    }
    constexpr std::array<std::uint32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
    const bool control = point < 0x20 || (point >= 0x7f && point < 0xa0);
    const bool surrogate = point >= 0xd800 && point < 0xe000;
    if (point < kSmallest[length] || point > 0x10ffff || surrogate || control) return false;
    i += length;
  }
  return true;
}

bool is_good_text(Bytes text) {
  return !text.empty() && text.size() <= Statement::kTextMax && is_plain_text(text);
}

bool in_range(const Statement& s) {
  const auto& t = s.transcripts;
  const bool ascending = std::adjacent_find(t.begin(), t.end(), [](const auto& a, const auto& b) {
                           return a.anchor_index >= b.anchor_index;
                         }) == t.end();
  return s.issued_at <= kIssuedAtMax && is_good_text(bytes_of(s.hardware_model)) &&
         is_good_text(bytes_of(s.firmware_version)) &&
         s.debug_state <= DebugState::kDisabledFullyAndPermanently && !t.empty() && t.size() <= kAnchorsMax &&
         t.back().anchor_index < kAnchorsMax && ascending;
}

/// Reads the claims' values. Any fault sticks in the reader's caller: every step returns early.
class ClaimsReader {
 public:
  explicit ClaimsReader(Bytes claims) : reader_{claims} {}
  Result<Statement, Fault> read();

 private:
  std::optional<Fault> read_value(std::int64_t claim);
  std::optional<Fault> read_transcripts();
  std::optional<Fault> read_measurements();

  std::optional<Fault> number(std::uint64_t& out, std::uint64_t max = UINT64_MAX) {
    const auto item = reader_.expect(Kind::kUnsigned, Fault::kClaimOutOfRange);
    if (!item) return item.error();
    out = item->value;
    return out <= max ? std::nullopt : std::optional{Fault::kClaimOutOfRange};
  }
  std::optional<Fault> text(Kind kind, std::string& out) {
    const auto item = reader_.expect(kind, Fault::kClaimOutOfRange);
    if (!item) return item.error();
    if (!is_good_text(item->content)) return Fault::kClaimOutOfRange;
    out = string_of(item->content);
    return std::nullopt;
  }
  template <class SomeId>
  std::optional<Fault> id(SomeId& out) {
    const auto item = reader_.expect(Kind::kBytes, Fault::kClaimOutOfRange);
    if (!item) return item.error();
    const auto read = SomeId::from_bytes(item->content);
    if (!read) return Fault::kClaimOutOfRange;
    out = *read;
    return std::nullopt;
  }
  std::optional<Fault> container(Kind kind, std::uint64_t count) {
    const auto item = reader_.expect(kind, Fault::kClaimOutOfRange);
    if (!item) return item.error();
    return item->value == count ? std::nullopt : std::optional{Fault::kClaimOutOfRange};
  }

  CborReader reader_;
  Statement statement_;
};

Result<Statement, Fault> ClaimsReader::read() {
  const auto map = reader_.expect(Kind::kMap, Fault::kMalformed);
  if (!map) return Fail{map.error()};
  std::size_t wanted = 0;  // index in kClaims of the next claim
  for (std::uint64_t i = 0; i < map->value; ++i) {
    const auto key = reader_.next();
    if (!key) return Fail{key.error()};
    constexpr std::uint64_t kKeyMax = 100'000;
    const bool known_kind = key->kind == Kind::kUnsigned || key->kind == Kind::kNegative;
    if (!known_kind || key->value > kKeyMax) return Fail{Fault::kUnknownClaim};
    const auto magnitude = static_cast<std::int64_t>(key->value);
    const std::int64_t number = key->kind == Kind::kUnsigned ? magnitude : -1 - magnitude;
    const auto found = std::find(kClaims.begin(), kClaims.end(), number);
    if (found == kClaims.end()) return Fail{Fault::kUnknownClaim};
    const auto index = static_cast<std::size_t>(found - kClaims.begin());
    if (index < wanted) return Fail{Fault::kNotDeterministic};  // repeated, or out of order
    if (index > wanted) return Fail{Fault::kMissingClaim};
    if (const auto fault = read_value(number)) return Fail{*fault};
    ++wanted;
  }
  if (wanted != kClaims.size()) return Fail{Fault::kMissingClaim};
  if (!reader_.at_end()) return Fail{Fault::kMalformed};
  return std::move(statement_);
}

std::optional<Fault> ClaimsReader::read_value(std::int64_t claim) {
  switch (claim) {
    case kIat:
      return number(statement_.issued_at, kIssuedAtMax);
    case kEatNonce:
      return id(statement_.nonce);
    case kUeid: {
      Id<struct UeidTag, 17> ueid;
      if (const auto fault = id(ueid)) return fault;
      const auto chip = ChipId::from_bytes(Bytes{ueid.bytes}.subspan(1));
      if (!chip || ueid.bytes[0] != kUeidRandom) return Fault::kClaimOutOfRange;
      statement_.chip = *chip;
      return std::nullopt;
    }
    case kHwmodel:
      return text(Kind::kBytes, statement_.hardware_model);
    case kDbgstat: {
      std::uint64_t state = 0;
      if (const auto fault = number(state, 4)) return fault;
      statement_.debug_state = static_cast<DebugState>(state);
      return std::nullopt;
    }
    case kEatProfile: {
      const auto item = reader_.expect(Kind::kText, Fault::kWrongProfile);
      if (!item) return item.error();
      return same_bytes(item->content, bytes_of(Statement::kProfile)) ? std::nullopt
                                                                      : std::optional{Fault::kWrongProfile};
    }
    case kBootcount:
      return number(statement_.boot_count);
    case kSwversion:
      if (const auto fault = container(Kind::kArray, 1)) return fault;
      return text(Kind::kText, statement_.firmware_version);
    case kMeasurements:
      return read_measurements();
    case kRound:
      return id(statement_.round);
    case kRoundCounter:
      return number(statement_.round_counter);
    case kTranscripts:
      return read_transcripts();
    case kCoordinator:
      return id(statement_.coordinator);
    default:
      return Fault::kUnknownClaim;
  }
}

std::optional<Fault> ClaimsReader::read_measurements() {
  if (const auto fault = container(Kind::kArray, 1)) return fault;
  if (const auto fault = container(Kind::kArray, 2)) return fault;
  std::uint64_t format = 0;
  if (const auto fault = number(format)) return fault;
  if (format != kOctetStream) return Fault::kClaimOutOfRange;
  return id(statement_.firmware_measurement);
}

std::optional<Fault> ClaimsReader::read_transcripts() {
  const auto map = reader_.expect(Kind::kMap, Fault::kClaimOutOfRange);
  if (!map) return map.error();
  if (map->value == 0 || map->value > kAnchorsMax) return Fault::kClaimOutOfRange;
  statement_.transcripts.reserve(map->value);
  for (std::uint64_t i = 0; i < map->value; ++i) {
    std::uint64_t index = 0;
    if (const auto fault = number(index, kAnchorsMax - 1)) return fault;
    if (!statement_.transcripts.empty() && statement_.transcripts.back().anchor_index >= index) {
      return Fault::kNotDeterministic;
    }
    Digest digest;
    if (const auto fault = id(digest)) return fault;
    statement_.transcripts.push_back({static_cast<std::uint8_t>(index), digest});
  }
  return std::nullopt;
}

ByteVector write_claims(const Statement& s) {
  CborWriter out;
  out.map(kClaims.size());
  out.number(kIat), out.unsigned_number(s.issued_at);
  out.number(kEatNonce), out.bytes(s.nonce.bytes);
  ByteArray<1 + ChipId::kSize> ueid{kUeidRandom};
  std::copy(s.chip.bytes.begin(), s.chip.bytes.end(), ueid.begin() + 1);
  out.number(kUeid), out.bytes(ueid);
  out.number(kHwmodel), out.bytes(bytes_of(s.hardware_model));
  out.number(kDbgstat), out.unsigned_number(static_cast<std::uint64_t>(s.debug_state));
  out.number(kEatProfile), out.text(Statement::kProfile);
  out.number(kBootcount), out.unsigned_number(s.boot_count);
  out.number(kSwversion), out.array(1), out.text(s.firmware_version);
  out.number(kMeasurements), out.array(1), out.array(2);
  out.unsigned_number(kOctetStream), out.bytes(s.firmware_measurement.bytes);
  out.number(kRound), out.bytes(s.round.bytes);
  out.number(kRoundCounter), out.unsigned_number(s.round_counter);
  out.number(kTranscripts), out.map(s.transcripts.size());
  for (const auto& [index, transcript] : s.transcripts)
    out.unsigned_number(index), out.bytes(transcript.bytes);
  out.number(kCoordinator), out.bytes(s.coordinator.bytes);
  return out.written();
}

constexpr std::array<std::string_view, 5> kDebugNames{
    "enabled", "disabled", "disabled-since-boot", "disabled-permanently", "disabled-fully-and-permanently"};

}  // namespace

std::string_view name_of(DebugState state) {
  const auto index = static_cast<std::size_t>(state);
  return index < kDebugNames.size() ? kDebugNames[index] : "unknown";
}

std::optional<DebugState> debug_state_from_name(std::string_view name) {
  const auto* const found = std::find(kDebugNames.begin(), kDebugNames.end(), name);
  if (found == kDebugNames.end()) return std::nullopt;
  return static_cast<DebugState>(found - kDebugNames.begin());
}

std::string_view name_of(StatementFault fault) {
  switch (fault) {
    case Fault::kTooLarge:
      return "too-large";
    case Fault::kMalformed:
      return "malformed";
    case Fault::kNotDeterministic:
      return "not-deterministic";
    case Fault::kUnexpectedHeader:
      return "unexpected-header";
    case Fault::kWrongAlgorithm:
      return "wrong-algorithm";
    case Fault::kWrongCertificate:
      return "wrong-certificate";
    case Fault::kBadSignature:
      return "bad-signature";
    case Fault::kWrongProfile:
      return "wrong-profile";
    case Fault::kMissingClaim:
      return "missing-claim";
    case Fault::kUnknownClaim:
      return "unknown-claim";
    case Fault::kClaimOutOfRange:
      return "claim-out-of-range";
  }
  return "unknown";
}

Result<ByteVector, StatementFault> encode_claims(const Statement& statement) {
  if (!in_range(statement)) return Fail{Fault::kClaimOutOfRange};
  ByteVector claims = write_claims(statement);
  if (claims.size() > kStatementMax) return Fail{Fault::kTooLarge};
  return claims;
}

Result<Statement, StatementFault> parse_claims(Bytes claims) {
  if (claims.size() > kStatementMax) return Fail{Fault::kTooLarge};
  auto statement = ClaimsReader{claims}.read();
  // The reader has refused every known deviation; the comparison refuses the ones nobody thought of.
  if (statement && !same_bytes(write_claims(*statement), claims)) return Fail{Fault::kNotDeterministic};
  return statement;
}

}  // namespace chiploc
