#pragma once
// A folder where the programs run, and what an authority and an import make of what they wrote there.
#include <sys/stat.h>

#include <filesystem>

#include "proto/crypto/certificate_request.hpp"
#include "proto/crypto/issue.hpp"
#include "server/registry/import.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/command.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc {

namespace fs = std::filesystem;

inline constexpr const char* kKey = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

inline WallTime wall_now() {
  return {std::chrono::duration_cast<Nanoseconds>(std::chrono::system_clock::now().time_since_epoch())};
}

inline unsigned mode_of(const fs::path& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 0777U : 0U;
}

/// A program of ours in a folder of its own, standard error in the output.
struct Workplace {
  TempDir dir;
  [[nodiscard]] Ran operator()(const std::string& program, const std::string& arguments) const {
    return run("cd " + dir.path().string() + " && " + program_path(program) + " " + arguments + " 2>&1");
  }
  [[nodiscard]] std::string text(const std::string& name) const { return read_file(dir / name); }
};

inline const std::string kAnchor =
    "init --name fra1 --coordinator 192.0.2.1:7443 --position 50.12,8.68 --uncertainty-km 0.5 --operator 'Example, "
    "\"Net\"' --network AS64496 --address 192.0.2.2:7411";
inline const std::string kChip = std::string{"init --serial SN-0001 --model LAB-100 --coordinator-key "} +
                                 kKey + " --rendezvous 192.0.2.2:7411=" + kKey;

/// The certificate that an authority gives for a request, as it stands.
inline std::string certified(const CertificateAuthority& authority, const std::string& csr,
                             const std::string& unit, const std::string& chip_id = {}) {
  const auto request = CertificateRequest::from_pem(csr);
  if (!request) FAIL(request.error().text);
  CHECK(request->organizational_unit() == unit);
  IssueRequest wanted;
  wanted.common_name = request->common_name();
  wanted.organizational_unit = request->organizational_unit();
  wanted.serial_number = chip_id;
  wanted.dns_names = {"chiplocd"};
  wanted.purpose = chip_id.empty() ? CertificatePurpose::kServerAndClient : CertificatePurpose::kDevice;
  wanted.from = wall_now() - std::chrono::hours{1};
  const auto issued = authority.issue(wanted, request->public_key());
  if (!issued) FAIL(issued.error().text);
  return issued->pem();
}

inline CertificateAuthority authority() {
  auto made = CertificateAuthority::create("Test CA", SignatureAlgorithm::kEs256,
                                           wall_now() - std::chrono::hours{2}, 30);
  if (!made) FAIL(made.error().text);
  return std::move(made).value();
}

/// What import makes of the rows.
inline ImportPlan imported(std::vector<ImportFile> files) {
  return plan_import(std::make_shared<const Registry>(), files,
                     {.now = wall_now(), .known_country = {}, .limits = {}});
}
inline std::string faults_of(const ImportPlan& plan) {
  std::string out;
  for (const ImportFault& fault : plan.faults)
    out += fault.file + ":" + std::to_string(fault.line) + ": " + fault.field + ": " + fault.problem + "\n";
  return out;
}
inline ImportFile csv(ImportKind kind, const std::string& name, const std::string& content) {
  return {.kind = kind, .name = name, .format = ImportFormat::kCsv, .content = content};
}
inline const std::string kLicence =
    "id,holder,countries,valid_from,valid_to\nL-1,Example GmbH,DE,2020-01-01,2099-12-31\n";

}  // namespace chiploc
