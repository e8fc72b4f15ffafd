#pragma once
// From the lab file to programs and addresses. Pure.

#include <filesystem>
#include <string>
#include <vector>

#include "proto/base/ids.hpp"
#include "server/lab/lab_file.hpp"
#include "server/lab/relay_config.hpp"

namespace chiploc {

/// Several labs may run on one machine: lab n has the loopback networks 127.(4n+1) to 127.(4n+4).
inline constexpr int kLabNumbersMax = 63;

/// One program behind the relay. Others know it by its front alone.
struct LabEndpoint {
  std::string name;  ///< of the anchor, the chip's serial, or the serial with "-clone"
  UdpAddress real;
  UdpAddress front;
  std::filesystem::path folder;  ///< its configuration, keys and state
  NetworkSite site;
};

struct LabAgent {
  LabEndpoint endpoint;
  std::size_t chip = 0;                 ///< index in LabFile::chips
  bool clone = false;                   ///< the second program of a cloned chip
  std::vector<std::size_t> rendezvous;  ///< indexes of anchors; empty for inbound chips
};

/// Everything that is decided before anything is made. Chip ids are functions of the lab's name, seed and
/// serial, so that two runs show the same ids.
struct LabPlan {
  LabFile file;
  int number = 0;
  std::filesystem::path state;
  std::string coordinator_address;   ///< gRPC, "127.1.255.1:7443"
  std::filesystem::path page{};      ///< the folder of the coordinator's page; empty: it serves none
  std::string page_address;          ///< HTTP, "127.1.255.1:7480"
  std::vector<LabEndpoint> anchors;  ///< beside file.anchors
  std::vector<LabAgent> agents;      ///< of chips that ever have a program, clones after their originals
  std::vector<ChipId> chip_ids;      ///< beside file.chips

  /// The agent of a chip; nullptr for one that is silent for good.
  [[nodiscard]] const LabAgent* agent_of(std::size_t chip) const;
  [[nodiscard]] std::filesystem::path relay_socket() const { return state / "relay.sock"; }
};

/// `number` from 0 to kLabNumbersMax - 1; `state` absolute.
[[nodiscard]] LabPlan plan_lab(LabFile file, int number, std::filesystem::path state);

/// Where an anchor is in the network, and a chip, or its clone. The clone of a chip that has none now is
/// where the chip is.
[[nodiscard]] NetworkSite site_of(const LabAnchor& anchor);
[[nodiscard]] NetworkSite site_of(const LabChip& chip, bool clone);
/// At which anchors a chip, or its clone, knocks: of those that are for it the three nearest to where its traffic comes
/// out. Indexes; none of an inbound chip. Of the lab as it begins: the program is told once.
[[nodiscard]] std::vector<std::size_t> rendezvous_of(const LabFile& file, const LabChip& chip, bool clone);
/// Whether the program of this agent runs while the chip is like this.
[[nodiscard]] bool runs(const LabChip& chip, bool clone);

/// What the relay is told at first.
[[nodiscard]] RelayConfig relay_config_of(const LabPlan& plan);

/// The states that a chip's verdict may honestly have, as in the API ("VERIFIED", ...). Derived from its
/// behaviour and from where it truly is, never from what a lab showed:
///
///     honest                     VERIFIED CLEARED UNRESOLVED
///     extracted                  the same: what is proved is where the key is
///     silent                     SILENT
///     forged, replaying          INVALID
///     cloned                     INVALID UNRESOLVED
///     moved, relayed, stalled, lying
///                                UNRESOLVED, and what their true place allows: VERIFIED inside the licence,
///                                CLEARED outside prohibited territory, OUTSIDE outside the licence,
///                                PROHIBITED within it
///
/// So a cheat that stays UNRESOLVED is as it may be: nothing false was said of it.
[[nodiscard]] std::vector<std::string> expected_states(const LabChip& chip, const LabLicence& licence,
                                                       const LabPlaces& prohibited);
/// Whether the chip truly is in one of these places.
[[nodiscard]] bool covers(const LabPlaces& places, const LabChip& chip);

}  // namespace chiploc
