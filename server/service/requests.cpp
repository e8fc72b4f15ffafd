#include "server/service/requests.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "proto/base/bytes.hpp"
#include "server/registry/fields.hpp"

namespace chiploc {
namespace {

Fail<ApiFault> bad(std::string text) { return Fail{ApiFault{ApiFaultCode::kBadField, std::move(text)}}; }

Fail<ApiFault> bad_token() {
  return bad("page_token: is none that this service gave; pass next_page_token unchanged, or nothing");
}

/// The numbers are the same; protobuf enums are open.
std::optional<ImportKind> kind_of(v1::ImportKind kind) {
  if (kind == v1::IMPORT_KIND_UNSPECIFIED || !v1::ImportKind_IsValid(kind)) return std::nullopt;
  return static_cast<ImportKind>(kind);
}

Checked<ImportFile> check_file(const v1::ImportFile& file, const ApiLimits& limits) {
  auto name = check_text("files.name", file.name(), limits);
  if (!name) return Fail{name.error()};
  const auto kind = check_kind("files.kind", file.kind());
  if (!kind) return Fail{kind.error()};
  ImportFile out{*kind, std::move(*name), ImportFormat::kCsv, file.content()};
  if (file.format() == "json") {
    out.format = ImportFormat::kJson;
  } else if (file.format() != "csv") {
    return bad("files.format: " + shown(file.format()) + " is neither csv nor json");
  }
  return out;
}

}  // namespace

Checked<std::string> check_text(std::string_view field, const std::string& text, const ApiLimits& limits) {
  if (text.size() > limits.text_bytes) {
    return bad(std::string{field} + ": has " + std::to_string(text.size()) + " bytes; at most " +
               std::to_string(limits.text_bytes) + " make sense");
  }
  const bool control = std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20U || static_cast<unsigned char>(c) == 0x7FU;
  });
  if (control) return bad(std::string{field} + ": has control characters; leave them out");
  return text;
}

Checked<std::uint32_t> check_page_size(std::uint32_t size, std::uint32_t otherwise, std::uint32_t most) {
  if (size > most) {
    return bad("page_size: " + std::to_string(size) + " is more than " + std::to_string(most) +
               "; ask for more pages");
  }
  return size == 0 ? otherwise : size;
}

Checked<std::vector<std::uint32_t>> check_states(const google::protobuf::RepeatedField<int>& states) {
  std::vector<std::uint32_t> out;
  for (const int state : states) {
    if (!v1::VerdictState_IsValid(state) || state == v1::VERDICT_STATE_UNSPECIFIED) {
      return bad("states: " + std::to_string(state) + " is no state; use VERIFIED to INVALID");
    }
    const auto number = static_cast<std::uint32_t>(state);
    if (std::find(out.begin(), out.end(), number) == out.end()) out.push_back(number);
  }
  return out;
}

Checked<std::chrono::milliseconds> check_deadline(std::uint32_t deadline_ms, const ApiLimits& limits) {
  const std::chrono::milliseconds deadline{deadline_ms};
  if (deadline_ms == 0 || (deadline >= limits.deadline_min && deadline <= limits.deadline_max))
    return deadline;
  return bad("deadline_ms: " + std::to_string(deadline_ms) + " is out of range; use " +
             std::to_string(limits.deadline_min.count()) + " to " +
             std::to_string(limits.deadline_max.count()) + ", or 0 for the policy's");
}

Checked<std::vector<ImportFile>> check_import(const v1::ImportRequest& request, const ApiLimits& limits) {
  if (request.files().empty()) return bad("files: none; name at least one");
  if (static_cast<std::size_t>(request.files_size()) > limits.import_files) {
    return bad("files: more than " + std::to_string(limits.import_files) +
               "; join them or import in several steps");
  }
  std::size_t bytes = 0;
  std::vector<ImportFile> files;
  for (const auto& file : request.files()) {
    auto checked = check_file(file, limits);
    if (!checked) return Fail{checked.error()};
    bytes += checked->content.size();
    files.push_back(std::move(*checked));
  }
  if (bytes > limits.import_bytes) {
    return bad("files: " + std::to_string(bytes) + " bytes together, more than " +
               std::to_string(limits.import_bytes) + "; import in several steps");
  }
  return files;
}

Checked<std::optional<WallTime>> check_time(std::string_view field, std::int64_t unix_ns) {
  if (unix_ns < 0)
    return bad(std::string{field} + ": lies before 1970; give nanoseconds since then, or 0 for none");
  if (unix_ns == 0) return std::optional<WallTime>{};
  return std::optional{WallTime{Nanoseconds{unix_ns}}};
}

Checked<ImportKind> check_kind(std::string_view field, v1::ImportKind kind) {
  const auto known = kind_of(kind);
  if (known) return *known;
  return bad(
      std::string{field} +
      ": is none of makers, models, chips, entities, sites, licences, conditions, orders, deliveries, anchors, "
      "territories, prohibited territories, revocations");
}

Checked<std::string> check_reason(const std::string& text) {
  if (text.empty()) return text;
  const auto reason = parse_text(text);
  if (!reason) return bad("reason: " + reason.error() + "; it stays in the journal");
  return *reason;
}

std::string change_token(const ChangeCursor& last) {
  ByteArray<16> raw{};
  ByteWriter writer{raw};
  writer.u64(last.version);
  writer.u64(last.position);
  return to_hex(raw);
}

Checked<std::optional<ChangeCursor>> read_change_token(std::string_view token) {
  if (token.empty()) return std::optional<ChangeCursor>{};
  const auto raw = from_hex(token);
  if (!raw || raw->size() != 16) return bad_token();
  ByteReader reader{*raw};
  ChangeCursor cursor;
  cursor.version = reader.u64();
  cursor.position = reader.u64();
  return std::optional{cursor};
}

std::string key_token(std::string_view key) { return to_hex(bytes_of(key)); }

Checked<std::string> read_key_token(std::string_view token) {
  constexpr std::size_t kKeyMax = 400;  // bytes of names and texts, twice over
  const auto raw = from_hex(token);
  if (!raw || raw->size() > kKeyMax) return bad_token();
  return string_of(*raw);
}

std::string chip_token(const ChipCursor& last) { return last.id.hex() + key_token(last.key); }

Checked<std::optional<ChipCursor>> read_chip_token(std::string_view token) {
  if (token.empty()) return std::optional<ChipCursor>{};
  constexpr std::size_t kDigits = 2 * ChipId::kSize;
  const auto id = ChipId::from_hex_text(token.substr(0, kDigits));
  if (!id) return bad_token();
  auto key = read_key_token(token.substr(kDigits));
  if (!key) return Fail{key.error()};
  return std::optional{ChipCursor{*id, std::move(*key)}};
}

ApiFault short_deadline(std::chrono::milliseconds deadline, std::chrono::milliseconds least,
                        const ChipRecord& chip) {
  return {ApiFaultCode::kBadField,
          "deadline_ms: " + std::to_string(deadline.count()) + " is shorter than chip " + chip.id.hex() +
              " needs to answer" +
              (chip.reach.inbound ? "" : " (it knocks, and its next knock may be long in coming)") +
              "; use " + std::to_string(least.count()) + " or more, or 0 for the policy's"};
}

std::string verdict_token(const VerdictCursor& last) {
  ByteArray<8> decided{};
  ByteWriter{decided}.u64(static_cast<std::uint64_t>(last.decided.since_epoch.count()));
  ByteArray<8> begins{};
  ByteWriter{begins}.u64(static_cast<std::uint64_t>(last.begins));
  return to_hex(decided) + last.id.hex() + to_hex(begins);
}

Checked<std::optional<VerdictCursor>> read_verdict_token(std::string_view token) {
  if (token.empty()) return std::optional<VerdictCursor>{};
  const auto raw = from_hex(token);
  if (!raw || raw->size() != 8 + VerdictId::kSize + 8) return bad_token();
  ByteReader reader{*raw};
  VerdictCursor cursor;
  cursor.decided.since_epoch = Nanoseconds{static_cast<std::int64_t>(reader.u64())};
  cursor.id.bytes = reader.array<VerdictId::kSize>();
  cursor.begins = static_cast<std::int64_t>(reader.u64());
  return std::optional{cursor};
}

}  // namespace chiploc
