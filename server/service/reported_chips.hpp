#pragma once
// Chips as a report has them, as of a time: gathered once from registry and store, kept on disk, and walked through as
// often as the forms of the report need it. So every form says the same, and memory holds a page of them.

#include <memory>
#include <string>
#include <vector>

#include "server/registry/registry.hpp"
#include "server/reports/report.hpp"
#include "server/service/fault.hpp"
#include "server/service/report_file.hpp"
#include "server/storage/store.hpp"

namespace chiploc {

/// What the store has of a page of chips as of a time. Registry facts are of this version of it.
[[nodiscard]] Answer<std::vector<ReportedChip>> chips_as_of(const Registry& registry, StoreReader& reader,
                                                            const std::vector<ChipId>& page, WallTime as_of);

class ReportedChips {
 public:
  static constexpr std::size_t kPage = 500;
  /// Of these ids, in their order; those that are not registered are left out.
  [[nodiscard]] static Answer<ReportedChips> gather(const Registry& registry, StoreReader& reader,
                                                    const std::vector<ChipId>& ids, WallTime as_of);
  [[nodiscard]] const ReportTotals& totals() const { return totals_; }
  /// Lives as long as this.
  [[nodiscard]] EachChip each();

 private:
  ReportedChips() = default;
  std::unique_ptr<ReportFile> file_;
  ReportTotals totals_;
};

/// One line each, and back. nullopt for any other text.
[[nodiscard]] std::string spool_line(const ReportedChip& chip);
[[nodiscard]] std::optional<ReportedChip> read_spool_line(const std::string& line);

}  // namespace chiploc
