// adversary: speaks chiploc's protocol wrongly on purpose, to real programs, and counts what comes back.
//
// Threads: the main thread sends and receives datagrams; a second one tries the coordinator's gRPC port.
// Path of one datagram: Forge::make -> a socket of its own for target and kind -> the program -> Gun::take
// counts.
//
// Exit codes: 0 nothing amplified and nobody was let in; 1 an answer exceeded what was sent, or a connection
// got through; 64 usage; 66 the lab's folder or the ticket cannot be read; 69 no sockets.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <thread>

#include "server/text/number_check.hpp"
#include "tests/adversary/gun.hpp"
#include "tests/adversary/streams.hpp"

using namespace chiploc;
using namespace chiploc::adversary;

namespace {

struct Arguments {
  std::vector<std::string> targets;
  std::string lab, grpc, ca, ticket;
  bool insider = false;
  double seconds = 5.0;
  double rate = 1000.0;
  std::uint64_t seed = 1;
};

int fault(int code, const std::string& text) {
  std::fprintf(stderr, "adversary: %s\n", text.c_str());
  return code;
}

double factor(const Count& count) {
  return count.bytes_sent == 0
             ? 0.0
             : static_cast<double>(count.bytes_answered) / static_cast<double>(count.bytes_sent);
}

void print(const std::string& name, const Count& count) {
  std::printf("%-28s %10llu %8llu %8llu %12llu %10llu %7.3f\n", name.c_str(),
              static_cast<unsigned long long>(count.sent), static_cast<unsigned long long>(count.refused),
              static_cast<unsigned long long>(count.answers),
              static_cast<unsigned long long>(count.bytes_sent),
              static_cast<unsigned long long>(count.bytes_answered), factor(count));
}

void print_tables(const Outsider& known, const Gun& gun) {
  constexpr const char* kHead = "%-28s %10s %8s %8s %12s %10s %7s\n";
  std::printf(kHead, "kind", "sent", "refused", "answers", "bytes sent", "answered", "factor");
  Count all;
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    Count count;
    for (std::size_t target = 0; target < known.targets.size(); ++target)
      count += gun.count(target, static_cast<Kind>(kind));
    if (count.sent + count.refused == 0) continue;
    print(std::string{name_of(static_cast<Kind>(kind))}, count);
    all += count;
  }
  print("all", all);
  std::printf("\n");
  std::printf(kHead, "target", "sent", "refused", "answers", "bytes sent", "answered", "factor");
  for (std::size_t target = 0; target < known.targets.size(); ++target) {
    Count count;
    for (std::size_t kind = 0; kind < kKinds; ++kind) count += gun.count(target, static_cast<Kind>(kind));
    print((known.targets[target].kind == TargetKind::kAnchor ? "anchor " : "agent ") +
              known.targets[target].name,
          count);
  }
}

void print_streams(const StreamCounts& streams) {
  std::printf("\n%-28s %s\n", "connection", "how it was refused");
  for (const auto& [kind, ways] : streams.refused) {
    std::printf("%-28s", kind.c_str());
    for (const auto& [how, count] : ways)
      std::printf(" %s x%llu", how.c_str(), static_cast<unsigned long long>(count));
    std::printf("\n");
  }
}

Result<Outsider, std::string> gather(const Arguments& given) {
  Outsider known;
  if (!given.lab.empty()) {
    auto lab = from_lab(given.lab, given.insider);
    if (!lab) return Fail{lab.error()};
    known = std::move(*lab);
  }
  for (const std::string& text : given.targets) {
    auto target = target_from_text(text);
    if (!target) return Fail{target.error()};
    known.targets.push_back(std::move(*target));
  }
  if (!given.grpc.empty()) {
    known.grpc = given.grpc;
    known.ca = given.ca;
    if (known.server_name.empty()) known.server_name = "chiplocd";
  }
  if (!given.ticket.empty()) {
    std::ifstream in{given.ticket, std::ios::binary};
    const std::string raw{std::istreambuf_iterator<char>{in}, {}};
    if (raw.size() != Ticket::kSize)
      return Fail{given.ticket + ": is no ticket of " + std::to_string(Ticket::kSize) + " bytes"};
    known.ticket.emplace();
    std::copy(raw.begin(), raw.end(), known.ticket->begin());
  }
  return known;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments given;
  CLI::App app{"Speaks chiploc's protocol wrongly on purpose and counts what comes back.", "adversary"};
  app.add_option("--target", given.targets, "agent=HOST:PORT or anchor=HOST:PORT; as often as you like");
  app.add_option("--lab", given.lab, "State folder of a running lab: all its addresses and public names");
  app.add_option("--grpc", given.grpc, "HOST:PORT of a coordinator");
  app.add_option("--ca", given.ca, "The coordinator's authority, a certificate and no secret");
  app.add_option("--ticket", given.ticket, "A stolen ticket, as it travels");
  app.add_flag("--insider", given.insider, "With --lab: has stolen the TLS key of one anchor");
  app.add_option("--seconds", given.seconds, "How long")
      ->check(is_number())
      ->check(CLI::Range(0.1, 86'400.0));
  app.add_option("--rate", given.rate, "Datagrams a second, over all targets")
      ->check(is_number())
      ->check(CLI::Range(1.0, 1e6));
  app.add_option("--seed", given.seed, "The same datagrams again");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 64;
  }
  if (given.lab.empty() && given.targets.empty())
    return fault(64, "nothing to attack; give --target or --lab");
  if (given.insider && given.lab.empty()) return fault(64, "--insider takes what it stole from --lab");
  auto gathered = gather(given);
  if (!gathered) return fault(given.lab.empty() && given.ticket.empty() ? 64 : 66, gathered.error());
  Outsider known = std::move(*gathered);

  auto gun = Gun::open(known, {.duration = std::chrono::milliseconds{static_cast<long>(given.seconds * 1000)},
                               .per_second = given.rate,
                               .seed = given.seed});
  if (!gun) return fault(69, gun.error());
  std::printf("adversary: %zu targets, %.0f datagrams a second for %.1f s, seed %llu%s\n\n",
              known.targets.size(), given.rate, given.seconds, static_cast<unsigned long long>(given.seed),
              given.insider ? ", as an insider" : "");
  std::fflush(stdout);
  std::atomic<bool> stop{false};
  StreamCounts streams;
  std::thread second;
  if (!known.grpc.empty())
    second = std::thread{[&, outsider = known] { streams = attack_streams(outsider, given.seed, stop); }};
  (*gun)->run();
  stop = true;
  if (second.joinable()) second.join();

  print_tables(known, **gun);
  if (!known.grpc.empty()) print_streams(streams);
  const std::string amplifier = (*gun)->amplifier();
  if (!amplifier.empty()) return fault(1, "an answer exceeded what was sent: " + amplifier);
  if (!streams.let_in.empty()) return fault(1, "a connection got through: " + streams.let_in);
  return 0;
}
