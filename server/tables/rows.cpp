#include "server/tables/rows.hpp"

#include <algorithm>
#include <cassert>

namespace chiploc {

const RowCell& Row::operator[](std::string_view column) const {
  const auto at = std::find(columns.begin(), columns.end(), column);
  assert(at != columns.end());
  return cells[static_cast<std::size_t>(at - columns.begin())];
}

void FaultLog::add(std::uint32_t line, std::string_view field, std::string problem) {
  ++total_;
  if (kept_.size() < kept_max_) kept_.push_back({file_, line, std::string{field}, std::move(problem)});
}

void FaultLog::add_all(FaultLog& other) {
  for (RowFault& fault : other.kept_)
    if (kept_.size() < kept_max_) kept_.push_back(std::move(fault));
  total_ += other.total_;
  other.kept_.clear();
  other.total_ = 0;
}

std::vector<RowFault> FaultLog::take() {
  std::stable_sort(kept_.begin(), kept_.end(),
                   [](const RowFault& a, const RowFault& b) { return a.line < b.line; });
  return std::move(kept_);
}

}  // namespace chiploc
