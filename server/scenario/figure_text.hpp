#pragma once
// How shares, rates and times are written. Pure; private to this folder.

#include <string>
#include <vector>

#include "server/lab/lab_tally.hpp"
#include "server/scenario/intervals.hpp"
#include "server/text/records.hpp"

namespace chiploc {

/// Four digits.
[[nodiscard]] std::string figure(double value);
/// So many digits that the same number is read from them.
[[nodiscard]] std::string exact(double value);
[[nodiscard]] std::string share_of(const LabShare& share);
/// "30.0 % (18.1 to 45.4) of 40"; "-" of none.
[[nodiscard]] std::string share_of_trials(const LabShare& share);
/// "3 s"; "never" where the quantile is one of those that never came. Of `times` in order.
[[nodiscard]] std::string time_of(const std::vector<Nanoseconds>& times, const LabShare& share, double p);
[[nodiscard]] std::string times_text(const std::vector<Nanoseconds>& times, const LabShare& share);
[[nodiscard]] std::string rate_text(const EventRate& rate);

[[nodiscard]] Json seconds_json(const std::vector<Nanoseconds>& times, const LabShare& share, double p);
[[nodiscard]] Json rate_json(const EventRate& rate);

[[nodiscard]] std::string csv_row(const std::vector<std::string>& fields);
/// A value as TOML writes it, without the quotes of a text.
[[nodiscard]] std::string csv_value_of(const std::string& toml);
[[nodiscard]] std::string seconds_text(const std::vector<Nanoseconds>& times, const LabShare& share,
                                       double p);

}  // namespace chiploc
