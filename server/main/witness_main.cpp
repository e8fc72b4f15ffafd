// chiploc-witness: cosigns what logs put out, as long as they only grow (C2SP tlog-witness).
//
// Threads   main    starts all, waits for a signal, stops all.
//           HTTP's  two: connections, bounds, the queue (WitnessServer).
//           worker  judges submissions one after the other, puts the tree on disk, signs, answers.
// A submission  an HTTP thread reads it whole and queues it; the worker holds it against the newest tree that was cosigned of
//           that log, writes the new one (temporary file, sync, rename, sync of the folder), and only then answers.
// Ending    SIGTERM or SIGINT: no more connections, what is being judged is answered, then it ends. Killed, it goes on from
//           what is on disk, which is never behind what it has answered.
#include <pthread.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <systemd/sd-daemon.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <exception>
#include <iostream>
#include <string>

#include "proto/base/log_guard.hpp"
#include "proto/base/process_secrets.hpp"
#include "proto/crypto/key_store.hpp"
#include "server/coordinator/clocks.hpp"
#include "server/net/tls_files.hpp"
#include "server/witness/witness_config.hpp"
#include "server/witness/witness_init.hpp"

namespace {

using namespace chiploc;

constexpr int kFine = 0;
constexpr int kUsage = 64;
constexpr int kCannotStart = 69;
constexpr int kInternal = 70;
constexpr int kBadConfig = 78;
/// For what is judged when the end comes: a disk's slowest sync, and the way back.
constexpr std::chrono::milliseconds kGrace{5'000};

int cannot_start(const std::string& text) {
  std::cerr << "chiploc-witness: " << text << "\n";
  return kCannotStart;
}

/// What starts, and says on the way why it cannot.
int run(const WitnessConfig& config, bool check_only, const std::string& config_file) {
  const auto key = open_signer(config.key);
  if (!key) return cannot_start("witness.key: " + key.error().text);
  const auto signer = witness_signer(config.name, **key);
  if (!signer) return cannot_start(signer.error());
  auto tls = load_own_tls(config.certificate, config.tls_key);
  if (!tls) return cannot_start(tls.error());
  auto store = WitnessStore::open(config.state_dir, signer->key());
  if (!store) return cannot_start(store.error().text);
  if (check_only) {
    std::cout << config_file << ": no faults\n";
    return kFine;
  }
  // Before any thread is there, so that none of them is what a signal meets.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  auto server = WitnessServer::start({.address = config.address,
                                      .tls = *std::move(tls),
                                      .limits = config.limits,
                                      .wall_now = wall_now,
                                      .steady_now = steady_now},
                                     WitnessDesk{config.logs, *signer, **store});
  if (!server) return cannot_start(config.address_from + ": " + server.error());
  if (config.logs.empty())
    spdlog::warn("witness.no_logs text=\"no [[log]] is configured: nothing is cosigned\"");
  spdlog::info("witness.started name={} vkey={} port={} logs={} cosigned_before={} version={}", config.name,
               vkey_text(signer->key()), (*server)->port(), config.logs.size(), (*store)->logs(),
               CHIPLOC_VERSION);
  sd_notify(0, "READY=1");
  int signal = 0;
  sigwait(&ends, &signal);
  sd_notify(0, "STOPPING=1");
  spdlog::info("witness.stopping signal={}", signal);
  (*server)->stop(kGrace);
  spdlog::info("witness.stopped");
  return kFine;
}

int init(const WitnessInitOptions& words) {
  const auto made = init_witness(words);
  if (!made) {
    std::cerr << "chiploc-witness init: " << made.error().text << "\n";
    return made.error().usage ? kUsage : kCannotStart;
  }
  std::cerr << made->text;
  std::cout << made->vkey << "\n";
  return kFine;
}

}  // namespace

int main(int argc, char** argv) {
  keep_memory_private();
  CLI::App app{"chiploc-witness: cosigns what logs put out, as long as they only grow", "chiploc-witness"};
  std::string config_file;
  bool check_only = false;
  std::string level = "info";
  app.add_option("--config", config_file, "configuration file (witness.toml)");
  app.add_flag("--check-config", check_only, "check file, key, certificate and state, and exit");
  app.add_option("--log-level", level, "trace, debug, info, warn, error")
      ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error"}));
  WitnessInitOptions init_words;
  CLI::App* const maker = app.add_subcommand(
      "init",
      "makes a new witness's folder: its key (0600), its configuration, its empty state; prints its verifier key");
  maker->add_option("--name", init_words.name, "the cosigner's name, such as witness.example/w1")->required();
  maker->add_option("--dir,--folder", init_words.dir, "the new folder; nothing that is there is overwritten")
      ->capture_default_str();
  maker->add_option("--state-dir", init_words.state_dir,
                    "where it keeps what it has cosigned (default: state in that folder; under the unit: "
                    "/var/lib/chiploc-witness)");
  app.footer(
      "example: chiploc-witness --config /etc/chiploc/witness/witness.toml\n\n"
      "exit codes: 0 fine, 64 usage, 69 cannot start (address, key, certificate, what it has cosigned), "
      "70 internal error, 78 bad configuration");
  app.set_version_flag("--version", std::string{"chiploc-witness "} + CHIPLOC_VERSION);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kFine : kUsage;
  }
  if (app.got_subcommand("init")) return init(init_words);
  if (config_file.empty()) {
    std::cerr << "chiploc-witness: --config FILE is missing; see --help\n";
    return kUsage;
  }
  spdlog::set_default_logger(spdlog::stderr_logger_mt("witness"));
  spdlog::set_level(spdlog::level::from_str(level));
  spdlog::set_formatter(std::make_unique<GuardedFormatter>());

  const auto config = load_witness_config(config_file);
  if (!config) {
    for (const std::string& fault : config.error()) std::cerr << "chiploc-witness: " << fault << "\n";
    return kBadConfig;
  }
  try {
    return run(*config, check_only, config_file);
  } catch (const std::exception& error) {
    std::cerr << "chiploc-witness: internal error: " << error.what() << "\n";
    return kInternal;
  }
}
