#include "server/fleet/fleet_run.hpp"

#include <array>

#include "proto/crypto/keys.hpp"
#include "server/fleet/fleet_dice.hpp"
#include "server/fleet/status_run.hpp"
#include "server/verifier/decide.hpp"

namespace chiploc::fleet {
namespace {

/// Runs begin here, a while after 1970: stories take no earlier time.
constexpr WallTime kBegin{std::chrono::seconds{1'800'000'000}};

VerdictId numbered(std::uint64_t round) {
  VerdictId id;
  for (std::size_t i = 0; i < 8; ++i) id.bytes[i] = static_cast<std::uint8_t>((round + 1) >> (8 * i));
  return id;
}

bool flags(VerdictState state, bool dark) {
  return state == VerdictState::kOutside || state == VerdictState::kProhibited ||
         (dark && state == VerdictState::kSilent);
}

class ChipRun {
 public:
  ChipRun(const FleetPlan& plan, const FleetRunOptions& options, FleetTally& tally)
      : plan_{plan}, options_{options}, tally_{tally}, hours_{hours_of(plan.file())} {
    const FleetFile& file = plan.file();
    for (std::size_t i = 0; i < kVerdictStates; ++i)
      kinds_[i] = kind_of(chiploc::name_of(static_cast<VerdictState>(i)), "", file.keeping.cleared_is_enough);
    const double all = static_cast<double>(file.chips() * file.rounds_of_a_chip());
    checked_share_ = static_cast<double>(options.check) / all;
  }

  void run(std::uint64_t chip) {
    const FleetFile& file = plan_.file();
    const ChipPlace place = plan_.place_of(chip);
    const std::uint64_t bits = RoundDice::chip_bits(file.seed, chip);
    diverted_at_.reset();
    detected_.reset();
    alarmed_.reset();
    accused_.reset();
    if (place.diverted) diverted_at_ = file.sites[place.site].diversion->at;
    StatusRun status{kBegin, file.keeping.rules};
    for (std::uint64_t k = 0; k < file.rounds_of_a_chip(); ++k) {
      const RoundDice dice{bits, k};
      const Nanoseconds at =
          static_cast<std::int64_t>(k) * file.cadence +
          Nanoseconds{static_cast<std::int64_t>(
              dice.moment() * static_cast<double>((file.cadence - Nanoseconds{1}).count()))};
      const bool cheats = diverted_at_ && at >= *diverted_at_;
      if (cheats && !alarmed_) note(status.advance_to(kBegin + *diverted_at_), status);
      const std::size_t situation = cheats ? *place.diverted : place.honest;
      const VerdictState state = verdict(situation, dice);
      count(state, situation, cheats, at);
      note(status.tell({numbered(k), kinds_[static_cast<std::size_t>(state)], kBegin + at,
                        kBegin + at + file.policy.lifetime}),
           status);
    }
    note(status.advance_to(kBegin + file.length()), status);
    end(status);
  }

 private:
  VerdictState verdict(std::size_t situation, const RoundDice& dice) {
    if (plan_.situations()[situation].dark) return VerdictState::kSilent;
    std::optional<VerdictState> state;
    if (!options_.all_in_full)
      state = plan_.tree(situation).state([&dice](std::size_t listener) { return dice.survival(listener); });
    const bool again = checked_share_ > 0.0 && dice.checked() <= checked_share_;
    if (state && !again) return *state;
    survivals_.resize(plan_.situations()[situation].listeners.size());
    for (std::size_t i = 0; i < survivals_.size(); ++i) survivals_[i] = dice.survival(i);
    if (!state) {
      ++tally_.judged_in_full;
      state = judge(plan_.hearing(situation), survivals_);
    }
    if (again) {
      ++tally_.checked;
      tally_.differences += *state == decide_again(plan_, situation, survivals_) ? 0U : 1U;
    }
    return *state;
  }

  void count(VerdictState state, std::size_t situation, bool cheats, Nanoseconds at) {
    ++tally_.rounds;
    ++(cheats ? tally_.cheating : tally_.honest)[static_cast<std::size_t>(state)];
    ++tally_.rounds_by_hour[situation * hours_ + static_cast<std::size_t>(at / std::chrono::hours{1})];
    const bool flagged = flags(state, plan_.situations()[situation].dark);
    if (!cheats) {
      tally_.false_flags += flagged ? 1U : 0U;
    } else if (flagged && !detected_) {
      detected_ = at - *diverted_at_;
    }
  }

  void note(const std::vector<StatusChange>& changes, const StatusRun& status) {
    for (const StatusChange& change : changes) {
      ++tally_.changes[static_cast<std::size_t>(change.to)];
      const Nanoseconds at = change.at - kBegin;
      if (!diverted_at_ || at < *diverted_at_) {
        tally_.false_accusations += accuses(change.to) && !accuses(change.from) ? 1U : 0U;
        tally_.false_alarms += calls_somebody(change.to) && !calls_somebody(change.from) ? 1U : 0U;
        continue;
      }
      if (calls_somebody(change.to) && !alarmed_) alarmed_ = at - *diverted_at_;
      if (accuses(change.to) && !accused_) accused_ = at - *diverted_at_;
    }
    // Who is in trouble already when the cheat begins is looked at from then on.
    if (diverted_at_ && status.story().told - kBegin >= *diverted_at_ &&
        status.story().since - kBegin <= *diverted_at_) {
      if (calls_somebody(status.story().state) && !alarmed_) alarmed_ = Nanoseconds{0};
      if (accuses(status.story().state) && !accused_) accused_ = Nanoseconds{0};
    }
  }

  void end(const StatusRun& status) {
    ++tally_.chips;
    ++tally_.at_end[static_cast<std::size_t>(status.story().state)];
    const Nanoseconds honest = diverted_at_.value_or(plan_.file().length());
    tally_.honest_seconds += static_cast<std::uint64_t>(honest / std::chrono::seconds{1});
    if (!diverted_at_) return;
    ++tally_.diverted;
    tally_.detected.add(detected_);
    tally_.alarmed.add(alarmed_);
    tally_.accused.add(accused_);
  }

  const FleetPlan& plan_;
  const FleetRunOptions& options_;
  FleetTally& tally_;
  std::size_t hours_;
  double checked_share_ = 0.0;
  std::array<VerdictKind, kVerdictStates> kinds_{};
  std::vector<double> survivals_;
  // Of the chip at hand:
  std::optional<Nanoseconds> diverted_at_, detected_, alarmed_, accused_;
};

}  // namespace

std::size_t hours_of(const FleetFile& file) { return static_cast<std::size_t>(file.days) * 24; }

void run_chips(const FleetPlan& plan, std::uint64_t first, std::uint64_t last, const FleetRunOptions& options,
               FleetTally& tally) {
  ChipRun run{plan, options, tally};
  for (std::uint64_t chip = first; chip < last; ++chip) run.run(chip);
}

VerdictState decide_again(const FleetPlan& plan, std::size_t situation,
                          const std::vector<double>& survivals) {
  // The key stands in fields that the state does not look at.
  static const auto key = key_from_ed25519_seed(ByteArray<32>{1}).value();
  const FleetFile& file = plan.file();
  const Situation& it = plan.situations()[situation];
  const Hearing hearing = plan.hearing(situation);
  CheckedEvidence evidence;
  evidence.outcome = EvidenceOutcome::kSilent;
  for (std::size_t i = 0; i < survivals.size(); ++i) {
    const FleetAnchor& anchor = file.anchors[it.anchors[i]];
    AnchorFinding finding{.anchor = {.name = anchor.name,
                                     .id = {},
                                     .report_key = key->public_key(),
                                     .place = anchor.place,
                                     .uncertainty = anchor.uncertainty,
                                     .operator_name = anchor.operator_name,
                                     .network = anchor.network},
                          .reported = true,
                          .note = {}};
    if (const auto round_trip = smallest_round_trip(it.listeners[i], hearing.law, survivals[i])) {
      finding.answered = finding.used = true;
      finding.samples = file.pings;
      finding.rtt_min = *round_trip;
      finding.source = StampSource::kSimulated;
      evidence.outcome = EvidenceOutcome::kMeasured;
    }
    finding.perspective = it.listeners[i].perspective;
    evidence.anchors.push_back(std::move(finding));
  }
  RoundContext context{
      .realm = Realm::kSimulated, .coordinator_key = key->public_key(), .device_key = key->public_key()};
  context.policy = file.policy;
  context.claim = plan.claim(situation);
  return decide_checked(evidence, context, plan.borders(), kBegin).finding.state;
}

std::vector<std::uint64_t> sessions_by_anchor(const FleetPlan& plan, const FleetTally& tally) {
  const std::size_t hours = hours_of(plan.file());
  std::vector<std::uint64_t> out(plan.file().anchors.size() * hours, 0);
  for (std::size_t s = 0; s < plan.situations().size(); ++s) {
    const Situation& situation = plan.situations()[s];
    if (situation.dark) continue;
    for (const std::size_t anchor : situation.anchors) {
      for (std::size_t hour = 0; hour < hours; ++hour)
        out[anchor * hours + hour] += tally.rounds_by_hour[s * hours + hour];
    }
  }
  return out;
}

}  // namespace chiploc::fleet
