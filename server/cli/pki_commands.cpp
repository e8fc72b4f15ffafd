#include <algorithm>

#include "proto/base/certificate_life.hpp"
#include "proto/base/joined.hpp"
#include "proto/base/time_text.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/passphrase.hpp"
#include "server/cli/pki_command.hpp"
#include "server/cli/pki_text.hpp"
#include "server/pki/authority.hpp"
#include "server/pki/init.hpp"

namespace chiploc {
namespace {

class PkiInit : public PkiCommand {
 public:
  PkiInit()
      : PkiCommand{
            {.path = "pki init",
             .text = "Make an authority: its key, its certificate, an empty revocation list",
             .footer =
                 R"(Everything it has is in one folder of mode 0700. Keep that folder on a machine that is offline, and a
backup of it; only ca.pem and crl.pem go to other machines.

Examples:
  chiploc pki init
  chiploc pki init --dir /media/usb/pki --name "Example GmbH chiploc" --passphrase-file pass
  chiploc pki init --key 'pkcs11:token=ca;object=chiploc')",
             .formats = object_formats()}} {}

  void add_options(CLI::App& line, CompletionHints& hints) override {
    PkiCommand::add_options(line, hints);
    const std::vector<std::string> types{"ec", "ed25519"};
    line.add_option("--name", order_.name, "The authority's name (CN)")->capture_default_str();
    CLI::Option* type = line.add_option("--key-type", key_type_, "ec (P-256) or ed25519")
                            ->check(CLI::IsMember(types))
                            ->capture_default_str();
    hints[type].choices = types;
    line.add_option("--key", order_.key_uri,
                    "A key that a token has already, as a pkcs11: URI without its PIN")
        ->excludes(type);
    line.add_option("--days", order_.days, "Days that it is valid")
        ->check(CLI::Range(1, kDaysMax))
        ->capture_default_str();
    add_passphrase_file(line, hints);
    line.add_flag("--no-passphrase", no_passphrase_, "Do not ask for a passphrase: the key is not encrypted");
  }

  CommandResult run(CommandOutput& output, const GlobalOptions& /*options*/) override {
    order_.folder = folder();
    order_.algorithm = key_type_ == "ec" ? SignatureAlgorithm::kEs256 : SignatureAlgorithm::kEd25519;
    order_.access = access();
    if (order_.key_uri.empty()) {
      auto passphrase = new_passphrase();
      if (!passphrase) return Fail{passphrase.error()};
      order_.passphrase = *std::move(passphrase);
    }
    const auto made = init_authority(order_, output.now);
    if (!made) return cli_fault(made.error());
    if (output.format != OutputFormat::kTable) {
      Json object = json_of(*made, nullptr, output.now);
      object["folder"] = folder().string();
      write_json(output.out, output.format, object);
      return ExitCode::kFine;
    }
    const std::string where = printable(folder().string());
    const bool bare = order_.key_uri.empty() && order_.passphrase.text().empty();
    output.out << "authority " << printable(order_.name) << " in " << where << ", valid until "
               << utc_text(made->not_after()) << "\n"
               << (bare ? "its key is not encrypted: whoever gets " + where +
                              "/ca.key can issue certificates\n"
                        : "")
               << "keep " << where << " offline, and a backup of it; "
               << "next: chiploc pki issue coordinator chiplocd --host NAME-OR-ADDRESS\n";
    return ExitCode::kFine;
  }

 private:
  Result<SecretText, CliFault> new_passphrase() {
    if (passphrase_file().empty()) {
      if (no_passphrase_) return SecretText{};
      return ask_new_passphrase("the authority " + folder().string());
    }
    auto read = read_secret_line(passphrase_file());
    if (!read) return Fail{CliFault{ExitCode::kBadConfig, read.error().text}};
    if (read->text().size() < kPassphraseLeast) {
      return Fail{CliFault{ExitCode::kBadConfig, passphrase_file() + ": a passphrase has at least " +
                                                     std::to_string(kPassphraseLeast) + " characters"}};
    }
    return std::move(read).value();
  }

  InitOrder order_;
  std::string key_type_ = "ec";
  bool no_passphrase_ = false;
};

class PkiList : public PkiCommand {
 public:
  PkiList()
      : PkiCommand{{.path = "pki list",
                    .text = "Certificates in force, those that end soonest first",
                    .footer = R"(Examples:
  chiploc pki list
  chiploc pki list --expired --revoked -o csv)",
                    .formats = {OutputFormat::kTable, OutputFormat::kJson, OutputFormat::kNdjson,
                                OutputFormat::kCsv}}} {}

  void add_options(CLI::App& line, CompletionHints& hints) override {
    PkiCommand::add_options(line, hints);
    line.add_flag("--expired", expired_, "Those that are over too");
    line.add_flag("--revoked", revoked_, "Those that were revoked too");
  }

  CommandResult run(CommandOutput& output, const GlobalOptions& /*options*/) override {
    const auto folder = PkiFolder::open(this->folder());
    if (!folder) return cli_fault(folder.error());
    std::vector<const IssuedRecord*> shown;
    for (const IssuedRecord& record : folder->index().certificates) {
      const IssuedState state = state_of(record, output.now);
      if (state == IssuedState::kExpired && !expired_) continue;
      if (state == IssuedState::kRevoked && !revoked_) continue;
      shown.push_back(&record);
    }
    std::stable_sort(shown.begin(), shown.end(), [](const IssuedRecord* a, const IssuedRecord* b) {
      return a->not_after < b->not_after;
    });
    RecordWriter writer{output.out,
                        output.format,
                        {{"role", "ROLE", ""},
                         {"name", "NAME", ""},
                         {"holder", "HOLDER", ""},
                         {"state", "STATE", ""},
                         {"not_after", "UNTIL", ""},
                         {"days_left", "DAYS LEFT", "", true},
                         {"serial", "SERIAL", ""},
                         {"not_before", "", ""},
                         {"revoked_at", "REVOKED", ""},
                         {"reason", "REASON", ""},
                         {"sha256", "", ""}},
                        output.out_colour};
    for (const IssuedRecord* record : shown) {
      const bool revoked = record->revoked.has_value();
      writer.add({{printable(record->role)},
                  {printable(record->name)},
                  {printable(record->holder)},
                  state_cell(state_of(*record, output.now)),
                  {utc_text(record->not_after)},
                  {std::to_string(days_left({record->not_before, record->not_after}, output.now))},
                  {record->serial},
                  {""},
                  {revoked ? utc_text(record->revoked->at) : ""},
                  {revoked ? std::string{name_of(record->revoked->reason)} : ""},
                  {""}},
                 json_of(*record, output.now));
    }
    writer.finish("no certificates; issue one with: chiploc pki issue");
    return ExitCode::kFine;
  }

 private:
  bool expired_ = false;
  bool revoked_ = false;
};

class PkiShow : public PkiCommand {
 public:
  PkiShow()
      : PkiCommand{{.path = "pki show",
                    .text = "A certificate: whose, until when, its fingerprint, whether it is revoked",
                    .footer = R"(Examples:
  chiploc pki show fra1
  chiploc pki show pki/ca.pem
  chiploc pki show 5f0c1d...)",
                    .formats = {OutputFormat::kTable, OutputFormat::kJson, OutputFormat::kNdjson}}} {}

  void add_options(CLI::App& line, CompletionHints& hints) override {
    PkiCommand::add_options(line, hints);
    CLI::Option* option =
        line.add_option("what", what_, "A name, a serial number, or a file: FILE.pem, or one with a slash");
    option->required();
    hints[option].files = true;
  }

  CommandResult run(CommandOutput& output, const GlobalOptions& /*options*/) override {
    const auto folder = PkiFolder::open(this->folder());
    if (is_file()) {
      const auto pem = read_whole(what_, Certificate::kSizeMax * 4);
      if (!pem) return cli_fault(pem.error());
      const auto chain = Certificate::chain_from_pem(*pem);
      if (!chain) return Fail{CliFault{ExitCode::kBadData, what_ + ": " + chain.error().text}};
      show(output, chain->front(), folder ? record_in(*folder, chain->front()) : nullptr);
      finish(output);
      return ExitCode::kFine;
    }
    if (!folder) return cli_fault(folder.error());
    const auto found = folder->index().find(what_);
    if (found.empty()) {
      return Fail{CliFault{ExitCode::kNotFound,
                           "no certificate of '" + what_ + "' was issued here; see: chiploc pki list"}};
    }
    for (const IssuedRecord* record : found) {
      const auto certificate = folder->certificate_of(*record);
      if (!certificate) return cli_fault(certificate.error());
      show(output, *certificate, record);
    }
    finish(output);
    return ExitCode::kFine;
  }

 private:
  [[nodiscard]] bool is_file() const {
    constexpr std::string_view kEnd = ".pem";
    return what_.find('/') != std::string::npos ||
           (what_.size() > kEnd.size() && what_.substr(what_.size() - kEnd.size()) == kEnd);
  }
  static const IssuedRecord* record_in(const PkiFolder& folder, const Certificate& certificate) {
    for (const IssuedRecord& record : folder.index().certificates) {
      if (record.sha256 == certificate.fingerprint().hex()) return &record;
    }
    return nullptr;
  }
  void show(CommandOutput& output, const Certificate& certificate, const IssuedRecord* record) {
    if (output.format == OutputFormat::kTable) {
      output.out << (count_++ == 0 ? "" : "\n") << certificate_text(certificate, record, output.now);
    } else if (output.format == OutputFormat::kNdjson) {
      write_json(output.out, output.format, json_of(certificate, record, output.now));
    } else {
      all_.push_back(json_of(certificate, record, output.now));
    }
  }
  void finish(CommandOutput& output) {
    if (output.format == OutputFormat::kJson) write_json(output.out, output.format, all_);
  }
  std::string what_;
  std::size_t count_ = 0;
  Json all_ = Json::array();
};

class PkiRevoke : public PkiCommand {
 public:
  PkiRevoke()
      : PkiCommand{
            {.path = "pki revoke",
             .text = "Revoke certificates, and sign the revocation list anew; without a name that alone",
             .footer =
                 R"(If revocations of [tls] in chiplocd.toml names the authority's own crl.pem, as after chiplocd init --authority,
the list counts within two seconds, open connections included. Else take crl.pem to the file that it names.

Examples:
  chiploc pki revoke alice --reason affiliation-changed
  chiploc pki revoke 5f0c1d... --reason key-compromise
  chiploc pki revoke)",
             .formats = object_formats()}} {}

  void add_options(CLI::App& line, CompletionHints& hints) override {
    PkiCommand::add_options(line, hints);
    line.add_option("name", names_, "Names, for all that they have, and serial numbers");
    std::vector<std::string> reasons;
    for (const RevocationReason reason : revocation_reasons()) reasons.emplace_back(name_of(reason));
    CLI::Option* reason = line.add_option("--reason", reason_, joined(reasons, ", "))
                              ->check(CLI::IsMember(reasons))
                              ->capture_default_str();
    hints[reason].choices = reasons;
    line.add_option("--list-days", days_, "Days until the list should be signed anew")
        ->check(CLI::Range(1, kDaysMax))
        ->capture_default_str();
    add_passphrase_file(line, hints);
  }

  CommandResult run(CommandOutput& output, const GlobalOptions& /*options*/) override {
    auto authority = Authority::open(folder(), access());
    if (!authority) return cli_fault(authority.error());
    const auto revoked = authority->revoke(names_, *revocation_reason_of(reason_), output.now, days_);
    if (!revoked) return cli_fault(revoked.error());
    if (output.format != OutputFormat::kTable) {
      const auto list = [&](const std::vector<IssuedRecord>& records) {
        Json out = Json::array();
        for (const IssuedRecord& record : records) out.push_back(json_of(record, output.now));
        return out;
      };
      write_json(output.out, output.format,
                 {{"revoked", list(revoked->now)},
                  {"revoked_before", list(revoked->before)},
                  {"list", revoked->list.string()}});
      return ExitCode::kFine;
    }
    for (const IssuedRecord& record : revoked->now) {
      output.out << "revoked: " << record.role << ' ' << printable(record.name) << ", certificate "
                 << record.serial << "\n";
    }
    for (const IssuedRecord& record : revoked->before) {
      output.out << "revoked already on " << utc_text(record.revoked->at) << ": " << record.role << ' '
                 << printable(record.name) << ", certificate " << record.serial << "\n";
    }
    output.out << list_remark(revoked->list);
    return ExitCode::kFine;
  }

 private:
  std::vector<std::string> names_;
  std::string reason_ = "unspecified";
  int days_ = kListDays;
};

}  // namespace

CommandList pki_commands() {
  CommandList list;
  list.push_back(std::make_unique<PkiInit>());
  for (auto& command : pki_issue_commands()) list.push_back(std::move(command));
  list.push_back(std::make_unique<PkiList>());
  list.push_back(std::make_unique<PkiShow>());
  list.push_back(std::make_unique<PkiRevoke>());
  return list;
}

}  // namespace chiploc
