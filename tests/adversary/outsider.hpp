#pragma once
// What an outsider knows of a deployment: addresses, and the names and public keys that travel or are
// published. No private key, no session, nothing that only a party of the protocol holds. An insider has
// stolen one thing more.

#include <array>
#include <deque>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "proto/wire/datagram.hpp"
#include "proto/wire/ticket.hpp"

namespace chiploc::adversary {

enum class TargetKind : std::uint8_t { kAgent, kAnchor };

struct Target {
  TargetKind kind{};
  std::string name;  ///< "HOST:PORT", or the lab's name of it
  Endpoint address;
  ChipId chip;      ///< of an agent, when known
  AnchorId anchor;  ///< of an anchor, when known
};

struct Outsider {
  std::vector<Target> targets;
  std::vector<ChipId> chips;
  std::vector<AnchorId> anchors;
  CoordinatorId coordinator;
  std::string grpc;          ///< "HOST:PORT" of the coordinator; empty: unknown
  std::string server_name;   ///< in the coordinator's certificate
  std::filesystem::path ca;  ///< the authority's certificate, which is public; empty: unknown

  // Stolen by an insider.
  std::optional<ByteArray<Ticket::kSize>> ticket;  ///< a genuine one, of whatever round
  std::filesystem::path tls;                       ///< folder with an anchor's tls.pem and tls.key
  std::string tls_name;                            ///< that anchor's
  std::filesystem::path database;                  ///< whose tickets it sees as they are issued; empty: none

  // Learnt while it goes on.
  struct Cookie {
    std::size_t target = 0;  ///< tied to the address that knocked, so to this target's socket
    ChipId chip;
    Mac cookie;
  };
  std::deque<Cookie> cookies;
  struct Live {
    ByteArray<Ticket::kSize> ticket{};  ///< the newest of this target, an anchor
    Mac cookie;                         ///< that the anchor gave us for our OPEN under it
  };
  std::map<std::size_t, Live> live;  ///< by target
  std::deque<ByteVector> recorded;   ///< answers, to be sent again to anybody
};

/// "agent=127.0.0.1:7400" or "anchor=[::1]:7411". Fails with a sentence.
[[nodiscard]] Result<Target, std::string> target_from_text(const std::string& text);

/// All addresses and public names of a running lab, from its state folder. With `insider`, also the TLS key
/// of its last anchor, taken as stolen. Fails with a sentence that names the file.
[[nodiscard]] Result<Outsider, std::string> from_lab(const std::filesystem::path& state, bool insider);

}  // namespace chiploc::adversary
