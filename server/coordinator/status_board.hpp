#pragma once
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "server/rounds/engine.hpp"

namespace chiploc {

/// What status() and anchors() show: the engine's thread writes, any thread reads; what was dropped at the
/// doors is counted by the threads that read the streams.
class StatusBoard {
 public:
  void apply(RoundEngine::Changes&& changes);
  /// A message of this anchor was dropped at its door; how many of that name have been.
  std::uint64_t note_drop(const AnchorId& anchor, const std::string& name);

  /// It has attached with a certificate of this validity.
  void note_certificate(const AnchorId& anchor, const CertificateLife& life);

  [[nodiscard]] CoordinatorStatus status() const;
  [[nodiscard]] std::vector<AnchorStatus> anchors() const;
  /// nullopt: it was not heard since the start.
  [[nodiscard]] std::optional<KnockRhythm> knocks_of(const ChipId& chip) const;

 private:
  mutable std::mutex mutex_;  // guards what follows
  CoordinatorStatus standing_;
  std::map<AnchorId, AnchorStatus> anchors_;
  std::map<AnchorId, std::map<std::string, std::uint64_t>> dropped_at_doors_;
  std::map<AnchorId, CertificateLife> certificates_;
  std::map<AnchorId, std::string> place_problems_;  ///< of registered anchors, attached or not
  std::unordered_map<ChipId, KnockRhythm> knocks_;
};

}  // namespace chiploc
