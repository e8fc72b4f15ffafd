// chiploc-anchor: measures round trips from a known place.
//
// Threads   main    runs the io_context: sockets, prober, mesh, commands. Nothing on it blocks; it alone
//                   reads stamps.
//           keeper  signs results and writes them to the spool (Keeper). Ends with its queue done.
//           gRPC's  carry the stream to the coordinator (UplinkStream); they only post to main and never call
//                   into the core.
// A packet  main waits in Asio's reactor; a socket becomes readable; UdpSocket drains the error queue
//           (transmit stamps) and reads a batch with recvmmsg (receive stamps); AnchorCore gives each
//           datagram to Prober or Mesh, which puts answers and pings into UdpProber's queue; they leave with
//           sendmmsg, pings with a request for a stamp. A finished round goes to keeper, which signs and
//           stores it; main fetches it from there into the stream; the coordinator's Acknowledge deletes it
//           from disk.
// Ending    SIGTERM or SIGINT: rounds in flight are reported with what there is, a second to deliver, then
//           the streams and sockets close and keeper syncs. What was not delivered is on disk and follows
//           after the next start.
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <systemd/sd-daemon.h>

#include <CLI/CLI.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "proto/base/log_guard.hpp"
#include "proto/base/process_secrets.hpp"
#include "server/anchor/clocks.hpp"
#include "server/anchor/program.hpp"
#include "server/anchor/self_test.hpp"
#include "server/main/anchor_setup.hpp"
#include "server/net/endpoint.hpp"
#include "server/text/number_check.hpp"

namespace {

using namespace chiploc;

constexpr int kFine = 0;
constexpr int kNotFit = 1;
constexpr int kUsage = 64;
constexpr int kCannotStart = 69;
constexpr int kInternal = 70;
constexpr int kBadConfig = 78;
/// Between the last reports and the end of the stream: a few round trips to any coordinator.
constexpr std::chrono::milliseconds kDrainTime{1000};

int serve(const AnchorConfig& config) {
  asio::io_context io{1};
  auto opened = AnchorProgram::open(io, config);
  if (!opened) {
    std::cerr << "chiploc-anchor: " << opened.error() << "\n";
    return kCannotStart;
  }
  AnchorProgram& anchor = **opened;
  for (const Endpoint& endpoint : anchor.endpoints())
    spdlog::info("anchor.listening address={}", endpoint_text(endpoint));
  spdlog::info("anchor.started name={} id={} version={}", config.name, anchor.id().hex(), CHIPLOC_VERSION);

  asio::steady_timer drained{io};
  asio::signal_set signals{io, SIGTERM, SIGINT};
  signals.async_wait([&](const asio::error_code& error, int signal) {
    if (error) return;
    sd_notify(0, "STOPPING=1");
    spdlog::info("anchor.stopping signal={}", signal);
    anchor.drain();
    drained.expires_after(anchor.attached() ? kDrainTime : std::chrono::milliseconds{0});
    drained.async_wait([&](const asio::error_code&) {
      anchor.stop();
      io.stop();
    });
  });
  // Only now: keeper and the streams' first threads are there already and keep the usual scheduler and
  // processors.
  if (const auto applied = apply_realtime(config.realtime); !applied) {
    std::cerr << "chiploc-anchor: " << applied.error() << "\n";
    return kCannotStart;
  }
  anchor.start();
  sd_notify(0, "READY=1");
  io.run();
  opened->reset();  // joins keeper: everything is on disk
  spdlog::info("anchor.stopped");
  return kFine;
}

struct SelfTestWords {
  std::vector<std::string> listen;
  std::string peer;
  std::string config_file;
  std::string output = "table";
  double seconds = 3;
};

void add_self_test(CLI::App& app, SelfTestWords& words) {
  CLI::App* const test = app.add_subcommand("selftest",
                                            "pings for some seconds and says which stamps arrive, how the "
                                            "clocks run and who steers them; exit code 0: fit "
                                            "to be an anchor, 1: not, and why");
  test->add_option("--listen", words.listen, "address:port to ping from, port 0: any (default 127.0.0.1:0)");
  test->add_option("--config", words.config_file,
                   "take the addresses from this anchor.toml, with any free port");
  test->add_option("--peer", words.peer,
                   "address:port to ping: another anchor (default: ourselves, over loopback)");
  test->add_option("--seconds", words.seconds, "how long")
      ->check(is_number())
      ->check(CLI::Range(0.3, 3600.0));
  test->add_option("-o,--output", words.output, "table or json")->check(CLI::IsMember({"table", "json"}));
}

std::optional<Endpoint> endpoint_or_complain(const std::string& text, const char* option) {
  const auto endpoint = endpoint_from_text(text);
  if (!endpoint) {
    std::cerr << "chiploc-anchor: " << option << " " << text
              << ": no address and port; write 192.0.2.7:7411 or [2001:db8::7]:7411\n";
  }
  return endpoint;
}

int self_test(const SelfTestWords& words) {
  SelfTestOptions options;
  options.time = std::chrono::duration_cast<Nanoseconds>(std::chrono::duration<double>{words.seconds});
  if (!words.config_file.empty()) {
    const auto config = load_anchor_config(words.config_file);
    if (!config) {
      for (const std::string& fault : config.error()) std::cerr << "chiploc-anchor: " << fault << "\n";
      return kBadConfig;
    }
    options.listen = config->listen;
    options.stamps = config->stamps;
    for (Endpoint& endpoint : options.listen) endpoint.port = 0;  // the anchor itself may be running
  }
  for (const std::string& text : words.listen) {
    const auto endpoint = endpoint_or_complain(text, "--listen");
    if (!endpoint) return kUsage;
    options.listen.push_back(*endpoint);
  }
  if (!words.peer.empty()) {
    options.peer = endpoint_or_complain(words.peer, "--peer");
    if (!options.peer) return kUsage;
  }
  if (options.listen.empty()) {
    const bool v6 = options.peer && options.peer->family == 6;
    const char* const any = options.peer ? (v6 ? "[::]:0" : "0.0.0.0:0") : "127.0.0.1:0";
    options.listen.push_back(*endpoint_from_text(any));
  }
  const auto result = run_self_test(options);
  if (!result) {
    std::cerr << "chiploc-anchor: selftest: " << result.error() << "\n";
    return kCannotStart;
  }
  const FitnessVerdict verdict = judge_fitness(*result);
  std::cout << (words.output == "json" ? self_test_json(*result, verdict)
                                       : self_test_table(*result, verdict));
  return verdict.faults.empty() ? kFine : kNotFit;
}

}  // namespace

int main(int argc, char** argv) {
  keep_memory_private();
  CLI::App app{"chiploc-anchor: measures round trips to chips from a known place", "chiploc-anchor"};
  std::string config_file;
  bool check_only = false;
  bool show_identity = false;
  bool json = false;
  std::string level = "info";
  app.add_option("--config", config_file, "configuration file (anchor.toml)");
  app.add_flag("--check-config", check_only, "check file, keys and certificates, and exit");
  CLI::Option* const identity = app.add_flag("--show-identity", show_identity,
                                             "print what is public of it: name, key, certificate; and exit");
  app.add_flag("--json", json, "the identity as JSON")->needs(identity);
  app.add_option("--log-level", level, "trace, debug, info, warn, error")
      ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error"}));
  SelfTestWords self_test_words;
  add_self_test(app, self_test_words);
  AnchorInitOptions init_words;
  add_anchor_init(app, init_words);
  app.footer(
      "example: chiploc-anchor --config /etc/chiploc/anchor.toml\n\n"
      "exit codes: 0 fine, 1 selftest: not fit, 64 usage, 69 cannot start (address, key, certificate, spool), "
      "70 internal error, 78 bad configuration, or no certificate yet");
  app.set_version_flag("--version", std::string{"chiploc-anchor "} + CHIPLOC_VERSION);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kFine : kUsage;
  }
  if (app.got_subcommand("init")) return run_anchor_init(init_words);
  if (app.got_subcommand("selftest")) return self_test(self_test_words);
  // Not required() of CLI11: it would complain of the missing file before it names a flag that does not
  // exist.
  if (config_file.empty()) {
    std::cerr << "chiploc-anchor: --config FILE is missing; see --help\n";
    return kUsage;
  }
  spdlog::set_default_logger(spdlog::stderr_logger_mt("anchor"));
  spdlog::set_level(spdlog::level::from_str(level));
  spdlog::set_formatter(std::make_unique<GuardedFormatter>());

  const auto config = load_anchor_config(config_file);
  if (!config) {
    for (const std::string& fault : config.error()) std::cerr << "chiploc-anchor: " << fault << "\n";
    return kBadConfig;
  }
  if (show_identity) {
    const auto shown = anchor_identity(*config, json);
    if (!shown) {
      std::cerr << "chiploc-anchor: " << shown.error() << "\n";
      return kCannotStart;
    }
    std::cout << *shown;
    return kFine;
  }
  if (const auto missing = missing_certificate(*config)) {
    std::cerr << "chiploc-anchor: " << *missing << "\n";
    return kBadConfig;
  }
  if (check_only) {
    if (const auto key = open_anchor_key(*config); !key) {
      std::cerr << "chiploc-anchor: " << key.error() << "\n";
      return kCannotStart;
    }
    const WallTime now = read_clocks().wall;
    const auto own = check_anchor_certificate(*config, now);
    if (!own) {
      std::cerr << "chiploc-anchor: " << own.error() << "\n";
      return kCannotStart;
    }
    if (const std::string soon = near_end_text(*own, now); !soon.empty())
      std::cerr << "chiploc-anchor: " << soon << "\n";
    std::cout << config_file << ": no faults\n";
    return kFine;
  }
  try {
    return serve(*config);
  } catch (const std::exception& error) {
    std::cerr << "chiploc-anchor: internal error: " << error.what() << "\n";
    return kInternal;
  }
}
