#include "agent/init.hpp"

#include <cstdio>
#include <fstream>
#include <sstream>

#include "agent/chip_row.hpp"
#include "agent/config.hpp"
#include "agent/identity.hpp"
#include "agent/system.hpp"
#include "proto/base/new_folder.hpp"
#include "proto/base/sample_text.hpp"
#include "proto/crypto/certificate_request.hpp"
#include "proto/crypto/digest.hpp"
#include "proto/crypto/issue.hpp"

namespace chiploc {
namespace {

namespace fs = std::filesystem;

constexpr const char* kInitHelp =
    R"(chiploc-agent init makes a folder with the chip's key (mode 0600), a request for its certificate and
agent.toml. The folder appears whole or not at all; nothing that is there is overwritten.

usage: chiploc-agent init --serial NAME --model TEXT --coordinator-key HEX
                          (--rendezvous IP:PORT=HEX | --inbound IP:PORT) [options]

  --dir DIR                 the new folder (default: agent)
  --state-dir DIR           where it keeps its counters (default: state in that folder; under the unit:
                            /var/lib/chiploc-agent)
  --serial NAME             the board's serial number
  --model TEXT              the chip's model
  --coordinator-key HEX     whose tickets the chip answers: raw Ed25519; may be repeated
  --rendezvous IP:PORT=HEX  an anchor to knock at and its report key; may be repeated
  --inbound IP:PORT         instead: where anchors reach a chip that does not knock
  --listen IP:PORT          UDP address of the agent, once or twice (default: port 7400 of all)
  --chip-id HEX             the id that the maker gave it, 16 to 32 bytes (default: 16 random ones)
  --firmware-version TEXT, --firmware-measurement HEX, --debug-state STATE
                            what the chip states of itself (default: as in the sample)

  --algorithm NAME          of the key that is made: es256 (default), es384, ed25519
  --key URI                 instead: a key that is there, pkcs11:... or handle:0x81000001
  --key-pin-file FILE, --key-provider NAME (may be repeated), --key-properties TEXT
                            what opening that one takes

  who certifies it (default: nobody yet; chip.csr is for the chip's maker):
  --trial                   a maker of this chip alone, whose own key is forgotten at once: for first days
  --maker NAME --maker-certificate FILE --maker-key FILE
                            a maker whose key is at hand
  --licence ID              with either: the licence in chips.csv
  --days N                  how long the certificate is valid (default 365)

exit codes: 0 made, 64 usage, 69 not made: the folder is there already, the disk, or the key
)";

/// What stops the making; caught in run_agent_init and nowhere else seen.
struct Trouble {
  std::string text;
};
template <class T>
T take(Result<T, std::string> result) {
  if (!result) throw Trouble{result.error()};
  return std::move(result).value();
}
template <class T, class E>
T take(Result<T, E> result, const std::string& what) {
  if (!result) throw Trouble{what + ": " + result.error().text};
  return std::move(result).value();
}

std::string file_text(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  std::ostringstream text;
  if (in) text << in.rdbuf();
  if (!in) throw Trouble{file.string() + ": cannot be read; check the path and its permissions"};
  return text.str();
}

/// As the configuration has it: relative paths there start from its own folder.
std::string whole_path(const fs::path& path) {
  std::error_code ignored;
  return fs::absolute(path, ignored).string();
}

/// Makes the folder's contents, one after the other.
class Maker {
 public:
  Maker(const AgentInitOptions& options, WallTime now)
      : o_{options}, now_{now}, folder_{take(NewFolder::begin(options.dir))} {}

  void run() {
    open_key();
    request_.common_name = o_.serial;
    request_.serial_number = chip_.hex();
    const RequestSubject subject{
        .common_name = o_.serial, .organizational_unit = {}, .serial_number = chip_.hex()};
    put("chip.csr", take(make_request(subject, *key_), "chip.csr"));
    if (o_.trial || !o_.maker_key.empty()) certify();
    if (o_.state_dir.empty()) take(folder_.make_folder("state"));
    put("agent.toml", configuration());
    check();
    take(folder_.finish());
    tell();
  }

 private:
  [[nodiscard]] static DeviceId random_chip() {
    ByteArray<DeviceId::kSizeMin> raw{};
    random_bytes_or_abort(raw);
    return *DeviceId::from_bytes(raw);
  }
  void put(const char* name, const std::string& text) {
    take(folder_.write(name, text, NewFolder::Readers::kAll));
  }

  void open_key() {
    if (!o_.key.uri.empty()) {
      key_ = take(open_signer(o_.key), "--key");
      return;
    }
    auto made = generate_key(o_.algorithm);
    take(write_private_key(folder_.path() / "chip.key", *made), "chip.key");
    key_ = std::move(made);
  }

  void certify() {
    request_.from = now_ - std::chrono::hours{24};  // clocks of first days differ
    request_.days = o_.days + 1;
    maker_name_ = o_.trial ? (o_.maker.empty() ? "Trial maker of " + o_.serial : o_.maker) : o_.maker;
    const CertificateAuthority maker = o_.trial ? trial_maker() : known_maker();
    const Certificate chip = take(maker.issue(request_, key_->public_key()), "chip.pem");
    if (const auto good = verify_device(chip, {}, std::span{&maker.certificate(), 1}, now_); !good) {
      throw Trouble{"the maker's certificate would not do: " + good.error().text};
    }
    put("chip.pem", chip.pem());
    put("chips.csv", chips_csv({.id = chip_.hex(),
                                .serial = o_.serial,
                                .maker = maker_name_,
                                .model = o_.model,
                                .licence = o_.licence,
                                .inbound = o_.inbound,
                                .certificate_pem = chip.pem()}));
    if (o_.trial) {
      put("makers.csv",
          "name,ca_pem\n" + csv_quoted(maker_name_) + "," + csv_quoted(maker.certificate().pem()) + "\n");
    }
  }
  [[nodiscard]] CertificateAuthority trial_maker() const {
    return take(CertificateAuthority::create("chiploc trial maker", SignatureAlgorithm::kEs256, request_.from,
                                             request_.days),
                "the trial's maker");
  }
  [[nodiscard]] CertificateAuthority known_maker() const {
    const std::string certificate = o_.maker_certificate.string();
    const std::string key = o_.maker_key.string();
    return take(CertificateAuthority::from(take(Certificate::from_pem(file_text(certificate)), certificate),
                                           take(key_from_private_pem(file_text(key)), key)),
                key);
  }

  [[nodiscard]] std::string configuration() const {
    SampleText sample{sample_agent_toml()};
    if (!o_.listen.empty()) {
      std::string list;
      for (const std::string& address : o_.listen) list += (list.empty() ? "" : ", ") + toml_quoted(address);
      sample.set("agent", "listen", "[" + list + "]");
    }
    sample.set("agent", "state_dir",
               o_.state_dir.empty() ? "\"state\"" : toml_quoted(whole_path(o_.state_dir)));
    sample.set("chip", "model", toml_quoted(o_.model));
    if (!o_.firmware_version.empty())
      sample.set("chip", "firmware_version", toml_quoted(o_.firmware_version));
    if (!o_.firmware_measurement.empty())
      sample.set("chip", "firmware_measurement", toml_quoted(o_.firmware_measurement));
    if (!o_.debug_state.empty()) sample.set("chip", "debug_state", toml_quoted(o_.debug_state));
    key_lines(sample);
    sample.set("coordinator", "name", "\"coordinator\"");
    sample.set("coordinator", "public_key", toml_quoted(o_.coordinators.front()));
    std::string tables;
    for (std::size_t i = 1; i < o_.coordinators.size(); ++i) {
      tables += "[[coordinator]]\nname = \"coordinator-" + std::to_string(i + 1) +
                "\"\npublic_key = " + toml_quoted(o_.coordinators[i]) + "\n\n";
    }
    for (const auto& anchor : o_.rendezvous) {
      tables += "[[rendezvous]]\naddress = " + toml_quoted(anchor.address) +
                "\npublic_key = " + toml_quoted(anchor.public_key) + "\n\n";
    }
    sample.insert_before("[knock]", tables);
    return sample.text();
  }
  void key_lines(SampleText& sample) const {
    if (o_.key.uri.empty()) return;  // file:chip.key, as the sample has it
    sample.set("key", "uri", toml_quoted(o_.key.uri));
    std::string lines;
    if (!o_.key.providers.empty()) {
      for (const std::string& name : o_.key.providers)
        lines += (lines.empty() ? "providers = [" : ", ") + toml_quoted(name);
      lines += "]\n";
    }
    if (!o_.key.properties.empty()) lines += "properties = " + toml_quoted(o_.key.properties) + "\n";
    if (!o_.key.pin_file.empty()) lines += "pin_file = " + toml_quoted(whole_path(o_.key.pin_file)) + "\n";
    sample.insert_before("certificate = ", lines);
  }

  /// By the agent's own eyes. A certificate that has yet to come is no fault.
  void check() const {
    const auto config = load_agent_config(folder_.path() / "agent.toml");
    if (config) {
      if (const auto identity = load_device_identity(*config); !identity)
        throw Trouble{identity.error().text};
      return;
    }
    for (const AgentConfigFault& fault : config.error()) {
      if (fault.key != "key.certificate" || !maker_name_.empty()) throw Trouble{fault.text()};
    }
  }

  void tell() const {
    const std::string dir = o_.dir.string();
    std::printf("made %s for the chip %s (%s)\n", dir.c_str(), chip_.hex().c_str(), o_.serial.c_str());
    if (o_.key.uri.empty()) std::printf("  chip.key    its private key; it never leaves this folder\n");
    std::printf("  agent.toml  its configuration\n  chip.csr    the request for its certificate\n");
    const std::string config = (o_.dir / "agent.toml").string();
    if (maker_name_.empty()) {
      std::printf(
          "next:\n  have the chip's maker certify chip.csr (the subject's serialNumber is the chip's id), and put\n"
          "  the certificate, with the device CAs above it, beside it as %s; then\n"
          "    chiploc-agent row --config %s --serial %s --maker NAME --licence ID > chips.csv\n"
          "    chiploc-agent --config %s\n",
          (o_.dir / "chip.pem").c_str(), config.c_str(), o_.serial.c_str(), config.c_str());
      return;
    }
    std::printf("  chip.pem    its certificate, by %s\n  chips.csv   its row for the coordinator\n",
                maker_name_.c_str());
    if (o_.trial)
      std::printf("  makers.csv  the maker's row; the maker's key is gone, no other chip can come from it\n");
    const std::string makers = o_.trial ? "--makers makers.csv " : "";
    std::printf(
        "next:\n  where the coordinator is asked, with the files from here:\n"
        "    chiploc --config ada/cli.toml import %s--chips chips.csv     (ada: who you are there; and --licences, if %s is not there yet)\n"
        "  here:\n    chiploc-agent --config %s\n",
        makers.c_str(), o_.licence.c_str(), config.c_str());
  }

  const AgentInitOptions& o_;
  WallTime now_;
  NewFolder folder_;
  DeviceId chip_ = o_.chip ? *o_.chip : random_chip();
  std::unique_ptr<Signer> key_;
  IssueRequest request_;
  std::string maker_name_;
};

AgentExit refuse(const std::string& text, AgentExit exit) {
  std::fprintf(stderr, "chiploc-agent init: %s\n", text.c_str());
  return exit;
}

}  // namespace

AgentExit run_agent_init(const AgentInitOptions& options, WallTime now) {
  try {
    Maker{options, now}.run();
  } catch (const Trouble& trouble) {
    return refuse(trouble.text, AgentExit::kCannotStart);
  } catch (const std::exception& error) {
    return refuse(std::string{"internal error: "} + error.what(), AgentExit::kInternal);
  }
  return AgentExit::kFine;
}

AgentExit agent_init_command(std::span<const char* const> arguments) {
  if (asks_for_agent_help(arguments)) {
    std::fputs(kInitHelp, stdout);
    return AgentExit::kFine;
  }
  const auto options = parse_agent_init(arguments);
  if (!options) return refuse(options.error(), AgentExit::kUsage);
  return run_agent_init(*options, agent_wall_now());
}

}  // namespace chiploc
