#pragma once
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "proto/base/time.hpp"
#include "server/service/caller.hpp"
#include "server/service/guarded.hpp"

namespace chiploc {

struct SignInCodeRules {
  Nanoseconds life = std::chrono::minutes{5};
  std::size_t most = 1'000;
  std::size_t per_certificate = 3;  ///< the oldest goes
};

struct SignInCode {
  std::string text;  ///< "7K2M-Q9XD-4F0B": 60 bits in Crockford's alphabet, without I, L, O and U
  WallTime until;
};

/// Codes by which somebody whose command line has a certificate signs in at the page: given over gRPC or REST, typed into a
/// browser, good once and for minutes. The table knows SHA-256 of each, and dies with the process.
///
/// Guessing: at 10,000 tries a second for five minutes, with a thousand codes waiting, one in 380 million finds one. There is
/// no lock after wrong tries: it would let a stranger keep everybody out.
///
/// Thread-safe; times and dice come in.
class SignInCodes {
 public:
  using Dice = std::function<void(MutableBytes)>;
  /// `page_address`: "https://HOST[:PORT]/".
  SignInCodes(std::string page_address, const SignInCodeRules& rules, Dice dice);

  /// For the holder of this certificate, who will have the same rights at the page. Fails with kWrongRole where the caller
  /// came without a certificate (a token, or a session, which would outlive itself so), kExhausted where too many wait.
  [[nodiscard]] Answer<SignInCode> issue(const Caller& caller, WallTime now);
  /// Whose code this is, which is used up by that. Case, spaces and dashes do not matter; O is 0, I and L are 1.
  [[nodiscard]] std::optional<Identity> redeem(std::string_view text, WallTime now);
  [[nodiscard]] const std::string& page_address() const { return page_address_; }

 private:
  struct Waiting {
    Identity identity;
    WallTime since, until;
  };
  using Table = std::map<ByteArray<32>, Waiting>;
  const std::string page_address_;
  const SignInCodeRules rules_;
  const Dice dice_;
  Guarded<Table> table_;
};

}  // namespace chiploc
