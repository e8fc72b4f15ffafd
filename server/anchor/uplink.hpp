#pragma once
#include <asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "proto/base/ids.hpp"
#include "server/anchor/keeper.hpp"
#include "server/anchor/prober_types.hpp"
#include "server/net/tls.hpp"

namespace chiploc {
namespace v1 {
class AnchorMessage;
class CoordinatorMessage;
}  // namespace v1

struct UplinkOptions {
  std::string address;                  ///< host:port
  std::string address_from{"address"};  ///< where that stands
  std::string server_name;              ///< the name in the coordinator's certificate
  TlsFiles tls;                         ///< read at every attempt, so that renewed certificates are taken up
  std::string anchor;                   ///< registry name
  AnchorId id;
  X25519Public mesh_public;
  std::string software_version;
  Nanoseconds retry_first = std::chrono::milliseconds{500};
  Nanoseconds retry_max = std::chrono::seconds{10};
  /// No Welcome for this long: the attempt is given up.
  Nanoseconds welcome_timeout = std::chrono::seconds{10};
  /// A stream that lasted this long has been a success: the next failure starts with short waits again.
  Nanoseconds stable_after = std::chrono::seconds{10};
  Nanoseconds heartbeat_interval = std::chrono::seconds{5};
  /// Spooled messages sent and not yet acknowledged.
  std::size_t window = 256;
  /// A message that is not acknowledged for this long is sent again on the same stream: the coordinator could
  /// not store it (its disk was full), or the acknowledgement was lost in a full queue.
  Nanoseconds redeliver_after = std::chrono::seconds{15};
  /// Messages waiting in the stream; while there are more, progress notes are left out.
  std::size_t backlog = 1024;
};

/// The stream to the coordinator: attaches, says Hello, delivers what the keeper has, takes commands, comes
/// back after every failure. Every spooled message is sent again on each new stream, and on a lasting one
/// after `redeliver_after`, until it is acknowledged, under the same id, so the coordinator sees each exactly
/// once if it drops ids that it knows. A dead peer is found by HTTP/2 keepalive.
///
/// Lives on the io_context's thread, as do all its functions and events; gRPC's own threads only post there,
/// and nothing here blocks it but the destructor, which waits for gRPC to let go of the stream.
class Uplink {
 public:
  struct Events {
    std::function<void(const v1::CoordinatorMessage& command)>
        on_command;  ///< all but Welcome and Acknowledge
    std::function<std::uint32_t()> rounds_in_flight;
    /// Fills in who knocked since the last heartbeat; false: nobody. May be empty.
    std::function<bool(v1::AnchorMessage& message)> knocks{};
    std::function<void(bool attached)> on_change{};
  };
  /// `random` draws the waits between attempts.
  Uplink(asio::io_context& io, UplinkOptions options, Keeper& keeper, RandomFill random, Events events);
  ~Uplink();
  Uplink(const Uplink&) = delete;
  Uplink& operator=(const Uplink&) = delete;

  void start();
  /// Ends the stream; nothing is sent or called after it.
  void stop();
  [[nodiscard]] bool attached() const;
  /// Sends a message that is not spooled, if the coordinator is there. False if it is not.
  bool send(const v1::AnchorMessage& message);
  /// The same for a note that may be left out when much is waiting.
  void send_progress(const RoundProgress& progress);
  /// The keeper has something new. May be called from any thread.
  void on_kept();

 private:
  class Core;
  std::shared_ptr<Core> core_;  ///< shared with handlers that are still posted
};

}  // namespace chiploc
