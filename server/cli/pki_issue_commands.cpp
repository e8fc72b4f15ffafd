#include <iostream>
#include <iterator>

#include "proto/base/certificate_life.hpp"
#include "proto/base/joined.hpp"
#include "proto/base/time_text.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/pki_command.hpp"
#include "server/cli/pki_text.hpp"
#include "server/cli/settings.hpp"
#include "server/pki/authority.hpp"
#include "server/pki/delivery.hpp"
#include "server/pki/role.hpp"

namespace chiploc {
namespace {

/// A request from a file, or from standard input for "-".
Result<CertificateRequest, CliFault> read_request(const std::string& file) {
  const bool piped = file == "-";
  constexpr std::size_t kBytesMax = CertificateRequest::kSizeMax * 4;
  std::string pem;
  if (piped) {
    pem.assign(std::istreambuf_iterator<char>{std::cin}, {});
  } else {
    auto read = read_whole(file, kBytesMax);
    if (!read) return cli_fault(read.error());
    pem = *std::move(read);
  }
  auto request = CertificateRequest::from_pem(pem);
  if (!request) {
    return Fail{
        CliFault{ExitCode::kBadData, (piped ? "standard input" : file) + ": " + request.error().text +
                                         "; name the request that 'init' has written on the other host"}};
  }
  return std::move(request).value();
}

/// Where a certificate goes: a folder, or standard output for "-".
struct Target {
  std::string out;
  [[nodiscard]] bool piped() const { return out == "-"; }
  [[nodiscard]] std::optional<std::filesystem::path> folder(const std::string& otherwise) const {
    if (piped()) return std::nullopt;
    return without_slash(out.empty() ? otherwise : out);
  }
};

void add_out(CLI::App& line, CompletionHints& hints, Target& target) {
  CLI::Option* option = line.add_option(
      "--out", target.out,
      "Folder for tls.pem, ca.pem, a person's cli.toml, and tls.key if made here (default: NAME); "
      "-: the certificate to standard output");
  hints[option].folders = true;
}

void show_issued(CommandOutput& output, const Issued& issued, const IssuedRecord& record,
                 const Target& target, bool made_here) {
  if (target.piped()) {
    output.out << issued.certificate.pem();
    return;
  }
  if (output.format != OutputFormat::kTable) {
    Json object = json_of(issued.certificate, &record, output.now);
    Json files = Json::array();
    for (const auto& file : issued.files) files.push_back(file.string());
    object["files"] = std::move(files);
    object["again"] = issued.again;
    object["server"] = issued.server.empty() ? Json(nullptr) : Json(issued.server);
    write_json(output.out, output.format, object);
    return;
  }
  const CertificateLife life{record.not_before, record.not_after};
  output.out << record.role << ' ' << printable(record.name) << ": certificate " << record.serial
             << (issued.again ? ", issued already" : "") << ", valid until " << utc_text(life.until) << " ("
             << days_left(life, output.now) << " days)\n";
  for (const auto& file : issued.files) output.out << "  " << printable(file.string()) << "\n";
  if (issued.server.empty()) return;
  const std::string config = issued.files.back().string();
  output.out << "the coordinator is at " << printable(issued.server) << " by " << printable(config)
             << "; correct it there if it is not (or say --server HOST:PORT here)\nnext: ";
  if (!made_here) output.out << "put the key beside it as " << kTlsKeyFile << ", mode 0600, and run: ";
  output.out << "chiploc --config " << printable(config) << " status\n";
}

/// The record of a certificate that was just issued, for showing it.
IssuedRecord record_of(const Certificate& certificate) {
  return {.serial = certificate.serial(),
          .role = certificate.organizational_unit(),
          .name = certificate.common_name(),
          .holder = holder_of(certificate),
          .sha256 = certificate.fingerprint().hex(),
          .not_before = certificate.not_before(),
          .not_after = certificate.not_after()};
}

class PkiIssue : public PkiCommand {
 public:
  PkiIssue()
      : PkiCommand{
            {.path = "pki issue",
             .text = "Issue a certificate, over a request from another host or over a new key",
             .footer =
                 R"(A key is best made where it is used, and stays there: 'chiplocd init' and 'chiploc-anchor init' write the
request. Without --request the key is made here, and has to be carried.
NAME: of a coordinator the name that clients have as server_name; of an anchor its [anchor] name; of a
person the name that goes into the records. A person's folder gets a cli.toml, which names a --host of the
coordinator's certificate (a DNS name before an address), or what --server says.

Examples:
  chiploc pki issue coordinator chiplocd --host chiploc.example --request chiplocd.csr
  ssh fra1 cat tls.csr | chiploc pki issue anchor fra1 --request - --out - > tls.pem
  chiploc pki issue admin alice --days 90
  chiploc pki issue operator olga --holder 'Example SA')",
             .formats = object_formats()}} {}

  void add_options(CLI::App& line, CompletionHints& hints) override {
    PkiCommand::add_options(line, hints);
    std::vector<std::string> roles;
    for (const RoleRule& rule : pki_roles()) roles.emplace_back(rule.role);
    CLI::Option* role = line.add_option("role", order_.role, joined(roles, ", "));
    role->required()->check(CLI::IsMember(roles));
    hints[role].choices = roles;
    line.add_option("name", order_.name, "Whose it is")->required();
    CLI::Option* request =
        line.add_option("--request", request_, "A certificate request (PKCS #10, PEM); -: standard input");
    hints[request].files = true;
    line.add_option(
            "--host", order_.hosts,
            "Of a coordinator: another DNS name or IP address that clients call it by; may be repeated")
        ->allow_extra_args(false);
    line.add_option("--holder", order_.holder,
                    "Of a person: show them the rows of this licence holder alone, as licences name it");
    line.add_option("--days", order_.days, "Days that it is valid")
        ->check(CLI::Range(1, kDaysMax))
        ->capture_default_str();
    add_out(line, hints, target_);
    add_passphrase_file(line, hints);
  }

  CommandResult run(CommandOutput& output, const GlobalOptions& options) override {
    order_.server = options.connection.server;
    if (const std::string problem = order_.server.empty() ? "" : server_problem(order_.server);
        !problem.empty())
      return Fail{CliFault{ExitCode::kUsage, "--server " + problem}};
    if (request_.empty() && target_.piped()) {
      return Fail{
          CliFault{ExitCode::kUsage, "a new key goes into a folder: leave --out - out, or pass --request"}};
    }
    if (!request_.empty()) {
      auto request = read_request(request_);
      if (!request) return Fail{request.error()};
      order_.request = *std::move(request);
    }
    order_.out = target_.folder(order_.name);
    auto authority = Authority::open(folder(), access());
    if (!authority) return cli_fault(authority.error());
    const auto issued = authority->issue(order_, output.now);
    if (!issued) return cli_fault(issued.error());
    show_issued(output, *issued, record_of(issued->certificate), target_, request_.empty());
    return ExitCode::kFine;
  }

 private:
  IssueOrder order_;
  std::string request_;
  Target target_;
};

class PkiRenew : public PkiCommand {
 public:
  PkiRenew()
      : PkiCommand{{.path = "pki renew",
                    .text = "Issue a certificate once more: the same key, role and hosts, new dates",
                    .footer = R"(The old one stays valid until its end, so that nothing stops between the two.

Examples:
  chiploc pki renew fra1
  chiploc pki renew alice --request alice.csr --revoke-old)",
                    .formats = object_formats()}} {}

  void add_options(CLI::App& line, CompletionHints& hints) override {
    PkiCommand::add_options(line, hints);
    line.add_option("name", order_.name, "Whose certificate, or its serial number")->required();
    CLI::Option* request =
        line.add_option("--request", request_, "A request with another key; -: standard input");
    hints[request].files = true;
    line.add_option("--days", days_, "Days that it is valid (default: as many as the old one)")
        ->check(CLI::Range(1, kDaysMax));
    line.add_flag("--revoke-old", order_.revoke_old, "Revoke the old one, and sign the revocation list anew");
    add_out(line, hints, target_);
    add_passphrase_file(line, hints);
  }

  CommandResult run(CommandOutput& output, const GlobalOptions& /*options*/) override {
    if (!request_.empty()) {
      auto request = read_request(request_);
      if (!request) return Fail{request.error()};
      order_.request = *std::move(request);
    }
    if (days_ > 0) order_.days = days_;
    const auto before = PkiFolder::open(folder());
    if (!before) return cli_fault(before.error());
    const auto found = before->index().find(order_.name);
    order_.out = target_.folder(found.empty() ? order_.name : found.back()->name);
    auto authority = Authority::open(folder(), access());
    if (!authority) return cli_fault(authority.error());
    const auto issued = authority->renew(order_, output.now);
    if (!issued) return cli_fault(issued.error());
    show_issued(output, *issued, record_of(issued->certificate), target_, false);
    if (issued->revoked && !target_.piped() && output.format == OutputFormat::kTable) {
      output.out << "revoked: " << issued->revoked->serial << "\n" << list_remark(folder() / "crl.pem");
    }
    return ExitCode::kFine;
  }

 private:
  RenewOrder order_;
  std::string request_;
  int days_ = 0;
  Target target_;
};

}  // namespace

CommandList pki_issue_commands() {
  CommandList list;
  list.push_back(std::make_unique<PkiIssue>());
  list.push_back(std::make_unique<PkiRenew>());
  return list;
}

}  // namespace chiploc
