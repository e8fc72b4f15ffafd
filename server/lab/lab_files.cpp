#include "server/lab/lab_files.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>
#include <utility>
#include <vector>

#include "proto/base/role.hpp"
#include "proto/crypto/digest.hpp"
#include "proto/crypto/issue.hpp"
#include "proto/crypto/keys.hpp"
#include "server/lab/lab_registry.hpp"
#include "server/lab/lab_timeline.hpp"
#include "server/pki/role.hpp"

namespace chiploc {
namespace {

namespace fs = std::filesystem;

/// What ends the writing; caught in write_lab and nowhere else seen. Every one of some twenty steps can fail,
/// and all failures mean the same: no lab.
struct Trouble {
  std::string text;
};

template <class T, class E>
T take(Result<T, E> result, const std::string& what) {
  if (!result) throw Trouble{what + ": " + result.error().text};
  return std::move(result).value();
}

/// A TOML basic string.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

void write_text(const fs::path& file, const std::string& text) {
  std::ofstream out{file, std::ios::binary};
  out << text;
  out.close();
  if (!out) throw Trouble{"cannot write " + file.string() + ": " + std::strerror(errno)};
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Trouble{"cannot make the folder " + folder.string() + ": " + error.message()};
}

SignatureAlgorithm device_algorithm(std::size_t chip) {
  constexpr std::array kTurns{SignatureAlgorithm::kEs256, SignatureAlgorithm::kEd25519,
                              SignatureAlgorithm::kEs384};
  return kTurns[chip % kTurns.size()];
}

class Writer {
 public:
  Writer(const LabPlan& plan, WallTime now)
      : plan_{plan},
        from_{now - std::chrono::hours{1}},
        tls_ca_{take(CertificateAuthority::create("chiploc lab " + plan.file.name + " TLS",
                                                  SignatureAlgorithm::kEs256, from_, kDays),
                     "TLS authority")},
        makers_{makers_of(plan.file)} {
    for (const std::string& maker : makers_) {
      const std::string name =
          maker == kLabMaker ? "chiploc lab " + plan.file.name + " maker" : maker + " CA";
      maker_cas_.push_back(take(CertificateAuthority::create(name, SignatureAlgorithm::kEs256, from_, kDays),
                                "maker's authority"));
    }
  }

  void run() {
    for (const char* folder : {"chiplocd", "operator", "registry", "logs"}) make_folder(plan_.state / folder);
    write_text(plan_.state / "ca.pem", tls_ca_.certificate().pem());
    std::string makers;
    for (const CertificateAuthority& maker : maker_cas_) makers += maker.certificate().pem();
    write_text(plan_.state / "maker-ca.pem", makers);
    write_text(plan_.state / "relay.toml", relay_config_text(relay_config_of(plan_)));
    write_coordinator();
    write_operator();
    write_holders();
    for (std::size_t i = 0; i < plan_.anchors.size(); ++i) write_anchor(i);
    for (std::size_t i = 0; i < plan_.file.chips.size(); ++i) write_chip(i);
    write_registry();
  }

 private:
  static constexpr int kDays = 30;

  /// A TLS key and certificate in `folder`.
  void write_tls(const fs::path& folder, const std::string& name, Role role, const std::string& holder = {}) {
    const auto key = generate_key(SignatureAlgorithm::kEs256);
    IssueRequest request = leaf_request(*pki_role(unit_of(role)), name, {}, from_, kDays);
    if (!holder.empty()) request.organization = std::string{kHolderEntity} + holder;
    const Certificate certificate = take(tls_ca_.issue(request, key->public_key()), "certificate of " + name);
    write_text(folder / "tls.pem", certificate.pem());
    take(write_private_key(folder / "tls.key", *key), "TLS key of " + name);
  }

  void write_coordinator() {
    const fs::path folder = plan_.state / "chiplocd";
    const auto key = generate_key(SignatureAlgorithm::kEd25519);
    coordinator_public_ = to_hex(*key->public_key().raw_ed25519());
    take(write_private_key(folder / "coordinator.key", *key), "coordinator's key");
    write_tls(folder, "chiplocd", Role::kCoordinator);
    const LabPolicy& p = plan_.file.policy;
    std::ostringstream out;
    out << "[coordinator]\ngrpc = " << quoted(plan_.coordinator_address)
        << "\nkey = \"file:coordinator.key\"\ndatabase = \"chiploc.db\"\n\n[tls]\nca = \"../ca.pem\"\n"
        << "certificate = \"tls.pem\"\nkey = \"tls.key\"\n\n[policy]\nspeed = " << quoted(p.speed)
        << "\nfaults = " << p.faults;
    const int to_clear = p.faults + p.more_to_clear;
    if (p.more_to_clear > 0) out << "\nfaults_to_clear = " << to_clear;
    if (p.more_to_accuse > 0) out << "\nfaults_to_accuse = " << to_clear + p.more_to_accuse;
    out << "\npings = " << p.pings << "\nping_interval_ms = " << p.ping_interval_ms
        << "\nprepare_deadline_ms = " << p.prepare_deadline_ms
        << "\nround_deadline_ms = " << p.round_deadline_ms << "\nlinger_ms = " << p.linger_ms
        << "\nknock_interval_ms = " << plan_.file.knock_interval_ms
        << "\nknock_wait_ms = " << 2 * plan_.file.knock_interval_ms + 1'000 << "\n\n";
    if (!plan_.page.empty())
      out << "[http]\naddress = " << quoted(plan_.page_address) << "\npage = " << quoted(plan_.page.string())
          << "\n\n";
    std::istringstream own{plan_.file.chiplocd};
    for (std::string line; std::getline(own, line);) {
      if (!line.empty()) out << line << "\n";
    }
    write_text(folder / "chiplocd.toml", out.str());
  }

  /// For the command line, beside or above the folder with certificate and key.
  void write_cli(const fs::path& file, const std::string& authority, const std::string& tls) {
    write_text(file, "server = " + quoted(plan_.coordinator_address) + "\nserver_name = \"chiplocd\"\nca = " +
                         quoted(authority) + "\ncertificate = " + quoted(tls + "tls.pem") +
                         "\ntls_key = " + quoted(tls + "tls.key") + "\n");
  }

  void write_operator() {
    write_tls(plan_.state / "operator", "lab-operator", Role::kAdmin);
    write_cli(plan_.state / "cli.toml", "ca.pem", "operator/");
  }

  /// Of each licence with orders of the registry: its holder, who keeps what is his own.
  void write_holders() {
    for (const LabLicence& licence : plan_.file.licences) {
      const auto& orders = plan_.file.orders;
      const bool ordered = std::any_of(orders.begin(), orders.end(), [&](const LabOrder& order) {
        return order.parties && plan_.file.chips[order.first].licence == licence.id;
      });
      if (!ordered || !holder_problem(licence.holder).empty()) continue;
      const fs::path folder = plan_.state / "holders" / licence.id;
      make_folder(folder);
      write_tls(folder, "holder-" + licence.id, Role::kRegistrar, licence.holder);
      write_cli(folder / "cli.toml", "../../ca.pem", "");
    }
  }

  void write_anchor(std::size_t index) {
    const LabEndpoint& anchor = plan_.anchors[index];
    make_folder(anchor.folder / "state");
    const auto key = generate_key(SignatureAlgorithm::kEd25519);
    anchor_publics_.push_back(to_hex(*key->public_key().raw_ed25519()));
    take(write_private_key(anchor.folder / "anchor.key", *key), "report key of " + anchor.name);
    write_tls(anchor.folder, anchor.name, Role::kAnchor);
    write_text(
        anchor.folder / "anchor.toml",
        "[anchor]\nname = " + quoted(anchor.name) + "\nlisten = [" + quoted(anchor.real.text()) +
            "]\nkey = \"file:anchor.key\"\nstate_dir = \"state\"\n\n[coordinator]\naddress = " +
            quoted(plan_.coordinator_address) +
            "\nserver_name = \"chiplocd\"\nca = \"../../ca.pem\"\ncertificate = \"tls.pem\"\ntls_key = "
            "\"tls.key\"\n\n"
            "[mesh]\ninterval_ms = 1000\nreport_interval_ms = 2000\n\n[timing]\nstamps = \"kernel\"\n");
  }

  /// The chip's key and certificate, and a folder for each program that holds them.
  void write_chip(std::size_t index) {
    const LabChip& chip = plan_.file.chips[index];
    const auto key = generate_key(device_algorithm(index));
    IssueRequest request;
    request.common_name = chip.serial;
    request.serial_number = plan_.chip_ids[index].hex();
    request.from = from_;
    request.days = kDays;
    const Certificate certificate =
        take(maker_cas_[maker_of(plan_.file, chip)].issue(request, key->public_key()),
             "certificate of " + chip.serial);
    chip_certificates_.push_back(certificate.pem());
    for (const LabAgent& agent : plan_.agents) {
      if (agent.chip != index) continue;
      const fs::path& folder = agent.endpoint.folder;
      make_folder(folder / "state");
      take(write_private_key(folder / "chip.key", *key), "key of " + chip.serial);
      write_text(folder / "chip.pem", certificate.pem());
      if (ever(plan_.file, index, Behaviour::kForged)) {
        const auto forged = generate_key(device_algorithm(index));
        take(write_private_key(folder / "forged.key", *forged), "forger's key of " + chip.serial);
      }
      write_text(folder / "agent.toml", agent_toml(agent));
    }
  }

  [[nodiscard]] std::string agent_toml(const LabAgent& agent) const {
    std::string out =
        "[agent]\nlisten = [" + quoted(agent.endpoint.real.text()) +
        "]\nstate_dir = \"state\"\n\n[chip]\nmodel = " + quoted(model_of(plan_.file.chips[agent.chip])) +
        "\nfirmware_version = \"1.0.0\"\nfirmware_measurement = \"" +
        sha256(bytes_of("chiploc lab firmware 1.0.0")).hex() +
        "\"\ndebug_state = \"disabled-permanently\"\n\n[key]\nuri = "
        "\"file:chip.key\"\ncertificate = \"chip.pem\"\n\n"
        "[[coordinator]]\nname = \"lab\"\npublic_key = \"" +
        coordinator_public_ + "\"\n";
    for (const std::size_t i : agent.rendezvous) {
      out += "\n[[rendezvous]]\naddress = \"" + plan_.anchors[i].front.text() + "\"\npublic_key = \"" +
             anchor_publics_[i] + "\"\n";
    }
    out += "\n[knock]\nmean_interval_ms = " + std::to_string(plan_.file.knock_interval_ms) + "\n";
    return out;
  }

  void write_registry() {
    LabIdentities identities{
        .maker_cas = {}, .anchor_keys = anchor_publics_, .chip_certificates = chip_certificates_};
    for (const CertificateAuthority& maker : maker_cas_)
      identities.maker_cas.push_back(maker.certificate().pem());
    for (const LabRegistryFile& file : registry_files(plan_, identities))
      write_text(plan_.state / "registry" / file.name, file.content);
  }

  const LabPlan& plan_;
  WallTime from_;
  CertificateAuthority tls_ca_;
  std::vector<std::string> makers_;
  std::vector<CertificateAuthority> maker_cas_;  ///< beside makers_
  std::string coordinator_public_;
  std::vector<std::string> anchor_publics_;
  std::vector<std::string> chip_certificates_;
};

}  // namespace

Result<Done, std::string> write_lab(const LabPlan& plan, WallTime now) {
  try {
    Writer{plan, now}.run();
  } catch (const Trouble& trouble) {
    return Fail{trouble.text};
  }
  return Done{};
}

}  // namespace chiploc
