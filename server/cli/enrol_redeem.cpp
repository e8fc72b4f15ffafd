// The newcomer's side: enrol redeem, a certificate for a token; enrol renew, a certificate for one that still counts.
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "proto/base/time_text.hpp"
#include "proto/crypto/certificate_request.hpp"
#include "proto/crypto/digest.hpp"
#include "proto/crypto/key_store.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/enrol_post.hpp"
#include "server/cli/pki_command.hpp"
#include "server/cli/settings.hpp"
#include "server/pki/delivery.hpp"
#include "server/pki/files.hpp"

namespace chiploc {
namespace {

namespace fs = std::filesystem;

Fail<CliFault> no(ExitCode code, std::string text) { return Fail{CliFault{code, std::move(text)}}; }

/// Where the coordinator is, and which authority is believed.
class EnrolCommand : public Command {
 public:
  using Command::Command;
  void add_options(CLI::App& line, CompletionHints& hints) override {
    line.add_option("--coordinator", address_,
                    "HOST:PORT of the coordinator's HTTP: http.address of chiplocd.toml")
        ->required();
    hints[line.add_option("--dir", folder_, "Folder for tls.pem, ca.pem and tls.key")->capture_default_str()]
        .folders = true;
    line.add_option("--ca-sha256", pinned_, "What the authority's certificate must have as SHA-256, in hex");
  }

 protected:
  [[nodiscard]] fs::path folder() const { return without_slash(folder_); }
  /// The coordinator, believed by --ca, else by ca.pem in the folder.
  [[nodiscard]] Result<EnrolTarget, CliFault> target(const GlobalOptions& options) const {
    if (const std::string problem = server_problem(address_); !problem.empty())
      return no(ExitCode::kUsage, "--coordinator " + problem);
    EnrolTarget out{
        .address = address_, .server_name = options.connection.server_name, .ca = options.connection.ca};
    if (out.ca.empty()) out.ca = folder() / kCaFile;
    const auto text = read_whole(out.ca, std::size_t{1} << 20U);
    if (!text && text.error().code == PkiFaultCode::kNotFound)
      return no(ExitCode::kNotFound,
                out.ca.string() + ": no such file; name the coordinator's ca.pem with --ca");
    if (!text) return cli_fault(text.error());
    const auto chain = Certificate::chain_from_pem(*text);
    if (!chain) return no(ExitCode::kBadData, out.ca.string() + ": " + chain.error().text);
    if (!pinned_.empty() && (chain->size() != 1 || chain->front().fingerprint().hex() != pinned_))
      return no(ExitCode::kRefused, out.ca.string() +
                                        " is not the certificate with --ca-sha256; get it once more, from "
                                        "whoever told you that");
    return out;
  }
  /// Into the folder, each file in one step; says so.
  CommandResult deliver(CommandOutput& output, const EnrolAnswer& answer, const PublicKey& key) const {
    const auto certificate = Certificate::chain_from_pem(answer.certificate);
    const auto authority = Certificate::chain_from_pem(answer.authority);
    if (!certificate || !authority || certificate->size() != 1 || authority->size() != 1)
      return no(ExitCode::kBadData, address_ + " gave no certificate that can be read");
    const Certificate& mine = certificate->front();
    const auto theirs = mine.public_key();
    if (!theirs || !(*theirs == key))
      return no(ExitCode::kBadData, address_ + " gave a certificate of another key");
    const auto files = deliver_certificate(mine, authority->front(), folder());
    if (!files) return cli_fault(files.error());
    if (output.format != OutputFormat::kTable) {
      write_json(output.out, output.format,
                 {{"serial", mine.serial()},
                  {"role", mine.organizational_unit()},
                  {"name", mine.common_name()},
                  {"until", utc_text(mine.not_after())},
                  {"again", answer.again},
                  {"folder", folder().string()}});
      return ExitCode::kFine;
    }
    output.out << printable(mine.organizational_unit()) << ' ' << printable(mine.common_name())
               << ": certificate " << mine.serial() << (answer.again ? ", issued already" : "")
               << ", valid until " << utc_text(mine.not_after()) << "\n";
    for (const fs::path& file : *files) output.out << "  " << printable(file.string()) << "\n";
    return ExitCode::kFine;
  }

 private:
  std::string address_, folder_ = ".", pinned_;
};

class EnrolRedeem : public EnrolCommand {
 public:
  EnrolRedeem()
      : EnrolCommand{
            {.path = "enrol redeem",
             .text = "Get the first certificate for a token, or have a chip registered",
             .footer =
                 R"(With --request the key stays where that was made ('chiploc-anchor init' writes tls.csr). Else tls.key in the folder is taken,
or made there. Cut off, the same command again gets the same certificate, until the token's end. An agent's chip has its
certificate from its maker: --chip-certificate, with the request over the same key that 'chiploc-agent init' writes.

Examples:
  chiploc enrol redeem --coordinator chiploc.example:7480 --server-name chiplocd --ca ca.pem --dir fra1 --request fra1/tls.csr --token-file fra1.token
  chiploc enrol redeem --coordinator chiploc.example:7480 --ca ca.pem --dir olga --name olga < token
  chiploc enrol redeem --coordinator chiploc.example:7480 --ca ca.pem --request chip/chip.csr --chip-certificate chip/chip.pem --token-file chip.token)",
             .formats = object_formats()}} {}

  void add_options(CLI::App& line, CompletionHints& hints) override {
    EnrolCommand::add_options(line, hints);
    CLI::Option* request = line.add_option("--request", request_, "A certificate request (PKCS #10, PEM)");
    hints[request].files = true;
    line.add_option("--name", name_, "The name that the token is for, without --request")->excludes(request);
    CLI::Option* chip =
        line.add_option("--chip-certificate", chip_certificate_,
                        "Of an agent: the chip's certificate, and the device CAs above it (PEM)");
    chip->needs(request);
    hints[chip].files = true;
    line.add_option("--inbound", inbound_, "Of an agent that does not knock: IP:PORT where anchors reach it")
        ->needs(chip);
    hints[line.add_option("--token-file", token_file_,
                          "File whose first line is the token, mode 0600; -: standard input")
              ->capture_default_str()]
        .files = true;
  }

  CommandResult run(CommandOutput& output, const GlobalOptions& options) override {
    if (request_.empty() == name_.empty())
      return no(ExitCode::kUsage, "say --request FILE, or --name NAME for a key in the folder");
    const auto to = target(options);
    if (!to) return Fail{to.error()};
    const auto pem = request_.empty() ? own_request() : read_request();
    if (!pem) return Fail{pem.error()};
    const auto request = CertificateRequest::from_pem(*pem);
    if (!request) return no(ExitCode::kBadData, request_ + ": " + request.error().text);
    auto token = read_token();
    if (!token) return Fail{token.error()};
    nlohmann::json fields{{"token", token->text()}, {"request", *pem}};
    if (!chip_certificate_.empty()) {
      auto chain = read_whole(chip_certificate_, CertificateRequest::kSizeMax * 4);
      if (!chain) return cli_fault(chain.error());
      fields["certificate"] = *std::move(chain);
      fields["reach"] = inbound_.empty() ? "knock" : "inbound " + inbound_;
    }
    std::string body = fields.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    const auto answer = post_enrolment(*to, "/v1/enrol", body, options.timeout_s);
    wipe({reinterpret_cast<std::uint8_t*>(body.data()), body.size()});
    if (!answer) return Fail{answer.error()};
    if (!answer->chip.empty()) return registered(output, *answer);
    return deliver(output, *answer, request->public_key());
  }

 private:
  static CommandResult registered(CommandOutput& output, const EnrolAnswer& answer) {
    if (output.format != OutputFormat::kTable) {
      write_json(output.out, output.format,
                 {{"chip", answer.chip}, {"serial", answer.serial}, {"licence", answer.licence}});
      return ExitCode::kFine;
    }
    output.out << "chip " << printable(answer.chip) << ": registered as " << printable(answer.serial)
               << " under licence " << printable(answer.licence) << "\n";
    return ExitCode::kFine;
  }
  [[nodiscard]] Result<SecretText, CliFault> read_token() const {
    if (token_file_ != "-") {
      auto line = read_secret_line(token_file_);
      if (!line) return no(ExitCode::kNotFound, line.error().text);
      return std::move(line).value();
    }
    SecretText line;
    std::getline(std::cin, line.writable());
    if (line.text().empty())
      return no(ExitCode::kUsage, "standard input has no token; name its file: --token-file");
    return line;
  }
  [[nodiscard]] Result<std::string, CliFault> read_request() const {
    auto text = read_whole(request_, CertificateRequest::kSizeMax * 4);
    if (!text) return cli_fault(text.error());
    return *std::move(text);
  }
  /// Over the folder's key, which is made if there is none: it is on disk before the token is used.
  [[nodiscard]] Result<std::string, CliFault> own_request() const {
    const fs::path key = folder() / kTlsKeyFile;
    std::error_code ignored;
    if (!fs::exists(folder(), ignored)) {
      if (const auto made = make_folder(folder()); !made) return cli_fault(made.error());
    }
    if (!fs::exists(key, ignored)) {
      const auto written = write_private_key(key, *generate_key(SignatureAlgorithm::kEs256));
      if (!written) return no(ExitCode::kUsage, written.error().text);
    }
    KeyOptions options;
    options.uri = key.string();
    const auto signer = open_signer(options);
    if (!signer) return no(ExitCode::kBadConfig, signer.error().text);
    auto request = make_request({.common_name = name_, .organizational_unit = ""}, **signer);
    if (!request) return no(ExitCode::kUsage, request.error().text);
    return std::move(request).value();
  }

  std::string request_, name_, chip_certificate_, inbound_, token_file_ = "-";
};

class EnrolRenew : public EnrolCommand {
 public:
  EnrolRenew()
      : EnrolCommand{
            {.path = "enrol renew",
             .text = "Get a newer certificate for the one in a folder, while that counts",
             .footer =
                 R"(The same key, name and role; the old one stays valid until its end. One an hour: asked sooner, the newest comes again.

Examples:
  chiploc enrol renew --coordinator chiploc.example:7480 --server-name chiplocd --dir /etc/chiploc/anchor)",
             .formats = object_formats()}} {}

  CommandResult run(CommandOutput& output, const GlobalOptions& options) override {
    auto to = target(options);
    if (!to) return Fail{to.error()};
    const auto old = certificate_in(folder());
    if (!old)
      return no(ExitCode::kNotFound,
                (folder() / kTlsFile).string() + ": is no certificate; see enrol redeem");
    KeyOptions key;
    key.uri = (folder() / kTlsKeyFile).string();
    const auto signer = open_signer(key);
    if (!signer) return no(ExitCode::kBadConfig, signer.error().text);
    const auto request =
        make_request({.common_name = old->common_name(), .organizational_unit = ""}, **signer);
    if (!request) return no(ExitCode::kUsage, request.error().text);
    to->certificate = folder() / kTlsFile;
    to->key = folder() / kTlsKeyFile;
    const std::string body = nlohmann::json{{"request", request.value()}}.dump();
    const auto answer = post_enrolment(*to, "/v1/certificate", body, options.timeout_s);
    if (!answer) return Fail{answer.error()};
    return deliver(output, *answer, (*signer)->public_key());
  }
};

}  // namespace

CommandList enrol_redeem_commands() {
  CommandList list;
  list.push_back(std::make_unique<EnrolRedeem>());
  list.push_back(std::make_unique<EnrolRenew>());
  return list;
}

}  // namespace chiploc
