#pragma once
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "proto/base/bytes.hpp"

namespace chiploc {

// Secrets that a person can read out and type: symbols of Crockford's alphabet, five bits each, in groups of four.

using SecretDice = std::function<void(MutableBytes)>;
/// So many symbols, each as likely as any other, without dashes.
[[nodiscard]] std::string drawn_secret(std::size_t symbols, const SecretDice& dice);
/// "7K2M-Q9XD".
[[nodiscard]] std::string grouped_secret(std::string_view symbols);
/// The symbols that somebody meant: case, spaces, dashes and ends of lines do not matter; O is 0, I and L are 1. nullopt: no
/// secret of so many symbols reads so.
[[nodiscard]] std::optional<std::string> meant_secret(std::string_view typed, std::size_t symbols);

}  // namespace chiploc
