#pragma once
// How many sites any choice of anchors could prove at most.

#include <span>
#include <vector>

#include "server/plan/site_judge.hpp"

namespace chiploc {

/// "Whatever proves this site holds `need` of these candidates at least."
struct NeedRow {
  std::size_t site = 0;
  unsigned need = 1;
  std::vector<std::size_t> candidates;  ///< ascending
};

/// What is known of a site before anything is chosen.
enum class SiteOutlook : std::uint8_t {
  kProved,      ///< by the anchors that stand, and with any others besides
  kOpen,        ///< by all candidates together, not by the anchors that stand
  kNever,       ///< not even with all candidates: never by fewer
  kContradicts  ///< all bounds together leave nothing, or nothing of the licensed land: adding may undo a proof
};

/// The outlook of a site, by judging it with the anchors that stand and with all. More bounds leave less, so of two
/// sets of anchors the larger one meets no territory that the smaller does not: while the region of all is inside,
/// cleared or open, a proof by some is a proof by more (to the 0.1 m of geo/cap_set.hpp).
[[nodiscard]] SiteOutlook outlook_of(const PlanProblem& problem, SiteJudge& judge);

/// Rows of a site that `standing` does not prove and that more might: every proof of it by them and some of `first`
/// satisfies these.
///
/// Method    A set M of candidates that does not prove the site is made as large as can be: the candidates are put
///           into it in the order of `first`, those that would make it prove stay out. A proof cannot lie in M (all
///           of it would prove then), so it holds one of the rest. Where no single candidate proves, likewise a set
///           to which no single one may be added, of the largest disks: a proof holds two of the rest. Candidates
///           that exclude nothing of the region that stands are in no row.
[[nodiscard]] std::vector<NeedRow> need_rows(const PlanProblem& problem, std::size_t site, SiteJudge& judge,
                                             const std::vector<std::size_t>& standing,
                                             std::span<const std::size_t> first);

/// No choice of `add` candidates has all its needs met at more than so many of the rows' sites.
///
/// Why       For weights w of the rows, at least 0 and at most 1 in sum over the rows of a site, and x the choice
///           (0 or 1 for each candidate), a site whose needs are met counts at most
///               (1 - sum w) + sum w * (x over the row's candidates) / need,
///           since each row has (x over its candidates) / need >= 1 then, and anything else counts 0, which is less.
///           Summed over the sites and with the `add` candidates of the largest weights for x, that is a bound for
///           any w. Coverage of this kind is submodular; the number of proved sites is not.
/// Method    Subgradient steps on w, a fixed number of them; the best bound counts.
[[nodiscard]] std::size_t most_met(std::span<const NeedRow> rows, std::size_t add);

}  // namespace chiploc
