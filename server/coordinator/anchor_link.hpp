#pragma once
#include <memory>
#include <string>

#include "proto/v1/anchor_service.pb.h"
#include "server/rounds/anchor_door.hpp"
#include "server/rounds/engine_actions.hpp"

namespace chiploc {

/// The way to one attached anchor. Implemented by server/grpc/anchor_service; thread-safe.
class AnchorLink {
 public:
  virtual ~AnchorLink() = default;
  /// Queues a message. False if the queue is full or the stream has ended: the message is lost, and counted
  /// here.
  virtual bool send(const v1::CoordinatorMessage& message) = 0;
  /// Where the stream comes from, for people.
  [[nodiscard]] virtual std::string peer() const { return {}; }
  /// Ends the stream with the status for `end` and this sentence.
  virtual void end(LinkEnd end, const std::string& text) = 0;
  /// One of the messages that were given to the Coordinator has been dealt with: another may be read. Called
  /// once for each, from any thread, in any order.
  virtual void handled() {}
};

[[nodiscard]] inline ReadCredit read_credit(std::shared_ptr<AnchorLink> link) {
  AnchorLink* const raw = link.get();
  return {raw, [link = std::move(link)](const void*) { link->handled(); }};
}

}  // namespace chiploc
