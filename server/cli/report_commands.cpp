// Reports: made by the coordinator, and verified without one.
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

#include "proto/base/time_text.hpp"
#include "proto/crypto/digest.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/interrupt.hpp"
#include "server/reports/report_seal.hpp"
#include "server/text/moments.hpp"

namespace chiploc {
namespace {

namespace fs = std::filesystem;

/// A report of 100,000 chips takes a minute.
constexpr std::chrono::seconds kReportPatience{600};
constexpr const char* kForms =
    R"(The end of the file's name says in which form: .json (canonical), .csv, .geojson or .pdf. Beside it goes its signature,
FILE.sig; chiploc report verify FILE checks the two.
)";

/// The form that a file's name asks for; nullopt: none.
std::optional<ReportForm> form_of(const std::string& file) {
  const std::string end = fs::path{file}.extension().string();
  return end.empty() ? std::nullopt : report_form_of(end.substr(1));
}

CliFault cannot_write(const fs::path& path) {
  const std::string cause = errno != 0 ? std::string{": "} + std::strerror(errno) : std::string{};
  return {ExitCode::kUsage, path.string() + ": cannot be written" + cause + "; name another file"};
}

/// A file that is there whole, with its signature, or not at all: both have other names until then.
class SignedFile {
 public:
  explicit SignedFile(const std::string& path) : path_{path}, part_{path + ".part"} {
    errno = 0;
    out_ = std::ofstream{part_, std::ios::binary | std::ios::trunc};
  }
  ~SignedFile() {
    std::error_code ignored;
    if (!kept_) fs::remove(part_, ignored);
  }
  SignedFile(const SignedFile&) = delete;
  SignedFile& operator=(const SignedFile&) = delete;
  bool add(const std::string& bytes) {
    out_ << bytes;
    return static_cast<bool>(out_);
  }
  [[nodiscard]] Result<Done, CliFault> keep(const std::string& signature) {
    const InterruptLater whole;
    errno = 0;
    out_.close();
    if (!out_) return Fail{cannot_write(path_)};
    const std::string beside = path_ + ".sig";
    std::ofstream sig{beside, std::ios::binary | std::ios::trunc};
    sig << signature;
    sig.close();
    if (!sig) return Fail{cannot_write(beside)};
    std::error_code failed;
    fs::rename(part_, path_, failed);
    if (failed) return Fail{CliFault{ExitCode::kUsage, path_ + ": cannot be written: " + failed.message()}};
    kept_ = true;
    return Done{};
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_, part_;
  std::ofstream out_;
  bool kept_ = false;
};

class ReportCommand : public RemoteCommand {
 public:
  ReportCommand(v1::ReportKind kind, CommandHead head) : RemoteCommand{std::move(head)}, kind_{kind} {}

 protected:
  void add_out_option(CLI::App& line, CompletionHints& hints) {
    hints[line.add_option("--out", out_, "Into this file: NAME.json, .csv, .geojson or .pdf")->required()]
        .files = true;
  }
  void add_as_of_option(CLI::App& line) {
    line.add_option("--as-of", as_of_,
                    "As things stood then: 2026-11-30, 2026-11-30T12:30, 2h, 7d (default: now)");
  }

 private:
  virtual void fill(v1::GetReportRequest& request) const = 0;
  CommandResult ask(CommandContext& context) final {
    v1::GetReportRequest request;
    request.set_kind(kind_);
    const auto form = form_of(out_);
    if (!form) {
      return Fail{CliFault{
          ExitCode::kUsage,
          "--out: the name has to end in .json, .csv, .geojson or .pdf, by which the form is chosen"}};
    }
    request.set_form(static_cast<v1::ReportForm>(*form));
    if (!as_of_.empty()) {
      const auto time = parse_moment(as_of_, context.now);
      if (!time) return Fail{CliFault{ExitCode::kUsage, "--as-of: " + time.error()}};
      request.set_as_of_unix_ns(time->since_epoch.count());
    }
    fill(request);
    SignedFile file{out_};
    if (!file.add("")) return Fail{cannot_write(out_)};
    bool written = true;
    const auto signature =
        context.client.report(request, kReportPatience + context.patience,
                              [&](const std::string& bytes) { written = written && file.add(bytes); });
    if (!signature) return Fail{signature.error()};
    if (!written) return Fail{cannot_write(out_)};
    if (auto kept = file.keep(*signature); !kept) return Fail{kept.error()};
    context.err << "wrote " << printable(out_) << " and its signature " << printable(out_) << ".sig\n";
    return ExitCode::kFine;
  }
  v1::ReportKind kind_;
  std::string out_, as_of_;
};

class ReportAct : public ReportCommand {
 public:
  ReportAct()
      : ReportCommand{
            v1::REPORT_ACT,
            {.path = "report act",
             .text = "One case, as a licensee files it: what was proved, when, of which chips",
             .footer = std::string{kForms} + "\nExample:\n  chiploc report act --case C-12 --out case-12.pdf",
             .formats = {}}} {}
  void add_options(CLI::App& line, CompletionHints& hints) override {
    hints[line.add_option("--case", number_, "Its name: C-17")
              ->required()
              ->transform([](std::string name) {
                if (name.size() > 2 && (name[0] == 'C' || name[0] == 'c') && name[1] == '-') name.erase(0, 2);
                return name;
              })
              ->check(CLI::PositiveNumber)]
        .names = NameHint::kCases;
    add_out_option(line, hints);
  }

 private:
  void fill(v1::GetReportRequest& request) const override { request.set_case_number(number_); }
  std::uint64_t number_ = 0;
};

class ReportFleet : public ReportCommand {
 public:
  ReportFleet()
      : ReportCommand{
            v1::REPORT_FLEET,
            {.path = "report fleet",
             .text = "Where each chip is proved to be, by country, and its end user",
             .footer = std::string{kForms} + "\nExamples:\n  chiploc report fleet --out fleet.json\n"
                                             "  chiploc report fleet --as-of 2026-11-30 --out fleet.csv",
             .formats = {}}} {}
  void add_options(CLI::App& line, CompletionHints& hints) override {
    add_as_of_option(line);
    add_out_option(line, hints);
  }

 private:
  void fill(v1::GetReportRequest&) const override {}
};

class ReportOrder : public ReportCommand {
 public:
  ReportOrder()
      : ReportCommand{v1::REPORT_ORDER,
                      {.path = "report order",
                       .text = "One order: its deliveries, and how its chips stand",
                       .footer = std::string{kForms} + "\nExample:\n  chiploc report order O-7 --out o-7.pdf",
                       .formats = {}}} {}
  void add_options(CLI::App& line, CompletionHints& hints) override {
    hints[line.add_option("order", order_, "Its id, in any case of letters")->required()].names =
        NameHint::kOrders;
    add_as_of_option(line);
    add_out_option(line, hints);
  }

 private:
  void fill(v1::GetReportRequest& request) const override { request.set_order(order_); }
  std::string order_;
};

class ReportOperator : public ReportCommand {
 public:
  ReportOperator()
      : ReportCommand{v1::REPORT_OPERATOR,
                      {.path = "report operator",
                       .text = "The chips of one holder: proof that they are where they may be",
                       .footer = std::string{kForms} +
                                 "\nExamples:\n  chiploc report operator --out ours.pdf\n"
                                 "  chiploc report operator --holder \"Example SA\" --out example.json",
                       .formats = {}}} {}
  void add_options(CLI::App& line, CompletionHints& hints) override {
    hints[line.add_option("--holder", holder_, "Of this holder (default: your certificate's own)")].names =
        NameHint::kHolders;
    add_as_of_option(line);
    add_out_option(line, hints);
  }

 private:
  void fill(v1::GetReportRequest& request) const override { request.set_holder(holder_); }
  std::string holder_;
};

class ReportKeysCommand : public RemoteCommand {
 public:
  ReportKeysCommand()
      : RemoteCommand{
            {.path = "report keys",
             .text = "The dated list of keys that this coordinator signs reports with",
             .footer =
                 R"(Whoever verifies reports keeps it, from a time when they trusted the coordinator. After the coordinator's key was
replaced a newer list has both keys, so what the older one signed in its time still verifies.

Example:
  chiploc report keys > report-keys.toml)",
             .formats = {}}} {}
  void add_options(CLI::App& line, CompletionHints& hints) override {
    hints[line.add_option("--out", out_, "Into this file; else to standard output")].files = true;
  }

 private:
  CommandResult ask(CommandContext& context) override {
    const auto answer = context.client.report_keys();
    if (!answer) return Fail{answer.error()};
    if (out_.empty()) {
      context.out << answer->toml();
      return ExitCode::kFine;
    }
    errno = 0;
    std::ofstream out{out_, std::ios::binary | std::ios::trunc};
    out << answer->toml();
    out.close();
    if (!out) return Fail{cannot_write(out_)};
    return ExitCode::kFine;
  }
  std::string out_;
};

/// All of a small file.
Result<std::string, CliFault> read_small(const std::string& path, std::size_t most) {
  std::ifstream in{path, std::ios::binary};
  std::string text(most + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  if (!in.is_open() || in.bad())
    return Fail{
        CliFault{ExitCode::kNotFound, path + ": cannot be read: " + std::strerror(errno) + "; name another"}};
  if (text.size() > most)
    return Fail{CliFault{ExitCode::kBadData, path + ": is too large for what it should be"}};
  return text;
}

struct FileDigest {
  Digest sha256;
  std::uint64_t bytes = 0;
};
Result<FileDigest, CliFault> digest_of_file(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  const Fail<CliFault> unreadable{
      CliFault{ExitCode::kNotFound, path + ": cannot be read: " + std::strerror(errno) + "; name another"}};
  if (!in.is_open()) return unreadable;
  Sha256 digest;
  FileDigest out;
  std::string part(std::size_t{1} << 16, '\0');
  do {
    in.read(part.data(), static_cast<std::streamsize>(part.size()));
    const auto got = static_cast<std::size_t>(in.gcount());
    digest.update(bytes_of(std::string_view{part}.substr(0, got)));
    out.bytes += got;
  } while (in);
  if (in.bad() || !in.eof()) return unreadable;
  out.sha256 = digest.finish();
  return out;
}

class ReportVerify : public Command {
 public:
  ReportVerify()
      : Command{
            {.path = "report verify",
             .text = "Whether a report is as its coordinator signed it; without any coordinator",
             .footer =
                 R"(Proved is that the file is, to the byte, what the coordinator of one of these keys signed, and that the key was in force
when it says that it was made. What stands in it is the coordinator's word; the verdicts that it names can be judged
again from their evidence. KEYS is what 'chiploc report keys' prints, kept from when you trusted it, or the lines for
agent.toml of 'chiplocd --show-identity'.

Exit codes: 0 proved, 18 not proved, 65 the .sig file is none, 66 no such file, 78 the list of keys has a fault.

Examples:
  chiploc report verify fleet.pdf --keys report-keys.toml
  chiploc report verify fleet.pdf --keys report-keys.toml -o json)",
             .formats = {OutputFormat::kTable, OutputFormat::kJson, OutputFormat::kNdjson}}} {}
  void add_options(CLI::App& line, CompletionHints& hints) override {
    hints[line.add_option("file", file_, "The report")->required()].files = true;
    hints[line.add_option("--keys", keys_, "The dated list of keys")->required()].files = true;
    hints[line.add_option("--sig", sig_, "Its signature (default: FILE.sig)")].files = true;
  }
  CommandResult run(CommandOutput& output, const GlobalOptions& options) override;

 private:
  std::string file_, keys_, sig_;
};

Json json_of_seal(const ProvedSeal& proved) {
  const ReportSeal& seal = proved.seal;
  const auto raw = proved.key.raw_ed25519();
  return {{"proved", true},
          {"kind", std::string{name_of(seal.kind)}},
          {"form", std::string{name_of(seal.form)}},
          {"subject", seal.subject.empty() ? Json(nullptr) : Json(seal.subject)},
          {"as_of", utc_iso(seal.as_of)},
          {"made", utc_iso(seal.made)},
          {"bytes", seal.bytes},
          {"sha256", seal.sha256.hex()},
          {"json_sha256", seal.json_sha256.hex()},
          {"coordinator", seal.coordinator.hex()},
          {"public_key", raw ? to_hex(*raw) : ""}};
}

CommandResult ReportVerify::run(CommandOutput& output, const GlobalOptions& /*options*/) {
  const auto keys_text = read_small(keys_, kReportKeysBytes);
  if (!keys_text) return Fail{keys_text.error()};
  const auto keys = parse_report_keys(*keys_text, keys_);
  if (!keys) return Fail{CliFault{ExitCode::kBadConfig, keys.error()}};
  const std::string beside = sig_.empty() ? file_ + ".sig" : sig_;
  const auto sig_text = read_small(beside, kSealBytes);
  if (!sig_text) return Fail{sig_text.error()};
  const auto seal = parse_seal(*sig_text);
  if (!seal) return Fail{CliFault{ExitCode::kBadData, beside + ": " + seal.error()}};
  const auto digest = digest_of_file(file_);
  if (!digest) return Fail{digest.error()};
  const auto proved = check_seal(*seal, digest->sha256, digest->bytes, *keys);
  if (!proved) return Fail{CliFault{ExitCode::kNotProved, file_ + ": not proved: " + proved.error().text}};
  const Json record = json_of_seal(*proved);
  if (output.format != OutputFormat::kTable) {
    write_json(output.out, output.format, record);
    return ExitCode::kFine;
  }
  const ReportSeal& said = proved->seal;
  output.out << printable(file_) << ": proved\n"
             << "what         " << name_of(said.kind) << " report" << (said.subject.empty() ? "" : " on ")
             << printable(said.subject) << ", as " << name_of(said.form) << "\n"
             << "as of        " << utc_text(said.as_of) << "\n"
             << "made         " << utc_text(said.made) << "\n"
             << "coordinator  " << said.coordinator.hex() << "\n"
             << "key          " << record.at("public_key").get<std::string>()
             << ", in force then by the list\n"
             << "SHA-256      " << said.sha256.hex() << "\n"
             << "of its JSON  " << said.json_sha256.hex() << "\n";
  return ExitCode::kFine;
}

}  // namespace

CommandList report_commands() {
  CommandList list;
  list.push_back(std::make_unique<ReportAct>());
  list.push_back(std::make_unique<ReportFleet>());
  list.push_back(std::make_unique<ReportOrder>());
  list.push_back(std::make_unique<ReportOperator>());
  list.push_back(std::make_unique<ReportVerify>());
  list.push_back(std::make_unique<ReportKeysCommand>());
  return list;
}

}  // namespace chiploc
