#pragma once
#include <cstdint>
#include <map>
#include <utility>

#include "geo/delay_model.hpp"
#include "proto/ids.hpp"
#include "proto/time.hpp"
#include "proto/v1/evidence.pb.h"
#include "server/registry/registry.hpp"

namespace chiploc {

/// The delay model as the anchors' mesh teaches it: the newest minimum of each ordered pair, refitted when
/// asked. One thread; pure.
class Calibration {
 public:
  /// Takes the pairs of one mesh window, whose signature has been checked. Pairs with unregistered anchors
  /// are left out: a lying anchor could fill the table with peers that it made up. Those that are registered
  /// later come with a later window.
  void add(const v1::MeshBody& body, const Registry& registry);
  /// Fits over all pairs whose two places the registry knows. Each fit that changes the text gets the next
  /// number.
  void refit(const Registry& registry);
  [[nodiscard]] const DelayModel& model() const { return model_; }
  [[nodiscard]] std::size_t pairs() const { return newest_.size(); }

 private:
  std::map<std::pair<AnchorId, AnchorId>, Nanoseconds> newest_;
  DelayModel model_ = default_delay_model();
};

}  // namespace chiploc
