#pragma once
// Whether the anchors that an open verdict asks for do help: they are added where the set has them.

#include <ostream>
#include <string>
#include <vector>

#include "server/eval/runner.hpp"
#include "server/text/records.hpp"

namespace chiploc {

/// What came of the true claims of one row.
struct WouldResolveRow {
  std::string anchors;  ///< the row's label
  std::size_t cases = 0;
  std::size_t unresolved = 0;
  std::size_t asked = 0;     ///< of those: something with round trips was asked for
  std::size_t named = 0;     ///< of those: an anchor that exists was named, and could be added
  std::size_t resolved = 0;  ///< of the named: with it the claim is UNRESOLVED no more
  std::size_t narrowed = 0;  ///< still UNRESOLVED, with fewer countries met or a smaller region
  std::size_t unchanged = 0;
  std::size_t by_first = 0;  ///< of the named: the first anchor alone resolves or narrows it
  double left_median = 1.0;  ///< of the region's area that is left with it, the median over the named

  /// Of the named; 1 where there are none.
  [[nodiscard]] double helped() const;
  [[nodiscard]] double first_helped() const;
};

/// For every true claim that the anchors of its group leave UNRESOLVED: what would resolve it
/// (server/verifier/resolution.hpp), with every other serving node that measured the target as an anchor that
/// had no part. The first anchors that exist among what is asked for are added, and the claim is judged
/// again. The place of the target is not looked at.
///
/// Area      Counted on the points of a grid over the region of before: with an anchor more it can only lose
///           some, so one that is lost is a region strictly smaller.
[[nodiscard]] std::vector<WouldResolveRow> run_would_resolve(const RttSet& set, std::span<const CaseRow> rows,
                                                             const Borders& borders,
                                                             const FixOptions& options, unsigned threads,
                                                             const Progress& progress = {});

void write_would_resolve(std::ostream& out, OutputFormat format, const std::string& set,
                         const std::vector<WouldResolveRow>& rows);

}  // namespace chiploc
