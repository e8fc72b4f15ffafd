#include "server/scenario/delay_watch.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

#include "geo/estimate/median.hpp"
#include "server/detect/baseline_change.hpp"
#include "server/detect/change_kind.hpp"
#include "server/detect/cohort_level.hpp"
#include "server/detect/fleet_share.hpp"
#include "server/detect/score_law.hpp"
#include "server/detect/watch.hpp"

namespace chiploc {
namespace {

constexpr Nanoseconds kDay = std::chrono::hours{24};
constexpr double kUnusual = 0.05;          ///< a round with a p-value of at most this may belong to a change
constexpr double kAsUnusual = 10.0;        ///< times the p-value of the round at which the watch speaks
constexpr std::size_t kFewestOfASite = 4;  ///< whose middle is taken off

std::size_t measured_in(const DelayRound& round) {
  return static_cast<std::size_t>(
      std::count_if(round.rtt_ms.begin(), round.rtt_ms.end(), [](double rtt) { return std::isfinite(rtt); }));
}

/// Chips whose rounds are one round of the lab at one site, each with the index of its round.
struct Together {
  std::vector<std::pair<std::size_t, std::size_t>> members;  ///< chip, index of the round
};

std::vector<Together> together(const std::vector<DelayChip>& chips) {
  std::map<std::pair<std::size_t, std::string>, Together> groups;
  for (std::size_t c = 0; c < chips.size(); ++c) {
    for (std::size_t r = 0; r < chips[c].rounds.size(); ++r) {
      const DelayRound& round = chips[c].rounds[r];
      if (!round.rtt_ms.empty()) groups[{round.round, chips[c].site_name}].members.emplace_back(c, r);
    }
  }
  std::vector<Together> out;
  for (auto& [key, group] : groups) out.push_back(std::move(group));
  return out;
}

struct Scores {
  double common = 0.0;
  double move = 0.0;
};

/// A chip's baseline and what its rounds are against it.
struct Followed {
  std::vector<std::optional<PathLaw>> baseline;  ///< beside the anchors; empty: too few rounds
  std::size_t first_behind = 0;                  ///< the first round behind the baseline
  std::vector<std::optional<Scores>> scores;     ///< beside the rounds, those behind it
};

Followed follow(const DelayChip& chip, std::size_t anchors, const DetectRules& rules) {
  Followed out;
  out.scores.resize(chip.rounds.size());
  std::vector<PathBaseline> paths(anchors);
  std::size_t taken = 0, r = 0;
  for (; r < chip.rounds.size() && taken < rules.baseline_rounds; ++r) {
    if (measured_in(chip.rounds[r]) < ChangeOptions{}.fewest_anchors) continue;
    for (std::size_t a = 0; a < anchors; ++a) {
      if (std::isfinite(chip.rounds[r].rtt_ms[a]))
        static_cast<void>(paths[a].add(chip.rounds[r].rtt_ms[a], a));
    }
    ++taken;
  }
  if (taken < rules.baseline_rounds) return out;
  const std::size_t fewest = std::max<std::size_t>(2, rules.baseline_rounds / 2);
  for (const PathBaseline& path : paths) out.baseline.push_back(path.law(fewest));
  out.first_behind = r;
  return out;
}

std::optional<Scores> scores_of(const Followed& chip, const std::vector<double>& rtt_ms) {
  if (chip.baseline.empty() || rtt_ms.empty()) return std::nullopt;
  const auto change = compare_with_baseline(chip.baseline, rtt_ms);
  if (!change) return std::nullopt;
  return Scores{change->common_z, change->move_z};
}

/// Indexes of rounds with scores: those that teach the law, and those behind, which are judged.
struct Parts {
  std::vector<std::size_t> law, judged;
};
Parts parts_of(const std::vector<std::optional<Scores>>& scores, const DetectRules& rules) {
  Parts out;
  for (std::size_t r = 0; r < scores.size(); ++r) {
    if (scores[r]) (out.law.size() < rules.law_rounds ? out.law : out.judged).push_back(r);
  }
  return out;
}

/// p-values of rounds by what honest rounds of all chips scored.
class Laws {
 public:
  static std::optional<Laws> learn(const std::vector<std::vector<std::optional<Scores>>>& chips,
                                   const DetectRules& rules) {
    std::vector<double> common, move;
    for (const auto& scores : chips) {
      for (const std::size_t r : parts_of(scores, rules).law) {
        common.push_back(scores[r]->common);
        move.push_back(scores[r]->move);
      }
    }
    auto of_common = ScoreLaw::learn(common);
    auto of_move = ScoreLaw::learn(move);
    if (!of_common || !of_move) return std::nullopt;
    return Laws{*std::move(of_common), *std::move(of_move)};
  }
  [[nodiscard]] double p_value(const Scores& scores) const {
    return std::min(1.0, 2.0 * std::min(common_.p_value(scores.common), move_.p_value(scores.move)));
  }

 private:
  Laws(ScoreLaw common, ScoreLaw move) : common_{std::move(common)}, move_{std::move(move)} {}
  ScoreLaw common_, move_;
};

class Watch {
 public:
  Watch(const std::vector<DelayChip>& chips, const std::vector<LatLon>& anchors, const DetectRules& rules)
      : chips_{chips}, anchors_{anchors}, rules_{rules}, findings_(chips.size()), groups_{together(chips)} {
    for (std::size_t c = 0; c < chips.size(); ++c) {
      findings_[c].change.resize(chips[c].rounds.size());
      findings_[c].cohort.resize(chips[c].rounds.size());
      findings_[c].judged.resize(chips[c].rounds.size());
      followed_.push_back(follow(chips[c], anchors.size(), rules));
    }
  }

  std::vector<DelayFinding> run() {
    if (!anchors_.empty() && anchors_.size() <= kMostPaths) {
      look_at_cohorts();
      look_at_baselines();
      look_at_fleet();
    }
    return std::move(findings_);
  }

 private:
  void say(std::size_t chip, Detector by, std::size_t round, Nanoseconds at, std::string kind) {
    findings_[chip].words.push_back({by, round, at, std::move(kind)});
  }

  void judged(std::size_t chip, Detector by, std::size_t round) {
    findings_[chip].judged[round].set(static_cast<std::size_t>(by));
  }

  void look_at_cohorts() {
    CohortLevel level;
    level.level = rules_.level;
    for (const Together& group : groups_) {
      std::vector<double> rows;
      for (const auto& [chip, round] : group.members) {
        const auto& rtt = chips_[chip].rounds[round].rtt_ms;
        rows.insert(rows.end(), rtt.begin(), rtt.end());
      }
      const auto tested = test_cohort(rows, anchors_.size(), level);
      for (std::size_t i = 0; i < tested.size(); ++i) {
        const auto [chip, round] = group.members[i];
        if (tested[i].member.judged) {
          findings_[chip].cohort[round] = -std::log10(tested[i].p_value);
          judged(chip, Detector::kCohort, round);
        }
        if (!tested[i].flagged) continue;
        say(chip, Detector::kCohort, round, chips_[chip].rounds[round].ended,
            tested[i].member.common_ms > tested[i].member.spread_ms ? "later" : "elsewhere");
      }
    }
  }

  void look_at_baselines() {
    std::vector<std::vector<std::optional<Scores>>> scores;
    for (std::size_t c = 0; c < chips_.size(); ++c) {
      Followed& chip = followed_[c];
      for (std::size_t r = chip.first_behind; r < chips_[c].rounds.size(); ++r) {
        chip.scores[r] = scores_of(chip, chips_[c].rounds[r].rtt_ms);
        if (chip.scores[r]) findings_[c].change[r] = std::max(chip.scores[r]->common, chip.scores[r]->move);
      }
      scores.push_back(chip.scores);
    }
    const auto laws = Laws::learn(scores, rules_);
    if (!laws) return;
    for (std::size_t c = 0; c < chips_.size(); ++c) watch_chip(c, *laws);
  }

  void watch_chip(std::size_t c, const Laws& laws) {
    EvidenceWatch watch;
    struct Unusual {
      std::size_t round;
      double p_value;
    };
    std::vector<Unusual> unusual;  ///< rounds of the change that may be going on
    for (const std::size_t r : parts_of(followed_[c].scores, rules_).judged) {
      judged(c, Detector::kBaseline, r);
      const double p = laws.p_value(*followed_[c].scores[r]);
      if (p > kUnusual) {
        unusual.clear();  // an ordinary round is no part of a change
      } else {
        unusual.push_back({r, p});
      }
      if (unusual.size() > kMostRounds) unusual.erase(unusual.begin());
      if (!watch.add(p, rules_.rounds_per_flag).value_or(false)) continue;
      // One that was a little unusual by chance, just before, is no part of it either.
      std::vector<std::size_t> rounds;
      for (const Unusual& one : unusual) {
        if (one.p_value <= kAsUnusual * p) rounds.push_back(one.round);
      }
      say(c, Detector::kBaseline, r, chips_[c].rounds[r].ended,
          kind_of_change(c, rounds.empty() ? std::vector<std::size_t>{r} : rounds));
    }
  }

  [[nodiscard]] std::string kind_of_change(std::size_t c, const std::vector<std::size_t>& rounds) const {
    std::vector<double> rows;
    for (const std::size_t r : rounds) {
      const auto& rtt = chips_[c].rounds[r].rtt_ms;
      rows.insert(rows.end(), rtt.begin(), rtt.end());
    }
    const auto report = classify_change(followed_[c].baseline, rows,
                                        ChangePlaces{.site = chips_[c].site, .anchors = anchors_});
    return std::string{name_of(report ? report->kind : ChangeKind::kNone)};
  }

  /// Each round less what the chips of its site have in common against their baselines.
  [[nodiscard]] std::vector<std::vector<std::optional<Scores>>> scores_beside_others() const {
    std::vector<std::vector<std::optional<Scores>>> out;
    for (const DelayChip& chip : chips_) out.emplace_back(chip.rounds.size());
    for (const Together& group : groups_) {
      std::vector<double> middle(anchors_.size(), 0.0);
      for (std::size_t a = 0; a < anchors_.size(); ++a) {
        std::vector<double> differences;
        for (const auto& [c, r] : group.members) {
          const double rtt = chips_[c].rounds[r].rtt_ms[a];
          if (r < followed_[c].first_behind || followed_[c].baseline.empty() || !followed_[c].baseline[a])
            continue;
          if (std::isfinite(rtt)) differences.push_back(rtt - followed_[c].baseline[a]->centre_ms);
        }
        if (differences.size() >= kFewestOfASite) middle[a] = median(std::move(differences));
      }
      for (const auto& [c, r] : group.members) {
        if (r < followed_[c].first_behind) continue;
        std::vector<double> rtt = chips_[c].rounds[r].rtt_ms;
        for (std::size_t a = 0; a < rtt.size(); ++a) {
          if (std::isfinite(rtt[a])) rtt[a] = std::max(0.0, rtt[a] - middle[a]);
        }
        out[c][r] = scores_of(followed_[c], rtt);
      }
    }
    return out;
  }

  void look_at_fleet() {
    const auto scores = scores_beside_others();
    const auto laws = Laws::learn(scores, rules_);
    if (!laws) return;
    struct ChipOfDay {
      ChipDay day;
      std::size_t chip = 0, round = 0;
    };
    std::map<std::int64_t, std::map<std::size_t, ChipOfDay>> days;
    std::optional<Nanoseconds> first;
    std::vector<Parts> parts;
    for (const auto& one : scores) parts.push_back(parts_of(one, rules_));
    for (std::size_t c = 0; c < chips_.size(); ++c) {
      for (const std::size_t r : parts[c].judged)
        first = std::min(first.value_or(chips_[c].rounds[r].began), chips_[c].rounds[r].began);
    }
    for (std::size_t c = 0; c < chips_.size(); ++c) {
      for (const std::size_t r : parts[c].judged) {
        ChipOfDay& one = days[(chips_[c].rounds[r].began - *first) / kDay][c];
        static_cast<void>(one.day.add(laws->p_value(*scores[c][r])));
        judged(c, Detector::kFleet, r);
        one.chip = c;
        one.round = r;
      }
    }
    for (const auto& [day, of_chips] : days) {
      std::vector<ChipOfDay> members;
      std::vector<double> p_values;
      Nanoseconds ended{0};
      for (const auto& [chip, one] : of_chips) {
        members.push_back(one);
        p_values.push_back(one.day.p_value());
        ended = std::max(ended, chips_[chip].rounds[one.round].ended);
      }
      const auto found = berk_jones(p_values);
      if (!found || found->p_value > rules_.level) continue;
      std::sort(members.begin(), members.end(), [](const ChipOfDay& a, const ChipOfDay& b) {
        const double p = a.day.p_value(), q = b.day.p_value();
        return p != q ? p < q : a.chip < b.chip;
      });
      for (std::size_t i = 0; i < std::min(found->chips, members.size()); ++i)
        say(members[i].chip, Detector::kFleet, members[i].round, ended, "share");
    }
  }

  const std::vector<DelayChip>& chips_;
  const std::vector<LatLon>& anchors_;
  const DetectRules& rules_;
  std::vector<DelayFinding> findings_;  ///< beside chips_
  std::vector<Together> groups_;
  std::vector<Followed> followed_;  ///< beside chips_
};

}  // namespace

std::vector<DelayFinding> watch_delays(const std::vector<DelayChip>& chips,
                                       const std::vector<LatLon>& anchors, const DetectRules& rules) {
  return Watch{chips, anchors, rules}.run();
}

}  // namespace chiploc
