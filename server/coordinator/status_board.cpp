#include "server/coordinator/status_board.hpp"

#include <utility>

namespace chiploc {

void StatusBoard::apply(RoundEngine::Changes&& changes) {
  if (changes.counts.empty() && !changes.standing && changes.anchors.empty() && !changes.place_problems &&
      changes.knocks.empty())
    return;
  const std::scoped_lock lock{mutex_};
  if (changes.standing) {
    auto counters = std::move(standing_.counters);
    standing_ = *std::move(changes.standing);
    standing_.counters = std::move(counters);
  }
  for (const auto& [name, times] : changes.counts) standing_.counters[name] += times;
  for (AnchorStatus& anchor : changes.anchors) anchors_[anchor.anchor] = std::move(anchor);
  if (changes.place_problems) place_problems_ = *std::move(changes.place_problems);
  for (const auto& [chip, rhythm] : changes.knocks) knocks_[chip] = rhythm;
}

std::optional<KnockRhythm> StatusBoard::knocks_of(const ChipId& chip) const {
  const std::scoped_lock lock{mutex_};
  const auto found = knocks_.find(chip);
  return found == knocks_.end() ? std::nullopt : std::optional{found->second};
}

std::uint64_t StatusBoard::note_drop(const AnchorId& anchor, const std::string& name) {
  const std::scoped_lock lock{mutex_};
  ++standing_.counters["dropped_" + name];
  return ++dropped_at_doors_[anchor][name];
}

void StatusBoard::note_certificate(const AnchorId& anchor, const CertificateLife& life) {
  const std::scoped_lock lock{mutex_};
  certificates_[anchor] = life;
}

CoordinatorStatus StatusBoard::status() const {
  const std::scoped_lock lock{mutex_};
  return standing_;
}

std::vector<AnchorStatus> StatusBoard::anchors() const {
  const std::scoped_lock lock{mutex_};
  std::map<AnchorId, AnchorStatus> all = anchors_;
  for (const auto& [id, dropped] : dropped_at_doors_) {
    for (const auto& [name, times] : dropped) all[id].dropped[name] += times;
  }
  for (const auto& [id, life] : certificates_) all[id].certificate = life;
  for (const auto& [id, problem] : place_problems_) all[id].place_problem = problem;
  std::vector<AnchorStatus> out;
  for (auto& [id, anchor] : all) {
    anchor.anchor = id;
    out.push_back(std::move(anchor));
  }
  return out;
}

}  // namespace chiploc
