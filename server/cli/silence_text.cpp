#include "server/cli/silence_text.hpp"

#include <map>
#include <vector>

#include "proto/base/joined.hpp"
#include "server/cli/verdict_text.hpp"
#include "server/service/json_view.hpp"

namespace chiploc {
namespace {

std::string seconds(std::int64_t ns) { return number_text(static_cast<double>(ns) / 1e9, 0) + " s"; }

std::string count(std::uint32_t number, const char* one, const char* many) {
  return std::to_string(number) + " " + (number == 1 ? one : many);
}

template <class Counts>
std::string counts_text(const Counts& counts) {
  if (counts.empty()) return "none";
  std::vector<std::string> texts;
  for (const auto& [name, times] : std::map<std::string, std::uint32_t>{counts.begin(), counts.end()})
    texts.push_back(printable(name) + " " + std::to_string(times));
  return joined(texts, ", ");
}

std::string knock_text(const v1::Silence& silence) {
  std::string text = silence.knocks_seen() == 0 ? "none" : std::to_string(silence.knocks_seen());
  text += " in the round, which waited up to " + seconds(silence.waited_ns()) + " for one at " +
          count(silence.anchors_rendezvous(), "rendezvous anchor", "rendezvous anchors");
  if (silence.knocks_every_ns() > 0) text += "; usually about every " + seconds(silence.knocks_every_ns());
  return text;
}

}  // namespace

void write_silence(std::ostream& out, const v1::Silence& silence, bool colour) {
  out << '\n'
      << paint("Why it may be silent (hints, most of which anybody could have sent)", Colour::kBold, colour)
      << '\n';
  int number = 0;
  for (const auto& cause : silence.causes()) {
    out << "  " << ++number << ". " << paint(printable(cause.code()), Colour::kYellow, colour) << ": "
        << printable(cause.text()) << '\n';
  }
  out << '\n' << paint("How far it came", Colour::kBold, colour) << '\n';
  const auto line = [&](std::string_view step, const std::string& text) {
    std::string padded{step};
    padded.resize(14, ' ');
    out << "  " << padded << text << '\n';
  };
  line("reached", printable(silence.reached()));
  line("tickets", "for " + count(silence.anchors(), "anchor", "anchors") + ", of which " +
                      std::to_string(silence.anchors_reported()) + " reported");
  if (silence.knocks()) {
    line("knock", knock_text(silence));
    line("proof", silence.proofs_seen() == 0 ? "none" : std::to_string(silence.proofs_seen()));
    if (silence.proofs_refused() > 0)
      line("refused", count(silence.proofs_refused(), "proof", "proofs") + " of another key, or too late");
  }
  line("delivered", count(silence.tickets_sent(), "ticket sent", "tickets sent") + " to the chip");
  line("open", silence.opens_seen() == 0 ? "none"
                                         : count(silence.opens_seen(), "OPEN, ", "OPENs, ") +
                                               count(silence.sessions(), "session", "sessions"));
  line("pings", std::to_string(silence.pings_answered()) + " of " + std::to_string(silence.pings_sent()) +
                    " answered");
  line("chip refused", counts_text(silence.rejects_by_chip()));
  line("refused here", counts_text(silence.rejects_by_anchors()));
  if (silence.anchors_twice_size() > 0) {
    const std::vector<std::string> names{silence.anchors_twice().begin(), silence.anchors_twice().end()};
    line("run twice", printable(joined(names, ", ")));
  }
  if (silence.knocks() || silence.last_knock_unix_ns() != 0)
    line("last knock", silence.last_knock_unix_ns() == 0 ? "none since chiplocd started"
                                                         : short_time(silence.last_knock_unix_ns()));
  if (silence.knocks() || silence.last_proof_unix_ns() != 0)
    line("last proof",
         silence.last_proof_unix_ns() == 0 ? "none is kept" : short_time(silence.last_proof_unix_ns()));
}

}  // namespace chiploc
