#pragma once
#include <string>
#include <string_view>

#include "proto/base/result.hpp"
#include "proto/crypto/secret_text.hpp"
#include "server/cli/exit_code.hpp"

namespace chiploc {

/// One line that a person types at a terminal, which does not show it. Ctrl-C, Ctrl-D and the terminal's end
/// are kUsage, and so is what is no terminal. Signals from the keyboard are kept back, so that the terminal is
/// as it was afterwards.
[[nodiscard]] Result<SecretText, CliFault> read_hidden(int terminal, std::string_view prompt);

/// The same at the terminal that the process was started from, whatever its input is. Fails with kUsage where
/// there is none: the text says which option to use instead.
[[nodiscard]] Result<SecretText, CliFault> ask_passphrase(std::string_view prompt);
/// A new passphrase, typed twice; empty for none. At least kPassphraseLeast bytes.
[[nodiscard]] Result<SecretText, CliFault> ask_new_passphrase(const std::string& what);
inline constexpr std::size_t kPassphraseLeast = 8;

}  // namespace chiploc
