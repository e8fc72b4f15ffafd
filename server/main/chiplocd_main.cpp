// chiplocd: the coordinator. Starts rounds, signs tickets, judges evidence, keeps it and answers people.
//
// Threads   main     runs the io_context: rounds, anchors, scheduler, signals (Coordinator).
//           store    owns the writing connection to the database (StoreThread); groups commits.
//           imports  reads and checks imported files (OperatorUseCases).
//           replays  judges stored rounds again (OperatorUseCases).
//           senders  one for each sink of notices (NoticeClock).
//           reports  makes and signs reports (OperatorUseCases).
//           gRPC's   carry streams and calls; they hand over to the threads above and never wait for a round.
//           signers  one, for certificates of newcomers (EnrolDesk).
//           log      puts what was committed into the evidence log (LogKeeper).
//           HTTP's   two, the same for the API as JSON and the page (HttpEdge); libcurl's, where people have tokens.
// A report  gRPC reads it from the anchor's stream (AnchorService), posts it to main
//           (Coordinator::on_report), which hands the bytes to store and the event to its Round; after the
//           commit the anchor is told that it may forget it. The last report makes the Round ask for the
//           statement; with that, check_evidence and decide turn it all into a verdict, and after its commit
//           the person who waits is told.
// Ending    SIGTERM or SIGINT: no new rounds, those in flight are abandoned by name, streams end, what was
//           accepted is committed, exit 0.
#include <systemd/sd-daemon.h>

#include <CLI/CLI.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/signal_set.hpp>
#include <iostream>
#include <optional>

#include "proto/base/joined.hpp"
#include "proto/base/log_guard.hpp"
#include "proto/base/process_secrets.hpp"
#include "proto/base/safe_text.hpp"
#include "proto/crypto/digest.hpp"
#include "server/coordinator/certificate_watch.hpp"
#include "server/coordinator/clocks.hpp"
#include "server/coordinator/config.hpp"
#include "server/coordinator/coordinator.hpp"
#include "server/coordinator/notice_clock.hpp"
#include "server/coordinator/pseudonym_key_file.hpp"
#include "server/coordinator/report_key_file.hpp"
#include "server/coordinator/status_clock.hpp"
#include "server/enrol/enrol_desk.hpp"
#include "server/grpc/anchor_service.hpp"
#include "server/grpc/certificate_gate.hpp"
#include "server/grpc/grpc_server.hpp"
#include "server/grpc/operator_service.hpp"
#include "server/logbook/served_log.hpp"
#include "server/main/coordinator_setup.hpp"
#include "server/main/evidence_log.hpp"
#include "server/main/http_edge.hpp"
#include "server/net/endpoint.hpp"
#include "server/net/listen.hpp"
#include "server/service/budget_warning.hpp"
#include "server/service/research.hpp"
#include "server/service/sign_in_codes.hpp"
#include "server/service/stories_of.hpp"
#include "server/storage/sqlite/migrate.hpp"
#include "server/storage/sqlite/store.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace {

using namespace chiploc;

constexpr int kFine = 0;
constexpr int kStepsMissing = 1;
constexpr int kUsage = 64;
constexpr int kCannotStart = 69;
constexpr int kInternal = 70;
constexpr int kBadConfig = 78;
constexpr std::chrono::milliseconds kDrainGrace{2'000};

int cannot_start(const std::string& why) {
  std::cerr << "chiplocd: " << why << "\n";
  return kCannotStart;
}

/// "PATH has schema 5, this program needs 6" and a line for each step.
void describe(const std::string& path, const SchemaStanding& standing, std::string_view of_steps) {
  std::cout << "chiplocd: " << path << " has schema " << standing.version << ", this program needs "
            << standing.newest << "\n";
  for (const Migration& step : standing.missing) std::cout << "  " << step.name << "  " << of_steps << "\n";
}

void describe_none(const std::string& path) {
  std::cout << "chiplocd: there is no database " << path << " yet; the first start makes it\n";
}

int show_schema(const std::string& path) {
  const auto standing = sqlite_schema({.path = path});
  if (!standing) return cannot_start(standing.error().text);
  if (!*standing) {
    describe_none(path);
    return kFine;
  }
  describe(path, **standing, "missing");
  if ((*standing)->missing.empty()) return kFine;
  std::cout << "stop chiplocd, back the database up, then run 'chiplocd --config FILE migrate apply'\n";
  return kStepsMissing;
}

int apply_schema(const std::string& path) {
  const auto standing = migrate_sqlite({.path = path});
  if (!standing) return cannot_start(standing.error().text);
  if (!*standing) {
    describe_none(path);
  } else if ((*standing)->missing.empty()) {
    std::cout << "chiplocd: " << path << " has schema " << (*standing)->version
              << " already; nothing was done\n";
  } else {
    describe(path, **standing, "done");
  }
  return kFine;
}

/// nullopt: this coordinator signs for nobody.
std::optional<EnrolAuthority> authority_of(const EnrolConfig& config) {
  if (config.authority.empty()) return std::nullopt;
  return EnrolAuthority{config.authority, config.passphrase_file, config.days};
}

/// What TLS needs, all of it read and checked.
struct Tls {
  TlsMaterial material;
  OwnCertificate own;
  std::unique_ptr<Revocations> revocations;  ///< null: none are configured
};

Result<Tls, std::string> open_tls(const DaemonConfig& config) {
  auto material = load_tls(config.tls);
  if (!material) return Fail{material.error()};
  auto own = check_certificate(config.tls, *material, CertificateHolder::kCoordinator, "", wall_now());
  if (!own) return Fail{own.error()};
  Tls tls{std::move(material).value(), std::move(own).value(), nullptr};
  if (config.revocations.empty()) return tls;
  auto authorities = Certificate::chain_from_pem(tls.material.ca);  // load_tls has read it
  auto revocations = Revocations::open(config.revocations, std::move(authorities).value());
  if (!revocations) return Fail{revocations.error()};
  tls.revocations = std::move(revocations).value();
  return tls;
}

int serve(DaemonConfig config, std::unique_ptr<Signer> key, std::vector<NoticeSink> sinks, const Tls& tls) {
  // Before the database: who may not serve shall not leave a new one behind, nor touch another's.
  if (const auto endpoint = endpoint_from_text(config.grpc_address)) {
    if (const auto fault = tcp_listen_fault(*endpoint)) return cannot_start("coordinator.grpc: " + *fault);
  }
  if (const auto endpoint = endpoint_from_text(config.http.address)) {
    if (const auto fault = tcp_listen_fault(*endpoint)) return cannot_start("http.address: " + *fault);
  }
  const SqliteOptions database{.path = config.database.string()};
  auto store = open_sqlite_store(database);
  if (!store) return cannot_start(store.error().text);
  auto registry = (*store)->registry().load_registry();
  auto cut_rounds = (*store)->rounds().open_rounds();
  if (!registry) return cannot_start(registry.error().text);
  if (!cut_rounds) return cannot_start(cut_rounds.error().text);
  auto reader = open_sqlite_reader(database);
  if (!reader) return cannot_start(reader.error().text);
  auto watch_reader = open_sqlite_reader(database);
  if (!watch_reader) return cannot_start(watch_reader.error().text);
  auto log = open_evidence_log(config, database, **store, key->public_key());
  if (!log) return cannot_start(log.error());
  auto policy = policy_in_force(config.coordinator.policy, config.rules, **reader);
  if (!policy) return cannot_start(policy.error());
  auto differs = differences(config.coordinator.policy, policy->policy);
  for (std::string& phrase : differences(config.rules, policy->rules)) differs.push_back(std::move(phrase));
  if (!differs.empty()) {
    spdlog::warn(
        "chiplocd.policy_differs in_force={} differences=\"{}\" problem=\"chiplocd.toml decides otherwise than the "
        "policy that was activated last, which is in force; chiploc policy list\"",
        policy->number, log_text(joined(differs, ", "), 2'000));
  }
  config.coordinator.policy = policy->policy;
  config.coordinator.schedule = policy->rules.scheduler;
  config.coordinator.retention = policy->rules.retention;
  PolicyHolder policy_holder{*std::move(policy)};

  auto report_key = open_signer(config.key);  // of its own: a signer is for one thread at a time
  if (!report_key) return cannot_start(report_key.error().text);
  const ReportSigning reports =
      open_report_signing(report_key_file_of(config.database), std::move(report_key).value(), wall_now());
  if (!reports.unusable.empty())
    spdlog::error("report_keys.failing problem=\"{}\"", log_text(reports.unusable));

  std::optional<Research> research;
  if (auto pseudonyms = open_pseudonym_key(pseudonym_key_file_of(config.database))) {
    research.emplace(*std::move(pseudonyms));
  } else {
    spdlog::error("pseudonyms.failing problem=\"{}\"", log_text(pseudonyms.error()));
  }

  const Borders& borders = Borders::world();
  RegistryHolder holder{*registry};
  asio::io_context io{1};
  const auto guard = asio::make_work_guard(io);
  const auto source = coordinator_id_of(key->public_key());
  if (!source) return cannot_start(source.error().text);
  NoticeClock notices{io,
                      std::move(sinks),
                      {.source = *source,
                       .retention = [&policy_holder] { return policy_holder.notices(); },
                       .dice = notice_dice(),
                       .registry = [&holder] { return holder.get(); },
                       .now = wall_now}};
  if (const auto begun = notices.begin(**reader); !begun) return cannot_start(begun.error().text);

  StatusKeeper statuses{[&policy_holder] { return policy_holder.status(); }};
  if (const auto watched = statuses.watch(**store); !watched) return cannot_start(watched.error().text);
  FollowUp follow{
      FollowUp::RulesNow{[&policy_holder] { return policy_holder.follow(); }}, statuses,
      [&holder] { return holder.get(); },
      [&notices](Store& inside, std::span<const Notice> told) { return notices.post().post(inside, told); }};
  if (const auto watched = follow.watch(**store); !watched) return cannot_start(watched.error().text);
  StoreThread store_thread{std::move(store).value()};
  Coordinator coordinator{
      io, config.coordinator, std::move(key), [&holder] { return holder.get(); }, store_thread, borders};
  statuses.add_step([&coordinator](Store&, const StatusTold& told) -> Stored<Done> {
    if (!told.from_before && !told.changes.empty())
      coordinator.chip_changed(told.chip, told.changes.back().at);
    return Done{};
  });
  std::optional<SignInCodes> codes;
  if (!config.http.page.empty())
    codes.emplace(config.http.public_url + "/", SignInCodeRules{}, random_bytes_or_abort);
  SignInCodes* const given_codes = codes ? &*codes : nullptr;
  OperatorUseCases use_cases{
      OperatorParts{.registry = holder,
                    .store = store_thread,
                    .reader = **reader,
                    .rounds = coordinator,
                    .status = coordinator,
                    .policy = policy_holder,
                    .known_country = [&borders](CountryCode c) { return borders.knows(c); },
                    .now = wall_now,
                    .software_version = CHIPLOC_VERSION,
                    .limits = {},
                    .borders = &borders,
                    .statuses = &statuses,
                    .follow = &follow,
                    .notices = &notices,
                    .mutes = config.mutes,
                    .stories = stories_of(**reader, follow, wall_now),
                    .reports = &reports,
                    .codes = given_codes,
                    .research = research ? &*research : nullptr,
                    .watch_reader = watch_reader->get(),
                    .watching = config.http.watching,
                    .enrolment = {.has_authority = !config.enrol.authority.empty(),
                                  .has_http = !config.http.address.empty(),
                                  .dice = random_bytes_or_abort}}};
  EnrolDesk enrol{{.authority = authority_of(config.enrol),
                   .chips = [&use_cases](const Enrolment& one, const ArrivedChip& chip,
                                         const auto& done) { use_cases.enrol_chip(one, chip, done); },
                   .store = store_thread,
                   .counters = use_cases.counters(),
                   .now = wall_now,
                   .steady = steady_now}};
  std::optional<CertificateGate> gate;
  if (tls.revocations) gate.emplace(*tls.revocations, use_cases.counters());
  CertificateGate* const at_gate = gate ? &*gate : nullptr;
  AnchorService anchors{coordinator, at_gate};
  OperatorService people{use_cases, at_gate};
  auto server = GrpcServer::start({.address = config.grpc_address, .tls = tls.material, .gate = at_gate},
                                  {&anchors, &people});
  if (!server) return cannot_start(server.error());
  const ServedLog served_log{"log", log->folder, vkey_text(log->keeper->key())};
  std::unique_ptr<HttpEdge> http;
  if (!config.http.address.empty()) {
    auto edge = HttpEdge::start(config.http, tls.material, tls.revocations.get(), use_cases, given_codes,
                                enrol, *log->keeper, served_log);
    if (!edge) return cannot_start(edge.error());
    http = std::move(edge).value();
  }
  CertificateWatch certificates{io, tls.own, tls.revocations.get(), use_cases.counters(), [at_gate, &http] {
                                  if (at_gate != nullptr) at_gate->list_changed();
                                  if (http) http->certificates_changed();
                                }};
  certificates.start();
  StatusClock status_clock{
      io,       store_thread, statuses, [&holder] { return holder.get()->version(); }, use_cases.counters(),
      wall_now, &follow};
  status_clock.start();
  notices.start(store_thread);
  log->keeper->start();

  for (const auto& [name, territory] : (*registry)->territories()) {
    if (!territory->unreadable.empty()) {
      spdlog::warn(
          "chiplocd.territory_unreadable territory={} problem=\"{}\" doing=\"nothing is "
          "proved about it; import it anew\"",
          name, territory->unreadable);
    }
  }
  if (const std::string few = budget_warning(**registry, config.coordinator.policy);
      !few.empty() && !(*registry)->anchors().empty())
    spdlog::warn("chiplocd.too_few_perspectives problem=\"{}\"", few);
  coordinator.begin(*cut_rounds);
  asio::signal_set signals{io, SIGTERM, SIGINT};
  signals.async_wait([&](const asio::error_code& error, int) {
    if (error) return;
    sd_notify(0, "STOPPING=1");
    certificates.stop();
    status_clock.stop();
    notices.stop();
    coordinator.drain([&io] { io.stop(); });
  });
  spdlog::info("chiplocd.ready version={} grpc={} http={} coordinator_id={} chips={} anchors={}",
               CHIPLOC_VERSION, config.grpc_address,
               config.http.address.empty() ? "off" : config.http.address, coordinator.id().hex(),
               (*registry)->chips().size(), (*registry)->anchors().size());
  sd_notify(0, "READY=1");
  io.run();
  use_cases.end_watches();
  if (http) http->stop(kDrainGrace);
  server->stop(kDrainGrace);
  store_thread.stop();
  log->stop();
  spdlog::info("chiplocd.stopped");
  return kFine;
}

int run(int argc, char** argv) {
  CLI::App app{"chiplocd coordinates location rounds: it starts them, judges their evidence and keeps it.",
               "chiplocd"};
  app.footer(
      "example: chiplocd --config /etc/chiploc/chiplocd.toml\n\n"
      "exit codes: 0 fine, 1 'migrate status' found steps missing, 64 usage, "
      "69 cannot start (address, port, key, certificate, database), 70 internal error, 78 bad configuration");
  std::string config_file;
  std::string level = "info";
  bool check = false;
  bool show_identity = false;
  bool json = false;
  app.add_option("--config", config_file, "the TOML file; deploy/chiplocd.toml shows every key");
  app.add_flag("--check-config", check,
               "check file, keys, certificates, address and the database's folder, and exit");
  CLI::Option* const identity = app.add_flag("--show-identity", show_identity,
                                             "print what is public of it: key and certificate; and exit");
  app.add_flag("--json", json, "the identity as JSON")->needs(identity);
  app.add_option("--log-level", level, "trace, debug, info, warning, error, critical, off")
      ->capture_default_str();
  CLI::App& migrate =
      *app.add_subcommand("migrate", "bring the database of an older version to this one's schema");
  migrate.fallthrough();
  migrate.require_subcommand(1);
  const CLI::App& migrate_status =
      *migrate.add_subcommand("status", "say which steps are missing, and change nothing")->fallthrough();
  const CLI::App& migrate_apply =
      *migrate.add_subcommand("apply", "run them all, in one transaction, with chiplocd stopped")
           ->fallthrough();
  CoordinatorInitOptions init_words;
  const CLI::App& init = add_coordinator_init(app, init_words);
  app.set_version_flag("--version", std::string{"chiplocd "} + CHIPLOC_VERSION);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kFine : kUsage;
  }
  if (init.parsed()) return run_coordinator_init(init_words);
  // Not required() of CLI11: it would complain of the missing file before it names a flag that does not
  // exist.
  if (config_file.empty()) {
    std::cerr << "chiplocd: --config FILE is missing; see --help\n";
    return kUsage;
  }
  spdlog::set_default_logger(spdlog::stderr_logger_mt("chiplocd"));
  spdlog::set_formatter(std::make_unique<GuardedFormatter>());
  spdlog::set_level(spdlog::level::from_str(level));

  auto loaded = load_daemon_config(config_file);
  if (!loaded.faults.empty()) {
    for (const std::string& fault : loaded.faults) std::cerr << "chiplocd: " << fault << "\n";
    return kBadConfig;
  }
  if (migrate_status.parsed()) return show_schema(loaded.config.database.string());
  if (migrate_apply.parsed()) return apply_schema(loaded.config.database.string());
  auto key = open_signer(loaded.config.key);
  if (!key) return cannot_start(key.error().text);
  if ((*key)->algorithm() != SignatureAlgorithm::kEd25519) {
    return cannot_start(
        "the key '" + loaded.config.key.uri + "' is " + std::string{name_of((*key)->algorithm())} +
        "; tickets are signed with Ed25519: make one with 'openssl genpkey -algorithm ed25519'");
  }
  if (show_identity) {
    std::cout << coordinator_identity((*key)->public_key(), loaded.config.tls, json);
    return kFine;
  }
  auto sinks = open_notice_sinks(loaded.config.notices);
  if (!sinks) {
    for (const std::string& fault : sinks.error()) std::cerr << "chiplocd: " << fault << "\n";
    return kCannotStart;
  }
  const auto tls = open_tls(loaded.config);
  if (!tls) return cannot_start(tls.error());
  if (const auto authority = authority_of(loaded.config.enrol)) {
    const std::string fault = enrol_fault(*authority, tls->material.ca);
    if (!fault.empty()) return cannot_start("enrol.authority: " + fault);
  }
  if (check) {
    const auto faults = start_faults(loaded.config);
    for (const std::string& fault : faults) std::cerr << "chiplocd: " << fault << "\n";
    if (!faults.empty()) return kCannotStart;
    if (const std::string soon = near_end_text(tls->own, wall_now()); !soon.empty())
      std::cerr << "chiplocd: " << soon << "\n";
    std::cout << "chiplocd: the configuration is right\n";
    return kFine;
  }
  return serve(std::move(loaded.config), std::move(key).value(), std::move(*sinks), *tls);
}

}  // namespace

int main(int argc, char** argv) {
  keep_memory_private();
  try {
    return run(argc, argv);
  } catch (
      const std::exception& error) {  // CLI11, Asio and the standard library may throw; nothing of ours does
    std::cerr << "chiplocd: internal error: " << error.what() << "\n";
    return kInternal;
  }
}
