#pragma once
// Whose word about a log counts: C2SP tlog-policy (2026). A file that people write and others' tools read too.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/base/result.hpp"
#include "server/evidence/checkpoint.hpp"

namespace chiploc {

/// What a checkpoint lacks, or that it is believed.
struct TrustVerdict {
  bool believed = false;
  std::string why{};                     ///< a sentence; empty where it is believed
  std::string log{};                     ///< the name of the log whose signature counts
  std::vector<std::string> witnesses{};  ///< by their names in the policy: whose cosignatures are good
  std::vector<std::string> problems{};   ///< signatures that are bad, or that this machine cannot check
};

/// Logs, witnesses, and how many of these have to have seen a tree. Immutable.
class TrustPolicy {
 public:
  struct Log {
    NoteKey key;
    std::string url{};
  };
  struct Witness {
    std::string name;
    NoteKey key;
    std::string url{};
  };
  static constexpr std::size_t kBytesMax = 262'144, kEntriesMax = 256;

  /// Fails with "line 7: ..." for what tlog-policy does not have: another word, a name twice or before it is defined, a key
  /// twice, a threshold that cannot be met, no quorum or two; and for more than kEntriesMax of a kind.
  [[nodiscard]] static Result<TrustPolicy, std::string> parse(std::string_view text);

  [[nodiscard]] const std::vector<Log>& logs() const { return logs_; }
  [[nodiscard]] const std::vector<Witness>& witnesses() const { return witnesses_; }
  /// Signed by one of the logs, whose name is the checkpoint's origin, and cosigned as the quorum says. A bad signature by a key
  /// of the policy's spoils it, whoever else signed.
  [[nodiscard]] TrustVerdict judge(const SignedCheckpoint& checkpoint) const;

 private:
  /// A witness or a group; members are indices into `nodes_` that are lower than its own.
  struct Node {
    std::string name;
    std::optional<std::size_t> witness{};
    std::size_t needed = 1;
    std::vector<std::size_t> members{};
  };
  class Reader;
  std::vector<Log> logs_;
  std::vector<Witness> witnesses_;
  std::vector<Node> nodes_;
  std::optional<std::size_t> quorum_{};  ///< nullopt: none is needed
};

}  // namespace chiploc
