#pragma once
// One value of a TOML file replaced by another, in its text: what comes of it is read as any file would be, and its lines
// stay where they are.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/base/result.hpp"

namespace chiploc {

/// `key` by table and id: "network.loss", "chip.H20-1.stall_ms", "place.away.km"; of tables without an id by number, from
/// 1: "event.2.at". `value` as TOML writes it: 20, 0.5, "Bonn" in quotes, true.
struct Setting {
  std::string key;
  std::string value;
  friend bool operator==(const Setting&, const Setting&) = default;
};

/// The value that stands there now, as TOML writes it. Fails with a phrase: no such table, entry or key, or one that is no
/// single value.
[[nodiscard]] Result<std::string, std::string> value_in(std::string_view text, std::string_view key);
/// The text with the value replaced. Fails likewise.
[[nodiscard]] Result<std::string, std::string> with_setting(std::string_view text, const Setting& setting);

/// A number as TOML takes it, ten digits at most.
[[nodiscard]] std::string toml_number(double value);
/// Of a value as TOML writes it; nullopt: it is no number.
[[nodiscard]] std::optional<double> number_in(std::string_view value);

/// An array of single values in the `index`-th [[table]], each as TOML writes it; empty if it is not there. Fails with a
/// phrase if it is something else, or empty.
[[nodiscard]] Result<std::vector<std::string>, std::string> values_of(std::string_view text,
                                                                      std::string_view table,
                                                                      std::size_t index,
                                                                      std::string_view key);

/// A condition on a swept key: one value, or all numbers from one to another.
struct SettingIs {
  std::string key;
  std::vector<std::string> values;  ///< one, or two that are numbers
};
/// An inline table `{ "chip.A.stall_ms" = 20, "network.loss" = [0.1, 0.3] }`. Empty and failing as values_of().
[[nodiscard]] Result<std::vector<SettingIs>, std::string> conditions_of(std::string_view text,
                                                                        std::string_view table,
                                                                        std::size_t index,
                                                                        std::string_view key);
/// Whether a value fulfils it; numbers are compared as numbers.
[[nodiscard]] bool fulfils(std::string_view value, const SettingIs& condition);

}  // namespace chiploc
