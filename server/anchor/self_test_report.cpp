#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "proto/base/joined.hpp"
#include "server/anchor/self_test.hpp"
#include "server/net/endpoint.hpp"

namespace chiploc {
namespace {

constexpr double kSlewMaxPpm = 500;
/// Two windows' readings of clocks that share one rate differ by less; the rates of two clocks would not.
constexpr double kApartMaxPpm = 20;
constexpr Nanoseconds kSpreadMax = std::chrono::microseconds{10};

/// Whether fewer than nine in ten came.
bool lacks(std::uint64_t came, std::uint64_t of) { return came * 10 < of * 9; }

std::string share(std::uint64_t came, std::uint64_t of) { return fmt::format("{} of {}", came, of); }

void judge_row(const StampRow& row, bool peer, FitnessVerdict& out) {
  const std::string at = endpoint_text(row.listen);
  if (row.sent == 0) {
    out.faults.push_back(at + ": no ping could be sent to " + endpoint_text(row.target) +
                         "; look at routes and firewall");
    return;
  }
  if (lacks(row.transmit_kernel, row.sent))
    out.faults.push_back(at + ": kernel transmit stamps of " + share(row.transmit_kernel, row.sent) +
                         " pings; round trips come out longer. Is net.core.tstamp_allow_data 0, or "
                         "does the driver not stamp?");
  if (row.received == 0) {
    out.faults.push_back(at + ": nothing came back from " + endpoint_text(row.target) +
                         (peer ? "; is it an anchor, and does the firewall let its answers in?"
                               : "; does a firewall stand on loopback?"));
    return;
  }
  if (lacks(row.receive_kernel, row.received))
    out.faults.push_back(at + ": kernel receive stamps of " + share(row.receive_kernel, row.received) +
                         " datagrams; round trips come out longer");
  if (!peer && lacks(row.measured, row.received))
    out.faults.push_back(at + ": " + share(row.received - row.measured, row.received) +
                         " round trips had to be discarded; look at the clocks");
}

void note_cards(const SelfTestResult& result, FitnessVerdict& out) {
  for (const InterfaceClaim& claim : result.claims) {
    if (!claim.transmit_card && !claim.receive_card) continue;
    const auto row = std::find_if(result.stamps.begin(), result.stamps.end(),
                                  [&](const StampRow& r) { return r.interface == claim.name; });
    if (row == result.stamps.end()) {
      out.notes.push_back(claim.name + ": claims stamps of its card; not tried (name a --peer beyond it)");
    } else if (row->transmit_card == 0 || (result.peer && row->receive_card == 0)) {
      out.notes.push_back(claim.name + ": claims stamps of its card and delivers none at " +
                          (row->transmit_card == 0 ? "sending" : "receiving") +
                          "; the kernel's are used (hwstamp_ctl switches the card's on)");
    }
  }
}

nlohmann::json counts(const StampRow& row) {
  return {{"listen", endpoint_text(row.listen)},
          {"target", endpoint_text(row.target)},
          {"interface", row.interface},
          {"sent", row.sent},
          {"transmit_kernel", row.transmit_kernel},
          {"transmit_card", row.transmit_card},
          {"received", row.received},
          {"receive_kernel", row.receive_kernel},
          {"receive_card", row.receive_card},
          {"measured", row.measured},
          {"discarded", row.samples.discarded()},
          {"rtt_min_ns", row.rtt_min.count()}};
}

std::string yes(bool is) { return is ? "yes" : "no"; }

}  // namespace

FitnessVerdict judge_fitness(const SelfTestResult& result) {
  FitnessVerdict out;
  for (const StampRow& row : result.stamps) judge_row(row, result.peer, out);
  if (result.rates.empty()) out.faults.emplace_back("the raw clock does not run; test longer");
  for (const ClockRate& rate : result.rates) {
    const double worst = std::max(std::abs(rate.least), std::abs(rate.most));
    if (worst > kSlewMaxPpm && (result.steps == 0 || rate.name != "wall"))
      out.faults.push_back(fmt::format(
          "the {} clock ran up to {:.0f} ppm off the raw one: it is being slewed, which makes round trips "
          "longer; wait until it is done",
          rate.name, worst));
  }
  if (result.steps != 0)
    out.faults.push_back(
        fmt::format("the wall clock was set {} times during the test; samples across a step "
                    "are discarded. Who sets it?",
                    result.steps));
  if (result.apart_ppm > kApartMaxPpm)
    out.faults.push_back(
        fmt::format("wall and monotonic clock ran apart by {:.0f} ppm: they do not share "
                    "one rate, which round trips rest on",
                    result.apart_ppm));
  if (result.spread.median > kSpreadMax)
    out.faults.push_back(
        fmt::format("reading the clocks takes {} ns: are they read by system calls (see "
                    "/sys/devices/system/clocksource)?",
                    result.spread.median.count()));
  note_cards(result, out);
  for (const InterfaceClaim& claim : result.claims) {
    const bool tried = std::any_of(result.stamps.begin(), result.stamps.end(),
                                   [&](const StampRow& row) { return row.interface == claim.name; });
    if (claim.name != "lo" && !tried) out.untried.push_back(claim.name);
  }
  if (!result.peer)
    out.notes.emplace_back(
        "pings went over loopback; --peer ADDRESS:PORT of another anchor tries the real interface");
  if (!result.discipline.known) {
    out.notes.emplace_back("the kernel does not say how the clock is disciplined");
  } else if (!result.discipline.synchronised) {
    out.notes.emplace_back("the kernel calls its clock unsynchronised; tickets need it right to seconds");
  }
  if (result.discipline.seen.empty())
    out.notes.emplace_back(
        "no program that steers the clock is to be seen (in a container: look at the host)");
  return out;
}

std::string self_test_table(const SelfTestResult& result, const FitnessVerdict& verdict) {
  std::string out =
      fmt::format("{:<28} {:<28} {:<10} {:>6} {:>9} {:>7} {:>9} {:>9} {:>8} {:>11}\n", "LISTEN", "PINGED",
                  "INTERFACE", "SENT", "TX-KERNEL", "TX-CARD", "RECEIVED", "RX-KERNEL", "RX-CARD", "RTT-MIN");
  for (const StampRow& row : result.stamps) {
    out += fmt::format(
        "{:<28} {:<28} {:<10} {:>6} {:>9} {:>7} {:>9} {:>9} {:>8} {:>8} us\n", endpoint_text(row.listen),
        endpoint_text(row.target), row.interface.empty() ? "-" : row.interface, row.sent, row.transmit_kernel,
        row.transmit_card, row.received, row.receive_kernel, row.receive_card,
        row.measured == 0 ? "-" : fmt::format("{:.1f}", static_cast<double>(row.rtt_min.count()) / 1e3));
  }
  out += fmt::format("\n{:<28} {:>9} {:>7} {:>9} {:>8}   {}\n", "INTERFACE CLAIMS", "TX-KERNEL", "TX-CARD",
                     "RX-KERNEL", "RX-CARD", "CLOCK");
  for (const InterfaceClaim& claim : result.claims) {
    out += fmt::format("{:<28} {:>9} {:>7} {:>9} {:>8}   {}\n", claim.name, yes(claim.transmit_kernel),
                       yes(claim.transmit_card), yes(claim.receive_kernel), yes(claim.receive_card),
                       claim.clock < 0 ? "-" : fmt::format("/dev/ptp{}", claim.clock));
  }
  out += fmt::format("\n{:<28} {:>12} {:>12} {:>12}\n", "CLOCK AGAINST RAW, PPM", "MEAN", "LEAST", "MOST");
  for (const ClockRate& rate : result.rates) {
    out += fmt::format("{:<28} {:>12.2f} {:>12.2f} {:>12.2f}\n", rate.name, rate.mean, rate.least, rate.most);
  }
  out += fmt::format("\n{:<28} {:>9} ns median, {} ns 99 %, {} ns most\n", "READING ALL CLOCKS",
                     result.spread.median.count(), result.spread.p99.count(), result.spread.most.count());
  const Discipline& d = result.discipline;
  out += fmt::format("{:<28} {}\n", "CLOCK DISCIPLINE",
                     d.known ? fmt::format("{}, tick {:+.0f} ppm, frequency {:+.2f} ppm{}, by {}",
                                           d.synchronised ? "synchronised" : "unsynchronised", d.tick_ppm,
                                           d.frequency_ppm, d.phase_locked ? ", kernel loop on" : "",
                                           d.seen.empty() ? "nobody that is seen" : joined(d.seen, ", "))
                             : "unknown");
  out += "\n";
  for (const std::string& note : verdict.notes) out += "note: " + note + "\n";
  for (const std::string& fault : verdict.faults) out += "fault: " + fault + "\n";
  if (!verdict.faults.empty()) return out + "not fit to be an anchor\n";
  out += "fit to be an anchor";
  if (!verdict.untried.empty())
    out += ", as far as was tried: nothing is known of " + joined(verdict.untried, ", ") +
           " but what its driver claims";
  return out + "\n";
}

std::string self_test_json(const SelfTestResult& result, const FitnessVerdict& verdict) {
  nlohmann::json out;
  out["fit"] = verdict.faults.empty();
  out["faults"] = verdict.faults;
  out["notes"] = verdict.notes;
  out["untried_interfaces"] = verdict.untried;
  out["stamps"] = nlohmann::json::array();
  for (const StampRow& row : result.stamps) out["stamps"].push_back(counts(row));
  out["claims"] = nlohmann::json::array();
  for (const InterfaceClaim& claim : result.claims) {
    out["claims"].push_back({{"interface", claim.name},
                             {"transmit_kernel", claim.transmit_kernel},
                             {"transmit_card", claim.transmit_card},
                             {"receive_kernel", claim.receive_kernel},
                             {"receive_card", claim.receive_card},
                             {"ptp_clock", claim.clock}});
  }
  out["rates_ppm"] = nlohmann::json::object();
  for (const ClockRate& rate : result.rates)
    out["rates_ppm"][rate.name] = {{"mean", rate.mean}, {"least", rate.least}, {"most", rate.most}};
  out["spread_ns"] = {{"median", result.spread.median.count()},
                      {"p99", result.spread.p99.count()},
                      {"most", result.spread.most.count()}};
  out["wall_steps"] = result.steps;
  out["apart_ppm"] = result.apart_ppm;
  const Discipline& d = result.discipline;
  out["discipline"] = {{"known", d.known},
                       {"synchronised", d.synchronised},
                       {"tick_ppm", d.tick_ppm},
                       {"frequency_ppm", d.frequency_ppm},
                       {"kernel_loop", d.phase_locked},
                       {"seen", d.seen}};
  return out.dump(2) + "\n";
}

}  // namespace chiploc
