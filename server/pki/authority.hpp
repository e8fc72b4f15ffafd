#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "proto/crypto/certificate_request.hpp"
#include "proto/crypto/issue.hpp"
#include "server/pki/files.hpp"
#include "server/pki/folder.hpp"

namespace chiploc {

struct IssueOrder {
  std::string role;
  std::string name;
  std::vector<std::string> hosts{};  ///< of a coordinator, beside its name
  std::string holder{};              ///< of a person: whose rows alone they see; empty: everybody's
  std::string
      server{};  ///< of a person: HOST:PORT for their cli.toml; empty: a host of the coordinator's certificate
  int days = 365;
  std::optional<CertificateRequest> request{};  ///< none: a new key is made, and needs `out`
  /// Gets tls.pem and ca.pem, of a person cli.toml if it has none, and tls.key where it was made here: then the
  /// folder must not be there yet.
  std::optional<std::filesystem::path> out{};
};
struct RenewOrder {
  std::string name;                             ///< or a serial number
  std::optional<int> days{};                    ///< none: as many as the old one had
  std::optional<CertificateRequest> request{};  ///< none: the same key again
  bool revoke_old = false;
  std::optional<std::filesystem::path> out{};
};
struct Issued {
  Certificate certificate;
  std::vector<std::filesystem::path> files;  ///< that were written beside the authority's own
  std::string server{};                      ///< that a person's cli.toml names
  bool again = false;  ///< it had been issued before: what a killed run left was brought to its end
  std::optional<IssuedRecord> revoked{};  ///< the old one
};
struct Revoked {
  std::vector<IssuedRecord> now;
  std::vector<IssuedRecord> before;  ///< already were
  std::filesystem::path list;
};

/// An authority that signs. One process at a time; killed at any moment it leaves the old state or the new: a
/// certificate stands in the index before anybody gets it, and a revocation before the list is signed.
class Authority {
 public:
  /// Opens the key, which may ask a person, then waits for others to be done.
  [[nodiscard]] static PkiResult<Authority> open(const std::filesystem::path& folder,
                                                 const KeyAccess& access);

  /// The first moment of validity is five minutes ago: clocks differ. A request must ask for nothing else than
  /// the order says. The same request again gives the same certificate; otherwise a name that has a valid one
  /// of this role is refused.
  [[nodiscard]] PkiResult<Issued> issue(const IssueOrder& order, WallTime now);
  /// The newest certificate of that name once more, with the same role and hosts and new dates.
  [[nodiscard]] PkiResult<Issued> renew(const RenewOrder& order, WallTime now);
  /// Revokes all that these names have and these serial numbers mean, and signs the list anew; without a name
  /// that alone.
  [[nodiscard]] PkiResult<Revoked> revoke(const std::vector<std::string>& names, RevocationReason reason,
                                          WallTime now, int list_days);

 private:
  Authority(PkiFolder folder, CertificateAuthority ca, FolderLock lock)
      : folder_{std::move(folder)}, ca_{std::move(ca)}, lock_{std::move(lock)} {}
  struct Leaf {
    IssueRequest request;
    PublicKey key;
  };
  PkiResult<Certificate> sign(const Leaf& leaf, WallTime now) const;
  PkiResult<Done> save_index() const;
  PkiResult<Done> sign_list(WallTime now, int days);
  /// Puts the certificate on record; from here on it counts.
  PkiResult<Done> record(const Certificate& certificate, const IssueRequest& request);
  /// Where people find the coordinator, by the newest certificate of one: its first host beyond its name, DNS names first.
  struct Coordinator {
    std::string server, name;
  };
  [[nodiscard]] Coordinator coordinator(WallTime now) const;
  /// A person's cli.toml, unless there is one; whether it wrote it.
  [[nodiscard]] PkiResult<bool> deliver_config(const IssueOrder& order, const std::filesystem::path& out,
                                               WallTime now) const;
  PkiResult<Issued> issue_with_new_key(const IssueOrder& order, const IssueRequest& request, WallTime now);
  PkiResult<Issued> issue_for_request(const IssueOrder& order, const IssueRequest& request, WallTime now);
  PkiResult<std::vector<std::filesystem::path>> deliver(const Certificate& certificate,
                                                        const std::filesystem::path& out) const;

  PkiFolder folder_;
  CertificateAuthority ca_;
  FolderLock lock_;
};

}  // namespace chiploc
