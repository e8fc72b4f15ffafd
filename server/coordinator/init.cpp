#include "server/coordinator/init.hpp"

#include <optional>

#include "proto/base/new_folder.hpp"
#include "proto/base/safe_text.hpp"
#include "proto/base/sample_text.hpp"
#include "proto/crypto/certificate_request.hpp"
#include "proto/crypto/keys.hpp"
#include "server/coordinator/config.hpp"
#include "server/net/endpoint.hpp"
#include "server/pki/authority.hpp"
#include "server/pki/init.hpp"
#include "server/pki/role.hpp"

namespace chiploc {
namespace {

/// The name in the coordinator's certificate; anchors and people expect it whatever address they use.
constexpr const char* kName = "chiplocd";

/// Caught in init_coordinator and nowhere else seen.
struct Trouble {
  CoordinatorInitFault fault;
};
[[noreturn]] void wrong(std::string text) { throw Trouble{{true, std::move(text)}}; }
template <class T>
T take(Result<T, std::string> result) {
  if (!result) throw Trouble{{false, result.error()}};
  return std::move(result).value();
}
template <class T, class E>
T take(Result<T, E> result, const std::string& what) {
  if (!result) throw Trouble{{false, what + ": " + result.error().text}};
  return std::move(result).value();
}

bool is_address(const std::string& host) {
  return endpoint_from_text(host + ":0").has_value() || endpoint_from_text("[" + host + "]:0").has_value();
}

std::string configuration(const CoordinatorInitOptions& o) {
  SampleText sample{sample_chiplocd_toml()};
  sample.set("coordinator", "grpc", toml_quoted(o.listen));
  std::error_code ignored;
  // The authority's own list: what `chiploc pki revoke` writes there is in force at once, with nothing to carry.
  if (!o.authority.empty())
    sample.set("tls", "revocations",
               toml_quoted(std::filesystem::absolute(o.authority / kListFile, ignored).string()));
  if (!o.state_dir.empty()) {
    const auto database = std::filesystem::absolute(o.state_dir / "chiploc.db", ignored);
    sample.set("coordinator", "database", toml_quoted(database.string()));
  }
  if (!o.faults.empty()) {
    if (o.faults.size() > 2 || o.faults.find_first_not_of("0123456789") != std::string::npos)
      wrong("--faults \"" + log_text(o.faults) + "\" is no number of perspectives; write 0, 1 or 2");
    sample.set("policy", "faults", o.faults);
  }
  return sample.text();
}

std::string issue_command(const CoordinatorInitOptions& o, const std::string& request,
                          const std::string& out) {
  std::string command = "chiploc pki issue coordinator " + std::string{kName} + " --request " + request;
  if (!o.authority.empty()) command += " --dir " + o.authority.string();
  if (!out.empty()) command += " --out " + out;
  for (const std::string& host : o.hosts) command += " --host " + host;
  return command;
}

/// Where people of this machine reach a coordinator that listens there.
std::string server_for_people(const std::string& listen) {
  Endpoint server = *endpoint_from_text(listen);
  const bool any = server == Endpoint{.family = server.family, .address = {}, .port = server.port};
  if (any)
    server =
        *endpoint_from_text((server.family == 4 ? "127.0.0.1:" : "[::1]:") + std::to_string(server.port));
  return endpoint_text(server);
}

std::string admin_command(const CoordinatorInitOptions& o, const std::string& listen) {
  return "chiploc pki issue admin " + o.admin + " --dir " + o.authority.string() + " --server " +
         server_for_people(listen) + " --out " + o.admin;
}

/// The authority on this machine: made if need be, opened, and what it certifies.
class LocalAuthority {
 public:
  LocalAuthority(const CoordinatorInitOptions& options, WallTime now)
      : o_{options}, now_{now}, authority_{opened(options, now)} {}

  /// Every authority has a list from its first moment; one that was lost is signed anew.
  void ensure_list() {
    std::error_code ignored;
    if (std::filesystem::exists(o_.authority / kListFile, ignored)) return;
    take(authority_.revoke({}, RevocationReason::kUnspecified, now_, kListDays), "--authority");
  }
  void certify_coordinator() {
    const std::string csr = (o_.dir / "tls.csr").string();
    const auto request =
        CertificateRequest::from_pem(take(read_whole(csr, CertificateRequest::kSizeMax), csr));
    const auto issued = authority_.issue({.role = "coordinator",
                                          .name = kName,
                                          .hosts = o_.hosts,
                                          .request = take(request, csr),
                                          .out = o_.dir},
                                         now_);
    if (issued) return;
    const std::string admin =
        o_.admin.empty() ? "" : "; and for the admin " + o_.admin + ": " + admin_command(o_, o_.listen);
    throw Trouble{{false, o_.dir.string() + " was made and has no certificate yet" +
                              (admin.empty() ? "" : ", and no admin " + o_.admin + " was made") + ": " +
                              issued.error().text + "; when that is settled run: " +
                              issue_command(o_, csr, o_.dir.string()) + admin}};
  }
  void certify_admin() {
    const auto issued = authority_.issue(
        {.role = "admin", .name = o_.admin, .server = server_for_people(o_.listen), .out = o_.admin}, now_);
    if (issued) return;
    throw Trouble{{false, o_.dir.string() + " was made, and " + o_.admin +
                              " has no certificate yet: " + issued.error().text +
                              "; when that is settled run: " + admin_command(o_, o_.listen)}};
  }

 private:
  static Authority opened(const CoordinatorInitOptions& o, WallTime now) {
    KeyAccess access;
    access.passphrase_file = o.passphrase_file;
    std::error_code ignored;
    if (!std::filesystem::exists(o.authority / kIndexFile, ignored)) {
      InitOrder order;
      order.folder = o.authority;
      if (!o.passphrase_file.empty())
        order.passphrase = take(read_secret_line(o.passphrase_file), "--passphrase-file");
      take(init_authority(order, now), "--authority");
    }
    return take(Authority::open(o.authority, access), "--authority");
  }
  const CoordinatorInitOptions& o_;
  WallTime now_;
  Authority authority_;
};

std::string report(const CoordinatorInitOptions& o, const std::string& public_key) {
  const std::string config = (o.dir / "chiplocd.toml").string();
  std::string out = "made " + o.dir.string() +
                    " for the coordinator\n  coordinator.key  signs tickets: private\n"
                    "  tls.key          for TLS: private\n  chiplocd.toml    its configuration\n"
                    "  tls.csr          the request for its certificate\n";
  if (o.authority.empty()) {
    out +=
        "next:\n  where the authority is (chiploc pki init makes one), with tls.csr from here:\n    " +
        issue_command(o, "tls.csr", "") + "\n  put its answer here: the certificate as " +
        (o.dir / "tls.pem").string() + ", the authority's as " + (o.dir / "ca.pem").string() +
        "\n  that certificates can be revoked later: its crl.pem here too, named under [tls] revocations in\n    " +
        config + "\n  here:\n    chiplocd --config " + config + "\n";
  } else {
    out += "  tls.pem, ca.pem  its certificate, and that of the authority in " + o.authority.string() + "\n";
    if (!o.admin.empty())
      out += "made " + o.admin + " for the admin " + o.admin + ": key, certificate, and cli.toml\n";
    out += "who is to be refused from then on, at once:\n  chiploc pki revoke NAME --dir " +
           o.authority.string() + "\n";
    out += "next:\n  chiplocd --config " + config + "\n";
    if (!o.admin.empty()) out += "  chiploc --config " + o.admin + "/cli.toml status\n";
  }
  return out + "agents that it may measure are made with\n  chiploc-agent init ... --coordinator-key " +
         public_key + "\n";
}

/// A coordinator that is there already keeps its key, which agents know: nobody is told to move it away for an
/// admin's sake alone.
void refuse_second(const CoordinatorInitOptions& o) {
  std::error_code ignored;
  const auto config = o.dir / "chiplocd.toml";
  if (!std::filesystem::exists(config, ignored)) return;
  const std::filesystem::path folder = std::filesystem::absolute(o.dir, ignored).lexically_normal();
  std::string text =
      folder.string() + ": is there already, and nothing in it was changed: a coordinator with its keys";
  const auto there = [&](const std::filesystem::path& path) {
    return std::filesystem::exists(path, ignored);
  };
  if (!o.admin.empty() && there(o.admin)) {
    text += "; " + o.admin + " is there too";
  } else if (!o.admin.empty() && there(o.authority / kIndexFile)) {
    const std::string listen = load_daemon_config(config).config.grpc_address;
    text += "; for the admin " + o.admin +
            " alone: " + admin_command(o, endpoint_from_text(listen) ? listen : o.listen);
  }
  throw Trouble{{false, text +
                            "; for another coordinator name another folder with --dir: it gets a key of its "
                            "own, which no agent of this one knows"}};
}

/// What can be wrong with the options, before anything is made.
RequestSubject checked(const CoordinatorInitOptions& o) {
  RequestSubject subject{.common_name = kName, .organizational_unit = "coordinator"};
  subject.dns_names = {kName};
  for (const std::string& host : o.hosts)
    (is_address(host) ? subject.ip_addresses : subject.dns_names).push_back(host);
  if (const auto address = endpoint_from_text(o.listen); !address || address->port == 0)
    wrong("--listen \"" + log_text(o.listen) +
          "\" is no address and port; write 192.0.2.1:7443 or 0.0.0.0:7443");
  if (o.authority.empty() && (!o.admin.empty() || !o.passphrase_file.empty()))
    wrong("--admin and --passphrase-file go with --authority DIR");
  if (!o.admin.empty()) {
    if (const std::string problem = name_problem(o.admin); !problem.empty())
      wrong("--admin \"" + log_text(o.admin) + "\": " + problem);
  }
  refuse_second(o);
  if (!o.admin.empty()) {
    std::error_code ignored;
    if (std::filesystem::exists(o.admin, ignored) && !std::filesystem::is_empty(o.admin, ignored)) {
      throw Trouble{
          {false,
           o.admin +
               ": is there already, and nothing in it was changed; take another name, or move it away first"}};
    }
  }
  return subject;
}

CoordinatorInitReport make(const CoordinatorInitOptions& o, WallTime now) {
  const RequestSubject subject = checked(o);
  const std::string config = configuration(o);
  NewFolder folder = take(NewFolder::begin(o.dir));
  const auto put = [&](const char* name, const std::string& text) {
    take(folder.write(name, text, NewFolder::Readers::kAll));
  };
  const auto ticket_key = generate_key(SignatureAlgorithm::kEd25519);
  const std::string public_key = to_hex(*ticket_key->public_key().raw_ed25519());
  take(write_private_key(folder.path() / "coordinator.key", *ticket_key), "coordinator.key");
  const auto tls_key = generate_key(SignatureAlgorithm::kEs256);
  take(write_private_key(folder.path() / "tls.key", *tls_key), "tls.key");
  auto request = make_request(subject, *tls_key);
  if (!request) wrong("--host: " + request.error().text);
  put("tls.csr", *request);
  put("chiplocd.toml", config);
  if (const auto loaded = load_daemon_config(folder.path() / "chiplocd.toml"); !loaded.faults.empty())
    wrong(loaded.faults.front());
  std::optional<LocalAuthority> authority;
  if (!o.authority.empty()) authority.emplace(o, now);  // before the folder gets its name: a wrong passphrase
  if (authority) authority->ensure_list();
  take(folder.finish());
  if (authority) authority->certify_coordinator();
  if (authority && !o.admin.empty()) authority->certify_admin();
  return report(o, public_key);
}

}  // namespace

Result<CoordinatorInitReport, CoordinatorInitFault> init_coordinator(const CoordinatorInitOptions& options,
                                                                     WallTime now) {
  try {
    return make(options, now);
  } catch (const Trouble& trouble) {
    return Fail{trouble.fault};
  }
}

}  // namespace chiploc
