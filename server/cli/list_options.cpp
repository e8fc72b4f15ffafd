#include "server/cli/list_options.hpp"

#include "server/cli/commands.hpp"
#include "server/cli/verdict_text.hpp"
#include "server/text/moments.hpp"
#include "server/text/number_check.hpp"

namespace chiploc {

void ListOptions::add_to(CLI::App& line, CompletionHints& hints, const std::string& of_what) {
  hints[line.add_option("--licence", licence, "Only of this licence")].names = NameHint::kLicences;
  hints[line.add_option("--holder", holder, "Only of licences of this holder")].names = NameHint::kHolders;
  add_state_option(line, hints, states, "Only with " + of_what + " of these states: one, a,b or repeated");
  line.add_option("--since", since,
                  "Only with " + of_what + " from then on: 2026-11-30, 2026-11-30T12:30, 2h, 7d");
  line.add_option("--until", until, "Only with " + of_what + " from before then");
  line.add_flag("--expired", expired, "Only with " + of_what + " that is no longer good");
  line.add_option("--limit", limit, "At most so many; 0: all")->check(is_whole())->capture_default_str();
}

std::vector<v1::VerdictState> ListOptions::chosen_states() const { return states_of(states); }

Result<std::int64_t, CliFault> ListOptions::moment(const char* option, const std::string& text,
                                                   WallTime now) {
  if (text.empty()) return std::int64_t{0};
  const auto time = parse_moment(text, now);
  if (!time) return Fail{CliFault{ExitCode::kUsage, std::string{option} + ": " + time.error()}};
  return std::int64_t{time->since_epoch.count()};
}

void ListOptions::say_cut(std::ostream& err, std::uint64_t shown, std::uint64_t total,
                          bool total_more) const {
  if (limit == 0 || (shown >= total && !total_more)) return;
  err << "showing " << number_text(static_cast<double>(shown), 0) << " of "
      << number_text(static_cast<double>(total), 0) << (total_more ? " or more" : "")
      << "; --limit 0 shows all\n";
}

}  // namespace chiploc
