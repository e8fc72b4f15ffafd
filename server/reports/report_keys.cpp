#include "server/reports/report_keys.hpp"

#include <algorithm>
#include <chrono>

#include "proto/base/joined.hpp"
#include "proto/base/time_text.hpp"
#include "proto/crypto/digest.hpp"
#include "server/config/toml_reader.hpp"
#include "server/reports/report_seal.hpp"

namespace chiploc {
namespace {

std::optional<WallTime> dated(TomlSection& section, const char* key) {
  const std::string text = section.text(key, "");
  if (text.empty()) return std::nullopt;
  const auto time = time_from_iso(text);
  if (!time) section.fault(key, "\"" + text + "\" is no time; write 2026-12-01T00:00:00Z, in UTC");
  return time;
}

}  // namespace

std::vector<ReportKey> ReportKeys::of(const CoordinatorId& id) const {
  std::vector<ReportKey> out;
  for (const ReportKey& one : keys) {
    const auto own = coordinator_id_of(one.key);
    if (own && *own == id) out.push_back(one);
  }
  return out;
}

const ReportKey* ReportKeys::in_force() const {
  return keys.empty() || keys.back().until ? nullptr : &keys.back();
}

Result<ReportKeys, std::string> parse_report_keys(std::string_view text, const std::filesystem::path& name) {
  if (text.size() > kReportKeysBytes)
    return Fail{name.string() + ": more than 1 MiB is no list of keys; name the right file"};
  TomlReader file = TomlReader::parse(text, name);
  ReportKeys out;
  auto sections = file.sections("coordinator");
  for (TomlSection& section : sections) {
    (void)section.text("name", "");  // for people
    const std::string hex = section.text("public_key");
    const auto raw = from_hex(hex);
    const auto key = raw ? PublicKey::from_raw_ed25519(*raw) : Result<PublicKey, KeyFault>{Fail{KeyFault{}}};
    const auto from = dated(section, "from");
    const auto until = dated(section, "until");
    if (from && until && *until < *from)
      section.fault("until", "it ends before it begins; mend one of the two");
    if (!key) {
      if (!hex.empty())
        section.fault("public_key",
                      "this is no Ed25519 key; write the 64 hex digits that chiplocd --show-identity shows");
      continue;
    }
    if (out.keys.size() < kReportKeysMax) out.keys.push_back({*key, from, until});
  }
  auto faults = file.finish();
  if (faults.empty() && sections.empty())
    faults.push_back(name.string() +
                     ": no [[coordinator]] in it; get the list with: chiploc report keys --out FILE");
  if (faults.empty() && sections.size() > kReportKeysMax)
    faults.push_back(name.string() + ": more than " + std::to_string(kReportKeysMax) +
                     " keys; leave old ones out");
  if (!faults.empty()) return Fail{joined(faults, "\n")};
  return out;
}

std::string report_keys_text(const ReportKeys& keys) {
  std::string out =
      "# The keys that a coordinator signs reports with, the oldest first: chiploc report verify FILE --keys THIS\n";
  for (const ReportKey& one : keys.keys) {
    const auto raw = one.key.raw_ed25519();
    out += "\n[[coordinator]]\npublic_key = \"" + (raw ? to_hex(*raw) : "") + "\"\n";
    if (one.from) out += "from = \"" + utc_iso(*one.from) + "\"\n";
    if (one.until) out += "until = \"" + utc_iso(*one.until) + "\"\n";
  }
  return out;
}

bool take_key(ReportKeys& keys, const PublicKey& key, WallTime now) {
  const ReportKey* current = keys.in_force();
  if (current != nullptr && current->key == key) return false;
  if (current == nullptr && !keys.keys.empty() && keys.keys.back().key == key) return false;  // ended by hand
  WallTime from{std::chrono::floor<std::chrono::seconds>(now.since_epoch)};  // as the file has it
  if (!keys.keys.empty()) {
    ReportKey& last = keys.keys.back();
    from = std::max({from, last.from.value_or(from), last.until.value_or(from)});
    if (!last.until) last.until = from;
  }
  keys.keys.push_back({key, from, std::nullopt});
  return true;
}

bool in_force_at(const ReportKey& key, WallTime time) {
  return (!key.from || *key.from <= time) && (!key.until || time < *key.until);
}

}  // namespace chiploc
