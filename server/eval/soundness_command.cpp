// `chiploc eval --soundness N`.

#include <cmath>
#include <iostream>

#include "server/eval/eval_arguments.hpp"
#include "server/eval/progress_bar.hpp"
#include "server/eval/soundness.hpp"

namespace chiploc {
namespace {

Json sessions_json(const SessionTally& tally) {
  return {{"sessions", tally.sessions},
          {"slews", tally.slews},
          {"steps", tally.steps},
          {"cards", tally.cards},
          {"pauses", tally.pauses},
          {"short_stamps", tally.short_stamps},
          {"short_cards", tally.short_cards},
          {"cut", tally.cut},
          {"unborne", tally.unborne}};
}

Json claims_json(const ClaimTally& tally) {
  return {{"countries", tally.countries},
          {"country_proofs", tally.country_proofs},
          {"areas", tally.areas},
          {"area_proofs", tally.area_proofs}};
}

/// What was drawn beside plain rounds, so that nobody takes "0 misses" for more than it is.
std::string drawn_text(const SoundnessReport& report) {
  const SessionTally& s = report.sessions;
  const ClaimTally& c = report.claims;
  const auto n = [](std::uint64_t value) { return std::to_string(value); };
  return "sessions on bad clocks: " + n(s.sessions) + "; slewed " + n(s.slews) + ", set " + n(s.steps) +
         ", paused " + n(s.pauses) + ", with cards that lie " + n(s.cards) + "; kernel stamps short " +
         n(s.short_stamps) + ", card stamps short " + n(s.short_cards) + ", samples cut by a pause in " +
         n(s.cut) + ", nothing borne out in " + n(s.unborne) + "\nclaims: " + n(c.countries) +
         " by codes of countries, " + n(c.country_proofs) + " decided; " + n(c.areas) +
         " by areas in parts, " + n(c.area_proofs) + " decided\n";
}

}  // namespace

int run_soundness_command(const EvalArguments& arguments) {
  ProgressBar bar;
  const SoundnessReport report = run_soundness(
      {arguments.soundness, arguments.seed, arguments.liars, arguments.threads}, Borders::world(),
      [&bar](std::uint64_t done, std::uint64_t total) { bar.show(done, total); });
  const double rate = report.seconds > 0.0 ? static_cast<double>(report.rounds) / report.seconds : 0.0;
  if (arguments.output == "json") {
    Json misses = Json::array();
    for (const SoundnessMiss& miss : report.misses) {
      misses.push_back({{"seed", miss.round.seed}, {"what", miss.what}, {"round", describe(miss.round)}});
    }
    write_json(std::cout, OutputFormat::kJson,
               {{"rounds", report.rounds},
                {"rounds_on_land", report.rounds_on_land},
                {"liars", arguments.liars},
                {"seed", arguments.seed},
                {"sessions", sessions_json(report.sessions)},
                {"claims", claims_json(report.claims)},
                {"misses_total", report.misses_total},
                {"misses", misses},
                {"rounds_per_s", std::round(rate)}});
  } else if (arguments.output == "csv") {
    std::cout << "rounds,rounds_on_land,liars,seed,misses_total,rounds_per_s\n"
              << report.rounds << ',' << report.rounds_on_land << ',' << arguments.liars << ','
              << arguments.seed << ',' << report.misses_total << ',' << static_cast<std::uint64_t>(rate)
              << '\n';
  } else {
    std::cout << report.rounds << " rounds (" << report.rounds_on_land << " with the truth on land), liars "
              << arguments.liars << ", seeds from " << arguments.seed << ": " << report.misses_total
              << " misses, " << static_cast<std::uint64_t>(rate) << " rounds/s\n"
              << drawn_text(report);
    for (const SoundnessMiss& miss : report.misses) {
      std::cout << "miss: " << miss.what << "; repeat with: chiploc eval --soundness 1 --seed "
                << miss.round.seed << " --liars " << arguments.liars << '\n'
                << describe(miss.round);
    }
  }
  return finish_eval(report.misses_total == 0 ? EvalExit::kFine : EvalExit::kMiss);
}

}  // namespace chiploc
