// What HTTP costs a real chiplocd: requests a second against nginx, which serves the same bytes as files, and ten thousand who
// watch while rounds run. The rounds are those of tests/soak: a real anchor, production responders as chips, all on loopback.
//     chiploc-rest-bench [--chips 10000] [--watchers 10000] [--rounds-per-s 1] [--seconds 40]
#include <CLI/CLI.hpp>

#include <fstream>
#include <stdexcept>

#include "server/storage/sqlite/store.hpp"
#include "tests/bench/figure.hpp"
#include "tests/bench/http_load.hpp"
#include "tests/bench/sse_crowd.hpp"
#include "tests/soak/round_load.hpp"
#include "tests/support/process_stat.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc::bench {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using std::chrono::seconds;

struct Options {
  std::size_t chips = 10'000;
  std::size_t watchers = 10'000;
  double rounds_per_s = 1.0;
  int seconds = 40;  ///< of each stretch of rounds, at least
  int runs = 3;      ///< of wrk against each server, one after the other in turn
};

[[noreturn]] void give_up(const std::string& why) { throw std::runtime_error{why}; }
template <class T>
T need(Result<T, std::string> result) {
  if (!result) give_up(result.error());
  return std::move(result).value();
}
void tell(const std::string& what) { std::fprintf(stderr, "rest-bench: %s\n", what.c_str()); }

/// Rounds that go on while other things are looked at.
class Rounds {
 public:
  Rounds(SoakWorld& world, Watchers& watchers, double per_s) : world_{world}, load_{world, watchers, per_s} {}
  /// Since the last call of begin().
  struct Stretch {
    double seconds = 0.0;
    std::uint64_t verdicts = 0;
    std::vector<double> report_to_verdict_ms;
    [[nodiscard]] double per_s() const { return static_cast<double>(verdicts) / seconds; }
    [[nodiscard]] double p50() const { return percentile(report_to_verdict_ms, 0.5); }
    [[nodiscard]] double p99() const { return percentile(report_to_verdict_ms, 0.99); }
  };
  void begin() {
    now_ = {};
    from_ = Clock::now();
  }
  void tick(bool starting = true) {
    load_.tick(starting, [this](const Watchers::Outcome& outcome) {
      if (!outcome.verdict) give_up("a round without a verdict: " + outcome.problem);
      ++now_.verdicts;
      if (outcome.report_to_verdict_ms > 0.0)
        now_.report_to_verdict_ms.push_back(outcome.report_to_verdict_ms);
    });
    if (const std::string dead = world_.casualty(); !dead.empty()) give_up(dead);
  }
  [[nodiscard]] Stretch stretch() {
    now_.seconds = std::chrono::duration<double>{Clock::now() - from_}.count();
    return now_;
  }
  Stretch run(seconds how_long) {
    begin();
    const auto end = from_ + how_long;
    while (Clock::now() < end) tick();
    return stretch();
  }
  void finish() {
    while (load_.under_way()) tick(false);
  }
  [[nodiscard]] std::uint64_t verdicts() const { return now_.verdicts; }

 private:
  SoakWorld& world_;
  RoundLoad load_;
  Clock::time_point from_ = Clock::now();
  Stretch now_;
};

/// What is asked for: of chiplocd by these paths, of nginx by those, which have the same bytes.
struct Question {
  std::string name;
  std::vector<std::string> ours, files;
  std::size_t bytes = 0;
};

class RestBench {
 public:
  RestBench(const Options& options, SoakWorld& world, Watchers& watchers, fs::path folder)
      : options_{options},
        world_{world},
        watchers_{watchers},
        folder_{std::move(folder)},
        programs_{fs::read_symlink("/proc/self/exe").parent_path()} {}

  void run() {
    measure_all_chips();
    const std::vector<Question> questions = ask_all();
    auto nginx = Nginx::start({folder_, world_.coordinator_tls(), cipher_});
    if (!nginx) tell(nginx.error());
    for (const Question& question : questions) {
      if (nginx)
        compare(question, *nginx);
      else
        print_skipped(question.name, nginx.error());
    }
    Rounds rounds{world_, watchers_, options_.rounds_per_s};
    tell("rounds alone");
    rounds.run(seconds{5});
    const auto alone = rounds.run(seconds{options_.seconds});
    print_plain(
        "rounds alone, with " + text("%.0f", options_.rounds_per_s) + " started a second; report to verdict",
        told(alone));
    if (nginx) beside_rounds(questions.front(), *nginx, rounds);
    watch(rounds, alone);
  }

 private:
  static std::string told(const Rounds::Stretch& stretch) {
    return text("%.1f /s, ", stretch.per_s()) + text("p50 %.1f, ", stretch.p50()) +
           text("p99 %.1f ms", stretch.p99());
  }

  /// So that answers are as large as they are in use.
  void measure_all_chips() {
    tell("measuring each chip once");
    constexpr double kPerSecond = 120.0;
    Rounds first{world_, watchers_, kPerSecond};
    first.begin();
    while (first.verdicts() < world_.chips().size()) first.tick();
    first.finish();
  }

  [[nodiscard]] std::string ask(const std::string& path) {
    HttpAnswer answer = need(get_once(world_.http_port(), world_.reader_tls(), path));
    cipher_ = answer.cipher;
    return std::move(answer.body);
  }
  void keep(const std::string& file, const std::string& body) const {
    const fs::path at = folder_ / "root" / file;
    fs::create_directories(at.parent_path());
    std::ofstream{at, std::ios::binary} << body;
  }

  [[nodiscard]] std::vector<Question> ask_all() {
    constexpr std::size_t kAsked = 200;
    Question chip{"GET /v1/chips/{chip}", {}, {}, 0};
    for (std::size_t i = 0; i < std::min(kAsked, world_.chips().size()); ++i) {
      chip.ours.push_back("/v1/chips/" + world_.chips()[i]);
      chip.files.push_back("/chip/" + world_.chips()[i]);
      const std::string body = ask(chip.ours.back());
      chip.bytes = body.size();
      keep(chip.files.back().substr(1), body);
    }
    std::vector<Question> out{std::move(chip)};
    for (const char* size : {"100", "1000"}) {
      Question list{std::string{"GET /v1/chips?page_size="} + size, {}, {std::string{"/list-"} + size}, 0};
      list.ours.push_back(list.name.substr(4));
      const std::string body = ask(list.ours.front());
      list.bytes = body.size();
      keep(list.files.front().substr(1), body);
      out.push_back(std::move(list));
    }
    return out;
  }

  [[nodiscard]] WrkRun wrk(const Question& question, const Nginx* nginx, bool pinned, int connections,
                           const std::function<void()>& meanwhile) const {
    WrkOptions wrk{programs_, folder_, world_.reader_tls()};
    wrk.port = nginx != nullptr ? nginx->port() : world_.http_port();
    wrk.paths = nginx != nullptr ? question.files : question.ours;
    wrk.server = nginx != nullptr ? nginx->pid() : world_.coordinator();
    wrk.connections = connections;
    if (pinned) wrk.processor = 1;
    return need(run_wrk(wrk, meanwhile));
  }

  /// Each server has the first processor to itself, wrk the second: what the ratio says is what a request costs the server.
  void compare(const Question& question, const Nginx& nginx) const {
    const bool pinned = std::thread::hardware_concurrency() > 1;
    const std::vector<int> first = pinned ? std::vector<int>{0} : std::vector<int>{};
    keep_to(world_.coordinator(), first);
    keep_to(nginx.pid(), first);
    std::vector<WrkRun> ours, theirs;
    const auto wait = [] { std::this_thread::sleep_for(std::chrono::milliseconds{20}); };
    for (int i = 0; i < options_.runs; ++i) {
      tell(question.name + ", run " + std::to_string(i + 1));
      constexpr int kConnections = 32;
      ours.push_back(wrk(question, nullptr, pinned, kConnections, wait));
      theirs.push_back(wrk(question, &nginx, pinned, kConnections, wait));
    }
    keep_to(world_.coordinator(), {});
    const auto middle = [](const std::vector<WrkRun>& runs, double WrkRun::*part) {
      std::vector<double> values;
      for (const WrkRun& run : runs) values.push_back(run.*part);
      return percentile(values, 0.5);
    };
    const std::string name = question.name + text(", %.1f kB", static_cast<double>(question.bytes) / 1e3);
    const double a = middle(ours, &WrkRun::per_s);
    const double b = middle(theirs, &WrkRun::per_s);
    print_figure(name + ": chiplocd / nginx", text("%.0f /s", a), text("%.0f /s", b), a / b, Want::kAtLeast,
                 0.4);
    const auto latency = [&](const std::vector<WrkRun>& runs) {
      return text("%.2f, ", middle(runs, &WrkRun::p50_ms)) + text("%.2f ms", middle(runs, &WrkRun::p99_ms));
    };
    print_beside("  p50, p99 of 32 connections", latency(ours), latency(theirs));
    print_beside("  processor time a request", text("%.0f us", middle(ours, &WrkRun::cpu_us)),
                 text("%.0f us", middle(theirs, &WrkRun::cpu_us)));
  }

  void beside_rounds(const Question& question, const Nginx& nginx, Rounds& rounds) const {
    constexpr int kFew = 4;
    for (const Nginx* server : {static_cast<const Nginx*>(nullptr), &nginx}) {
      tell("requests beside rounds");
      rounds.begin();
      WrkRun run;
      std::vector<double> p50, p99, per_s;
      while (rounds.stretch().seconds < options_.seconds) {
        run = wrk(question, server, false, kFew, [&] { rounds.tick(); });
        p50.push_back(run.p50_ms);
        p99.push_back(run.p99_ms);
        per_s.push_back(run.per_s);
      }
      print_plain(question.name + " of " + (server == nullptr ? "chiplocd" : "nginx") +
                      " beside rounds, 4 connections",
                  text("%.0f /s, ", percentile(per_s, 0.5)) + text("p50 %.2f, ", percentile(p50, 0.5)) +
                      text("p99 %.2f ms", percentile(p99, 0.5)));
      print_plain("  the rounds meanwhile", told(rounds.stretch()));
    }
  }

  void watch(Rounds& rounds, const Rounds::Stretch& alone) {
    const auto resident = [&] { return read_process_stat(world_.coordinator()).rss_mb; };
    const double before = resident();
    auto crowd = need(SseCrowd::start({world_.http_port(), world_.reader_tls(), options_.watchers}));
    tell("watchers come");
    rounds.begin();
    const auto came = Clock::now();
    while (crowd->watching() < options_.watchers && crowd->lost() == 0 && Clock::now() < came + seconds{180})
      rounds.tick(/*starting=*/false);
    const double connected = resident();
    const auto watching = static_cast<double>(crowd->watching());
    print_plain("watchers of /v1/watch, all connected after",
                text("%.0f, ", watching) + text("%.1f s", rounds.stretch().seconds));
    print_plain("  resident before, and with them",
                text("%.0f, ", before) + text("%.0f MB", connected) +
                    text(" (%.0f kB each)", (connected - before) * 1'024 / watching));
    rounds.run(seconds{5});
    tell("rounds with watchers");
    std::vector<double> sizes;
    constexpr int kParts = 4;
    rounds.begin();
    const auto from = Clock::now();
    const std::uint64_t events = crowd->events();
    for (int part = 1; part <= kParts; ++part) {
      while (Clock::now() < from + part * seconds{options_.seconds} / 2) rounds.tick();
      sizes.push_back(resident());
      print_plain(
          "  resident after so many events to each",
          text("%.0f: ", static_cast<double>(crowd->events()) / watching) + text("%.0f MB", sizes.back()));
    }
    const Rounds::Stretch with = rounds.stretch();
    const double events_per_s = static_cast<double>(crowd->events() - events) / with.seconds;
    rounds.finish();
    const std::uint64_t newest = newest_event();
    const auto asked = Clock::now();
    while (crowd->all_have() < newest && Clock::now() < asked + seconds{120})
      std::this_thread::sleep_for(std::chrono::milliseconds{50});
    const std::uint64_t had = crowd->all_have();
    const auto all = static_cast<double>(crowd->watching());  // who was lost is none of these
    const auto lost = crowd->lost();
    const auto found = crowd->stop();
    print_figure("resident at the end / after a quarter of the events", text("%.0f MB", sizes.back()),
                 text("%.0f MB", sizes.front()), sizes.back() / sizes.front(), Want::kAtMost, 1.1);
    print_figure("watchers who got each event once and in order, of all", text("%.0f", all),
                 text("%.0f", static_cast<double>(options_.watchers)),
                 had == newest ? all / static_cast<double>(options_.watchers) : 0.0, Want::kAtLeast, 1.0);
    if (lost > 0) print_plain("  the first that did not", found.problem);
    if (had != newest)
      print_plain("  slowest is behind by", text("%.0f events", static_cast<double>(newest - had)));
    print_plain("  an event, from the first who has it to the last",
                text("p50 %.0f, ", percentile(found.spreads_ms, 0.5)) +
                    text("p99 %.0f ms", percentile(found.spreads_ms, 0.99)));
    print_plain("  events that all of them get together", text("%.0f /s", events_per_s));
    print_figure("rounds a second: with watchers / alone", told(with), told(alone),
                 with.per_s() / alone.per_s(), Want::kAtLeast, 0.95);
    print_figure("p99 report to verdict: with watchers / alone", text("%.1f ms", with.p99()),
                 text("%.1f ms", alone.p99()), with.p99() / alone.p99(), Want::kAtMost, 2.0);
  }

  [[nodiscard]] std::uint64_t newest_event() const {
    const auto reader = open_sqlite_reader({.path = world_.database().string()});
    if (!reader) give_up(reader.error().text);
    const auto kept = (*reader)->events().events_kept();
    if (!kept) give_up(kept.error().text);
    return kept->newest;
  }

  const Options options_;
  SoakWorld& world_;
  Watchers& watchers_;
  const fs::path folder_;
  const fs::path programs_;
  std::string cipher_;
};

int run(int argc, char** argv) {
  Options options;
  CLI::App app{
      "chiploc-rest-bench: HTTP of a real chiplocd against nginx, and many who watch while rounds run"};
  app.add_option("--chips", options.chips)->capture_default_str();
  app.add_option("--watchers", options.watchers)->capture_default_str();
  app.add_option("--rounds-per-s", options.rounds_per_s)->capture_default_str();
  app.add_option("--seconds", options.seconds, "of each stretch of rounds")->capture_default_str();
  app.add_option("--runs", options.runs, "of wrk, of which the middle one counts")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  const TempDir folder;
  SoakOptions soak;
  soak.state = folder / "soak";
  soak.programs = fs::read_symlink("/proc/self/exe").parent_path();
  soak.rounds = options.chips;
  soak.ping_interval_ms = 100;
  soak.http =
      "connections = 20000\nstreams = 20000\nwatchers_per_caller = 20000\nrequests_per_caller = 1000000\n"
      "burst_per_caller = 1000000\nrequests_per_address = 1000000\nburst_per_address = 1000000\n";
  fs::create_directories(soak.state);
  fs::create_directories(folder / "nginx");
  tell("keys and certificates, and an import of all chips");
  auto world = need(SoakWorld::start(soak));
  auto watchers = need(Watchers::open(world->address(), world->operator_tls(), options.chips));
  RestBench{options, *world, *watchers, folder / "nginx"}.run();
  watchers.reset();
  for (const std::string& end : world->stop()) tell(end);
  return 0;
}

}  // namespace
}  // namespace chiploc::bench

int main(int argc, char** argv) {
  try {
    return chiploc::bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "chiploc-rest-bench: %s\n", error.what());
    return 69;
  }
}
