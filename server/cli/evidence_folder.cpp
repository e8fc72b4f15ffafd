#include "server/cli/evidence_folder.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include "proto/base/bytes.hpp"
#include "proto/crypto/certificate.hpp"
#include "proto/crypto/keys.hpp"
#include "proto/wire/ticket.hpp"
#include "server/service/json_view.hpp"

namespace chiploc {
namespace {

std::string safe_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '_' || c == '-';
    out.push_back(plain ? c : '_');
  }
  if (out.empty() || out[0] == '.') out.insert(0, 1, '_');
  return out;
}

std::string two_digits(unsigned value) {
  std::string text = std::to_string(value);
  if (text.size() < 2) text.insert(0, 1, '0');
  return text;
}

/// Which file names are taken: a second file of one name gets "-2" before its extension, and so on.
class FileList {
 public:
  void add(const std::string& stem, const std::string& extension, std::string content) {
    const int count = ++taken_[stem + extension];
    files_.push_back({stem + (count > 1 ? "-" + std::to_string(count) : "") + extension, std::move(content)});
  }
  [[nodiscard]] std::vector<EvidenceFile> take() { return std::move(files_); }

 private:
  std::map<std::string, int> taken_;
  std::vector<EvidenceFile> files_;
};

std::string public_pem(std::string_view raw) {
  const auto key = PublicKey::from_raw_ed25519(bytes_of(raw));
  return key ? key->pem() : std::string{};
}

void add_report(FileList& files, const v1::SignedReport& report,
                const std::map<std::string, std::string>& names) {
  v1::ReportBody body;
  // A report that does not even parse is evidence too: it is written under the name that says so.
  std::string suffix = "unreadable";
  if (body.ParseFromString(report.body())) {
    const auto ticket = parse_ticket(bytes_of(body.ticket()));
    const auto name = names.find(body.anchor_id());
    suffix = (ticket ? two_digits(ticket->anchor_index) : "xx") + "-" +
             safe_name(name == names.end() ? hex_of(body.anchor_id()) : name->second);
  }
  files.add("report-" + suffix, ".body", report.body());
  files.add("report-" + suffix, ".sig", report.signature());
  const bool opened = std::any_of(body.sessions().begin(), body.sessions().end(),
                                  [](const auto& session) { return !session.opening().empty(); });
  for (const auto& session : body.sessions()) {
    files.add("transcript-" + suffix, ".bin", session.transcript());
    // Empty where there is none, so that equal numbers belong together.
    if (opened) files.add("opening-" + suffix, ".sig", session.opening());
  }
}

}  // namespace

std::vector<EvidenceFile> evidence_files(const v1::RoundEvidence& evidence) {
  std::map<std::string, std::string> names;  // raw anchor id -> registry name
  for (const auto& anchor : evidence.verdict().anchors()) names[anchor.anchor_id()] = anchor.anchor();
  FileList files;
  for (const auto& raw : evidence.tickets()) {
    const auto ticket = parse_ticket(bytes_of(raw));
    files.add("ticket-" + (ticket ? two_digits(ticket->anchor_index) : "xx"), ".bin", raw);
  }
  for (const auto& report : evidence.reports()) add_report(files, report, names);
  if (!evidence.close_order().empty()) files.add("close-order", ".bin", evidence.close_order());
  const auto& unjudged = evidence.unjudged_statements();
  for (int i = 0; i < evidence.statements_size(); ++i) {
    const bool judged =
        std::find(unjudged.begin(), unjudged.end(), static_cast<std::uint32_t>(i)) == unjudged.end();
    files.add(judged ? "statement" : "unjudged-statement", ".cose", evidence.statements(i));
  }

  const std::map<std::string, std::string> publics{evidence.anchor_publics().begin(),
                                                   evidence.anchor_publics().end()};
  for (const auto& [id_hex, raw] : publics) {
    const auto id = from_hex(id_hex);
    const auto name = id ? names.find(string_of(*id)) : names.end();
    files.add("anchor-" + safe_name(name == names.end() ? id_hex : name->second), ".pub.pem",
              public_pem(raw));
  }
  if (!evidence.coordinator_public().empty()) {
    files.add("coordinator", ".pub.pem", public_pem(evidence.coordinator_public()));
  }
  if (const auto device = Certificate::from_der(bytes_of(evidence.device_certificate()))) {
    files.add("device", ".pem", device->pem());
  }
  for (const auto& raw : evidence.device_issuers()) {
    if (const auto issuer = Certificate::from_der(bytes_of(raw)))
      files.add("device-issuer", ".pem", issuer->pem());
  }
  files.add("intent", ".json", intent_json(evidence).dump(2) + "\n");
  if (evidence.has_verdict()) {
    files.add("verdict", ".json",
              json_of(evidence.verdict()).dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  }
  return files.take();
}

Result<Done, std::string> write_evidence(const std::vector<EvidenceFile>& files,
                                         const std::filesystem::path& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed)
    return Fail{folder.string() + ": cannot be made (" + failed.message() + "); name another folder"};
  const bool empty = std::filesystem::is_empty(folder, failed);
  if (failed)
    return Fail{folder.string() + ": cannot be read (" + failed.message() + "); name another folder"};
  if (!empty) return Fail{folder.string() + ": is not empty; name a new folder, evidence is never mixed"};
  for (const EvidenceFile& file : files) {
    const std::filesystem::path path = folder / file.name;
    std::ofstream out{path, std::ios::binary};
    out.write(file.content.data(), static_cast<std::streamsize>(file.content.size()));
    out.close();
    if (!out) return Fail{path.string() + ": cannot be written; look at the disk and its permissions"};
  }
  return Done{};
}

}  // namespace chiploc
