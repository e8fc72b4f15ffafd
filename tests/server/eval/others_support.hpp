#pragma once
// What the tests of the readers share: a text -> rows and faults, each as one line of text.

#include <functional>
#include <string>
#include <vector>

#include "server/eval/others.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {

struct Read {
  OthersRows rows;
  std::vector<std::string> lines;   ///< "2 a>b 1.5", with the address in brackets
  std::vector<std::string> faults;  ///< "2: field: problem"
  [[nodiscard]] std::string fault() const { return faults.empty() ? "" : faults.front(); }
};

inline Read read_with(const std::string& text,
                      const std::function<void(const OthersFile&, RowTaker&)>& reader,
                      const RttLimits& limits = {}) {
  Read read;
  const OthersFile file{"in.txt", "here", text};
  RowTaker to{file, 0, limits, read.rows};
  reader(file, to);
  for (const MeasuredRow& row : read.rows.rows) {
    read.lines.push_back(std::to_string(row.line) + " " + row.source + ">" + row.target +
                         (row.address.empty() ? "" : "(" + row.address + ")") + " " + exact_number(row.ms));
  }
  for (const RowFault& fault : to.faults().take())
    read.faults.push_back(std::to_string(fault.line) + ": " +
                          (fault.field.empty() ? "" : fault.field + ": ") + fault.problem);
  return read;
}

using Lines = std::vector<std::string>;

/// One fault, and its text begins so and has the other part.
inline void check_fault(const Read& read, const std::string& begin, const std::string& part) {
  INFO(read.fault());
  REQUIRE(!read.faults.empty());
  CHECK_THAT(read.fault(), Catch::StartsWith(begin) && Catch::Contains(part));
}

}  // namespace chiploc::test
