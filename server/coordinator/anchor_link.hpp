#pragma once
#include <cstdint>
#include <string>

#include "proto/v1/anchor_service.pb.h"

namespace chiploc {

/// Why an anchor's stream is ended by the coordinator.
enum class LinkEnd {
  kUnsupportedVersion,  ///< it speaks another protocol version
  kNotRegistered,       ///< unknown name, or its id is not the registered key's
  kWrongCertificate,    ///< the TLS certificate is another anchor's
  kReplaced,            ///< a newer stream of the same anchor came
  kProtocol,            ///< a message that makes no sense at that point
  kShuttingDown,
};

/// The way to one attached anchor. Implemented by server/grpc/anchor_service; thread-safe.
class AnchorLink {
 public:
  virtual ~AnchorLink() = default;
  /// Queues a message. False if the queue is full or the stream has ended: the message is lost, and counted
  /// here.
  virtual bool send(const v1::CoordinatorMessage& message) = 0;
  /// Ends the stream with the status for `end` and this sentence.
  virtual void end(LinkEnd end, const std::string& text) = 0;
  /// One of the messages that were given to the Coordinator has been dealt with: another may be read. Called
  /// once for each, from any thread, in any order.
  virtual void handled() {}
};

}  // namespace chiploc
