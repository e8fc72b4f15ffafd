#pragma once
#include <functional>
#include <string>

#include "server/anchor/anchor_core.hpp"

namespace chiploc {
namespace v1 {
class AnchorMessage;
class CoordinatorMessage;
}  // namespace v1

/// Turns the coordinator's commands into calls on the core, and the answers into messages. Translation only:
/// no state, no socket. Runs on the core's thread.
class AnchorCommands {
 public:
  using Reply = std::function<void(const v1::AnchorMessage& message)>;
  AnchorCommands(AnchorCore& core, Reply reply) : core_{core}, reply_{std::move(reply)} {}

  /// A command that makes no sense, or cannot be followed, is answered with CannotPrepare where its sender
  /// waits for something (prepare, assign), and logged by name in any case; the stream goes on.
  void handle(const v1::CoordinatorMessage& command, const ClockReading& now);

 private:
  void cannot(const std::string& round, const std::string& what, const std::string& reason);

  AnchorCore& core_;
  Reply reply_;
};

}  // namespace chiploc
