#pragma once
#include <sys/stat.h>

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "proto/crypto/certificate.hpp"

namespace chiploc {

/// Which certificates of ours no longer count: the list (crl.pem) that a configuration names, read anew
/// whenever the file changes.
///
/// A list that cannot be read, or that none of our authorities signed, or that is older than the one in force
/// leaves that in force. One whose next update is over stays in force too: what it revokes stays revoked, and to
/// refuse everybody because a person forgot to carry a file would only lock out those who can mend it.
///
/// Threads   revoked() from any; poll() from one at a time.
class Revocations {
 public:
  /// Reads the file. Fails with a sentence: there must be a good list at the start.
  [[nodiscard]] static Result<std::unique_ptr<Revocations>, std::string> open(
      std::filesystem::path file, std::vector<Certificate> authorities);

  enum class News {
    kNone,    ///< the file is as it was
    kTaken,   ///< another list is in force, or the same again after one that was refused
    kRefused  ///< the file changed, and the list stayed as it was; problem() says why
  };
  /// Looks whether the file has changed (one stat), and reads it if so.
  News poll();
  [[nodiscard]] const std::string& problem() const { return problem_; }

  /// What the list says of a certificate; nullopt where it counts.
  [[nodiscard]] std::optional<RevokedCertificate> revoked(const Certificate& certificate) const;
  /// The list in force.
  [[nodiscard]] RevocationList list() const;
  /// Whether that list promised a newer one before now.
  [[nodiscard]] bool stale(WallTime now) const;

 private:
  struct FileState {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = -1;  ///< no such file
    timespec modified{};
    bool operator==(const FileState& other) const;
  };
  Revocations(std::filesystem::path file, std::vector<Certificate> authorities)
      : file_{std::move(file)}, authorities_{std::move(authorities)} {}
  [[nodiscard]] FileState look() const;
  [[nodiscard]] Result<RevocationList, std::string> read() const;

  const std::filesystem::path file_;
  const std::vector<Certificate> authorities_;
  FileState seen_;
  std::string problem_;
  mutable std::mutex mutex_;  ///< guards list_
  std::optional<RevocationList> list_;
};

/// "the certificate SERIAL of NAME was revoked on ... (key-compromise); ask for a new one"
[[nodiscard]] std::string revoked_text(const Certificate& certificate, const RevokedCertificate& entry);

}  // namespace chiploc
