#include "server/pki/index.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>
#include <unordered_set>

#include "proto/base/certificate_life.hpp"
#include "server/pki/role.hpp"

namespace chiploc {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFormat = 1;
constexpr std::uint64_t kTimeMax = 9'000'000'000;  // wall_from_unix_seconds

bool is_hex(std::string_view text, std::size_t least, std::size_t most) {
  return text.size() >= least && text.size() <= most && text.size() % 2 == 0 &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

/// Takes the fields of one JSON object and remembers the first that is wrong.
class Fields {
 public:
  Fields(const Json& object, std::string where) : object_{object}, where_{std::move(where)} {
    if (!object_.is_object()) problem_ = where_ + ": not an object";
  }
  std::string text(const char* key) {
    const Json* value = find(key);
    if (value != nullptr && value->is_string()) return value->get<std::string>();
    wrong(key, "not a text");
    return {};
  }
  std::uint64_t number(const char* key, std::uint64_t most) {
    const Json* value = find(key);
    if (value != nullptr && value->is_number_unsigned() && value->get<std::uint64_t>() <= most)
      return value->get<std::uint64_t>();
    wrong(key, "not a number from 0 to " + std::to_string(most));
    return 0;
  }
  [[nodiscard]] bool has(const char* key) const { return object_.is_object() && object_.contains(key); }
  [[nodiscard]] const Json* find(const char* key) const { return has(key) ? &object_.at(key) : nullptr; }
  void wrong(const char* key, const std::string& what) {
    if (problem_.empty()) problem_ = where_ + key + ": " + what;
  }
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  const Json& object_;
  std::string where_;
  std::string problem_;
};

IssuedRecord read_record(Fields& fields) {
  IssuedRecord record;
  record.serial = fields.text("serial");
  record.role = fields.text("role");
  record.name = fields.text("name");
  if (fields.has("holder")) record.holder = fields.text("holder");
  record.sha256 = fields.text("sha256");
  record.not_before = wall_from_unix_seconds(fields.number("not_before_unix", kTimeMax));
  record.not_after = wall_from_unix_seconds(fields.number("not_after_unix", kTimeMax));
  constexpr std::size_t kSerialDigitsMax = 40;
  if (!is_hex(record.serial, 2, kSerialDigitsMax)) fields.wrong("serial", "not 2 to 40 hex digits");
  if (pki_role(record.role) == nullptr) fields.wrong("role", "no role");
  if (const std::string problem = name_problem(record.name); !problem.empty()) fields.wrong("name", problem);
  if (!record.holder.empty() && !holder_problem(record.holder).empty())
    fields.wrong("holder", holder_problem(record.holder));
  constexpr std::size_t kDigestDigits = 64;
  if (!is_hex(record.sha256, kDigestDigits, kDigestDigits)) fields.wrong("sha256", "not 64 hex digits");
  if (record.not_after <= record.not_before) fields.wrong("not_after_unix", "not after not_before_unix");
  if (!fields.has("revoked_unix") && !fields.has("reason")) return record;
  const auto reason = revocation_reason_of(fields.text("reason"));
  if (!reason) fields.wrong("reason", "no reason");
  record.revoked =
      RevokedCertificate{record.serial, wall_from_unix_seconds(fields.number("revoked_unix", kTimeMax)),
                         reason.value_or(RevocationReason::kUnspecified)};
  return record;
}

Fail<PkiFault> bad(std::string what) { return Fail{PkiFault{PkiFaultCode::kBadData, std::move(what)}}; }

}  // namespace

bool operator==(const IssuedRecord& a, const IssuedRecord& b) {
  const auto key = [](const IssuedRecord& r) {
    return std::tuple{std::string_view{r.serial},
                      std::string_view{r.role},
                      std::string_view{r.name},
                      std::string_view{r.holder},
                      std::string_view{r.sha256},
                      r.not_before,
                      r.not_after,
                      r.revoked.has_value(),
                      r.revoked ? r.revoked->at : WallTime{},
                      r.revoked ? r.revoked->reason : RevocationReason::kUnspecified};
  };
  return key(a) == key(b);
}

std::string_view name_of(IssuedState state) {
  switch (state) {
    case IssuedState::kValid:
      return "valid";
    case IssuedState::kEnding:
      return "ending";
    case IssuedState::kExpired:
      return "expired";
    case IssuedState::kRevoked:
      return "revoked";
  }
  return "valid";
}

IssuedState state_of(const IssuedRecord& record, WallTime now) {
  if (record.revoked) return IssuedState::kRevoked;
  if (now >= record.not_after) return IssuedState::kExpired;
  return near_end({record.not_before, record.not_after}, now) ? IssuedState::kEnding : IssuedState::kValid;
}

PkiResult<PkiIndex> PkiIndex::from_text(std::string_view text) {
  if (text.size() > kBytesMax) return bad("too large for an index");
  const Json document = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (document.is_discarded()) return bad("not JSON");
  Fields top{document, ""};
  PkiIndex index;
  if (top.number("format", kFormat) != kFormat) top.wrong("format", "not 1; made by a newer version?");
  index.key = top.text("key");
  index.list_number = top.number("list_number", UINT64_MAX);
  const Json* list = top.find("certificates");
  if (list == nullptr || !list->is_array() || list->size() > kCertificatesMax)
    top.wrong("certificates", "not a list of at most " + std::to_string(kCertificatesMax));
  if (!top.problem().empty()) return bad(top.problem());
  std::unordered_set<std::string> serials;
  for (const Json& entry : *list) {
    Fields fields{entry, "certificates[" + std::to_string(index.certificates.size()) + "]."};
    IssuedRecord record = read_record(fields);
    if (!serials.insert(record.serial).second) fields.wrong("serial", "there twice");
    if (!fields.problem().empty()) return bad(fields.problem());
    index.certificates.push_back(std::move(record));
  }
  return index;
}

std::string PkiIndex::text() const {
  Json list = Json::array();
  for (const IssuedRecord& record : certificates) {
    Json entry{{"serial", record.serial},
               {"role", record.role},
               {"name", record.name},
               {"sha256", record.sha256},
               {"not_before_unix", unix_seconds(record.not_before)},
               {"not_after_unix", unix_seconds(record.not_after)}};
    if (!record.holder.empty()) entry["holder"] = record.holder;
    if (record.revoked) {
      entry["revoked_unix"] = unix_seconds(record.revoked->at);
      entry["reason"] = name_of(record.revoked->reason);
    }
    list.push_back(std::move(entry));
  }
  return Json{{"format", kFormat}, {"key", key}, {"list_number", list_number}, {"certificates", list}}.dump(
             1, ' ', false, Json::error_handler_t::replace) +
         "\n";
}

IssuedRecord* PkiIndex::by_serial(std::string_view serial) {
  const auto found = std::find_if(certificates.begin(), certificates.end(),
                                  [&](const IssuedRecord& record) { return record.serial == serial; });
  return found == certificates.end() ? nullptr : &*found;
}

std::vector<const IssuedRecord*> PkiIndex::find(std::string_view name_or_serial) const {
  std::vector<const IssuedRecord*> found;
  for (const IssuedRecord& record : certificates) {
    if (record.name == name_or_serial || record.serial == name_or_serial) found.push_back(&record);
  }
  return found;
}

}  // namespace chiploc
