#include "server/service/policy_json.hpp"

namespace chiploc {

Json json_of(const v1::GetPolicyResponse& policy) {
  Json sections = Json::object();
  for (const auto& section : policy.sections()) {
    sections[section.name()] = {{"of", section.activated() ? "policy" : "chiplocd.toml"},
                                {"configured", section.configured()}};
  }
  return {{"sha256", hex_of(policy.sha256())},
          {"version", policy.version()},
          {"number", policy.number()},
          {"activated_at", policy.number() == 0 ? Json(nullptr) : Json(iso_time(policy.activated_unix_ns()))},
          {"policy", policy.toml()},
          {"sections", sections}};
}

Json json_of(const v1::ActivatePolicyResponse& activated) {
  return {{"number", activated.number()},
          {"sha256", hex_of(activated.sha256())},
          {"version", activated.version()},
          {"differences",
           std::vector<std::string>(activated.differences().begin(), activated.differences().end())}};
}

Json json_of(const v1::PolicyRecord& record) {
  const std::string& certificate = record.certificate_sha256();
  return {{"number", record.number()},
          {"at", iso_time(record.at_unix_ns())},
          {"by", record.by()},
          {"certificate_sha256", certificate.empty() ? Json(nullptr) : Json(hex_of(certificate))},
          {"reason", record.reason()},
          {"sha256", hex_of(record.sha256())},
          {"differences", std::vector<std::string>(record.differences().begin(), record.differences().end())},
          {"policy", record.toml()}};
}

Json json_of(const v1::ReplayPolicyResponse::Moved& moved) {
  return {{"was", state_name(moved.was())}, {"would_be", state_name(moved.is())}, {"rounds", moved.rounds()}};
}

Json json_of(const v1::ReplayPolicyResponse::Unjudged& unjudged) {
  return {{"why", unjudged.why()}, {"rounds", unjudged.rounds()}};
}

Json json_of(const v1::ReplayPolicyResponse::Change& change) {
  return {{"chip_id", hex_of(change.chip_id())},
          {"serial", change.serial().empty() ? Json(nullptr) : Json(change.serial())},
          {"verdict_id", hex_of(change.verdict_id())},
          {"decided_at", iso_time(change.decided_unix_ns())},
          {"was", state_name(change.was())},
          {"would_be", state_name(change.is())},
          {"reason_code", change.reason()}};
}

}  // namespace chiploc
