#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "server/cli/command.hpp"

namespace chiploc {

/// What `chip list` and `verdict list` are asked with alike.
struct ListOptions {
  std::string licence, holder, since, until;
  std::vector<std::string> states;
  bool expired = false;
  unsigned limit = 0;  ///< 0: all

  void add_to(CLI::App& line, CompletionHints& hints, const std::string& of_what);
  /// Puts them into a request of either list. Fails for a time that is none.
  template <class Request>
  [[nodiscard]] Result<Done, CliFault> fill(Request& request, WallTime now) const {
    request.set_licence(licence);
    request.set_holder(holder);
    for (const auto state : chosen_states()) request.add_states(state);
    const auto from = moment("--since", since, now);
    if (!from) return Fail{from.error()};
    const auto to = moment("--until", until, now);
    if (!to) return Fail{to.error()};
    request.set_since_unix_ns(*from);
    request.set_until_unix_ns(*to);
    request.set_expired(expired);
    request.set_with_total(limit > 0);
    return Done{};
  }
  /// Says on standard error that a list was cut: "showing 50 of 1,234; --limit 0 shows all".
  void say_cut(std::ostream& err, std::uint64_t shown, std::uint64_t total, bool total_more) const;

 private:
  [[nodiscard]] std::vector<v1::VerdictState> chosen_states() const;
  /// 0 for an empty text.
  [[nodiscard]] static Result<std::int64_t, CliFault> moment(const char* option, const std::string& text,
                                                             WallTime now);
};

}  // namespace chiploc
