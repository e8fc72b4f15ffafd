#pragma once
// The signature of a report: a text beside the file, FILE.sig, signed by the coordinator's key.
//
//     chiploc.report/1
//     kind fleet
//     form pdf
//     subject O-17                 (left out where there is none)
//     bytes 48213
//     sha256 1f0c...               of the file
//     json-sha256 9a7d...          of its JSON form
//     as-of 2026-12-01T00:00:00Z
//     made 2026-12-01T08:00:00Z
//     coordinator 6f2a...
//     <empty line>
//     — 6f2a... BASE64            four bytes that name the key, and its Ed25519 signature over all lines above
//
// That is a signed note (C2SP), so other tools can check it. What else the key signs begins otherwise (PROTOCOL.md): a
// report's text can be taken for none of it.

#include <optional>
#include <string>
#include <string_view>

#include "proto/base/ids.hpp"
#include "proto/base/time.hpp"
#include "proto/crypto/keys.hpp"
#include "server/reports/report.hpp"
#include "server/reports/report_keys.hpp"

namespace chiploc {

struct ReportSeal {
  ReportKind kind{};
  ReportForm form{};
  std::string subject{};  ///< 256 bytes at most, no line end
  std::uint64_t bytes = 0;
  Digest sha256{};
  Digest json_sha256{};
  WallTime as_of, made;  ///< whole seconds
  CoordinatorId coordinator{};
  friend bool operator==(const ReportSeal&, const ReportSeal&) = default;
};
/// The lines that are signed, the empty one left out.
[[nodiscard]] std::string text_of(const ReportSeal& seal);
/// The whole of FILE.sig. Fails with kWrongAlgorithm unless the key is Ed25519, and as signing does.
[[nodiscard]] Result<std::string, KeyFault> sign_seal(const ReportSeal& seal, const Signer& key);

/// A FILE.sig, read and not yet believed.
struct UncheckedSeal {
  ReportSeal seal;
  std::string text;  ///< what was signed
  ByteArray<4> key_hash{};
  ByteArray<64> signature{};
};
inline constexpr std::size_t kSealBytes = 2'048;
/// Exactly the form above, to the byte: there is one text for each seal. Fails with a sentence.
[[nodiscard]] Result<UncheckedSeal, std::string> parse_seal(std::string_view text);

struct SealFault {
  enum class Code : std::uint8_t {
    kOtherFile,     ///< the file is not the one that was signed
    kUnknownKey,    ///< its coordinator is not on the list: a peer's, or the list is older
    kOutsideDates,  ///< made when the key was not in force
    kBadSignature   ///< the text was not signed by that key
  };
  Code code{};
  std::string text;  ///< a sentence, with what to do
};
/// What is proved: that the file is what this coordinator signed, with a key of the list and within its dates. The
/// dates are held against the time that the text states: who has an old key can state any, so the end of a key that
/// was stolen has to be set before the theft.
struct ProvedSeal {
  ReportSeal seal;
  PublicKey key;
};
[[nodiscard]] Result<ProvedSeal, SealFault> check_seal(const UncheckedSeal& seal, const Digest& file,
                                                       std::uint64_t file_bytes, const ReportKeys& keys);

/// "2026-12-01T08:00:00Z" and nothing else.
[[nodiscard]] std::optional<WallTime> time_from_iso(std::string_view text);

}  // namespace chiploc
