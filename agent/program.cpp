#include "agent/program.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <asio.hpp>
#include <csignal>
#include <cstdio>
#include <ctime>

#include "agent/config.hpp"
#include "agent/endpoint.hpp"
#include "agent/knock_log.hpp"
#include "agent/memory.hpp"
#include "agent/refusal_log.hpp"
#include "agent/responder.hpp"
#include "agent/service_manager.hpp"
#include "agent/state_file.hpp"
#include "agent/system.hpp"
#include "agent/udp_loop.hpp"
#include "proto/base/log_guard.hpp"
#include "proto/crypto/identity_text.hpp"

namespace chiploc {
namespace {

/// Puts what happened into log lines. What a stranger can cause is debug.
class LogObserver final : public ResponderObserver {
 public:
  LogObserver(spdlog::logger& log, RefusalLog refusals) : log_{log}, refusals_{std::move(refusals)} {}
  void on_reject(RejectReason reason, std::uint8_t type, const Endpoint& from) override {
    if (!log_.should_log(spdlog::level::debug)) return;  // before anything is formatted
    log_.debug("datagram.rejected reason={} type={} from={}", name_of(reason), type, text_of(from));
  }
  void on_ticket_refused(const TicketRefusal& refusal) override {
    if (const auto line = refusals_.line(refusal)) log_.warn("{}", *line);
  }
  void on_knock_unanswered(const UnansweredKnocks& knocks) override {
    if (const auto line = knocks_.unanswered(knocks)) log_.warn("{}", *line);
  }
  void on_knock_answered(const Endpoint& rendezvous) override {
    if (const auto line = knocks_.answered(rendezvous)) log_.info("{}", *line);
  }
  void on_session_open(const RoundId& round, std::uint8_t anchor_index) override {
    if (!log_.should_log(spdlog::level::debug)) return;
    log_.debug("session.opened round={} anchor_index={}", round.hex(), anchor_index);
  }
  void on_statement(const RoundId& round, std::uint64_t round_counter, std::size_t anchors) override {
    log_.info("statement.signed round={} round_counter={} anchors={}", round.hex(), round_counter, anchors);
  }
  void on_failure(std::string_view what, std::string_view why) override {
    log_.error("agent.failed what=\"{}\" why=\"{}\"", log_text(what), log_text(why, 500));
  }

 private:
  spdlog::logger& log_;
  RefusalLog refusals_;
  KnockLog knocks_;
};

void log_counters(spdlog::logger& log, const ResponderStats& s, const AgentUdpLoop::Counts& u) {
  std::string rejected;
  for (std::uint8_t i = 1; i <= kRejectReasonLast; ++i) {
    if (s.rejected[i] == 0) continue;
    rejected += " rejected_" + std::string{name_of(static_cast<RejectReason>(i))} + "=" +
                std::to_string(s.rejected[i]);
  }
  log.info(
      "agent.counters datagrams={} pings_answered={} tickets={} sessions_opened={} sessions_finished={} "
      "statements_signed={} statement_failures={} opening_failures={} knocks={} proofs={} rejects_sent={} "
      "rejects_suppressed={} sent={} send_failed={} oversized={} unstamped={} unroutable={}{}",
      s.datagrams, s.pings_answered, s.tickets_accepted, s.sessions_opened, s.sessions_finished,
      s.statements_signed, s.statement_failures, s.opening_failures, s.knock.knocks, s.knock.proofs,
      s.rejects_sent, s.rejects_suppressed, u.sent, u.send_failed, u.oversized, u.unstamped, u.unroutable,
      rejected);
}

std::shared_ptr<spdlog::logger> make_log(const std::string& level) {
  auto log = std::make_shared<spdlog::logger>("agent", std::make_shared<spdlog::sinks::stderr_sink_st>());
  log->set_formatter(std::make_unique<GuardedFormatter>());
  log->set_level(spdlog::level::from_str(level));
  log->flush_on(spdlog::level::info);
  return log;
}

AgentExit refuse(const std::string& text, AgentExit exit) {
  std::fprintf(stderr, "%s\n", text.c_str());
  return exit;
}

/// What the coordinator's people compare with their registry.
IdentityText identity_of(const AgentConfig& config, const DeviceIdentity& device) {
  IdentityText out;
  out.add("role", "chip");
  out.add("chip_id", device.chip.hex());
  out.add("device_id", device.id.hex());
  out.add("model", config.identity.model);
  out.add("algorithm", name_of(device.key->algorithm()));
  out.add("public_key_spki", to_hex(device.key->spki_der()));
  out.add_certificate("", device.issued);
  std::string coordinators;
  for (const TrustedCoordinator& coordinator : config.coordinators) {
    if (const auto raw = coordinator.key.raw_ed25519())
      coordinators += (coordinators.empty() ? "" : " ") + to_hex(*raw);
  }
  out.add("coordinator_keys", coordinators);
  std::string anchors;
  for (const RendezvousAnchor& anchor : config.rendezvous)
    anchors += (anchors.empty() ? "" : " ") + text_of(anchor.endpoint);
  out.add("knocks_at", anchors);
  return out;
}

AgentExit serve(const AgentConfig& config, const DeviceIdentity& device, AgentParts& parts,
                spdlog::logger& log) {
  auto state = StateFile::open(config.state_dir);
  if (!state) return refuse(state.error(), AgentExit::kCannotStart);

  ChipIdentity identity = config.identity;
  identity.chip = device.chip;
  SigningIssuer issuer{*device.key, device.certificate};
  SystemResidence residence;
  AgentSystemRandom random;
  std::vector<CoordinatorId> trusted;
  for (const TrustedCoordinator& coordinator : config.coordinators) trusted.push_back(coordinator.id);
  LogObserver observer{log, {identity.chip, std::move(trusted)}};
  Responder responder{
      config.options,
      identity,
      config.coordinators,
      config.rendezvous,
      {*device.key, parts.statements(issuer), **state, parts.residence(residence), random, observer},
      agent_steady_now()};
  asio::io_context context{1};  // one thread: no locks
  auto loop = AgentUdpLoop::open(context, config.listen, parts.handler(responder));
  if (!loop) {
    return refuse(config.file + ": agent.listen: " + loop.error(), AgentExit::kCannotStart);
  }

  if (const auto applied = apply_realtime(config.realtime); !applied)
    return refuse(config.file + ": " + applied.error(), AgentExit::kCannotStart);

  asio::signal_set ends{context, SIGTERM, SIGINT};
  asio::signal_set asks{context, SIGUSR1};
  std::function<void()> answer = [&] {
    asks.async_wait([&](const asio::error_code& error, int) {
      if (error) return;
      log_counters(log, responder.stats(), (*loop)->counts());
      answer();
    });
  };
  answer();
  ends.async_wait([&](const asio::error_code& error, int signal) {
    if (error) return;
    notify_service_manager("STOPPING=1");
    log.info("agent.stopping signal={}", signal);
    (*loop)->drain_and_stop();
    asks.cancel();
  });
  (*loop)->start();
  std::string listening;
  for (const Endpoint& endpoint : (*loop)->local_endpoints()) listening += " listen=" + text_of(endpoint);
  log.info("agent.started version={} chip={} algorithm={} boot_count={} coordinators={} rendezvous={}{}",
           CHIPLOC_VERSION, device.chip.hex(), name_of(device.key->algorithm()), (*state)->boot_count(),
           config.coordinators.size(), config.rendezvous.size(), listening);
  trim_after_start();
  notify_service_manager("READY=1");
  context.run();
  log_counters(log, responder.stats(), (*loop)->counts());
  return AgentExit::kFine;
}

}  // namespace

AgentExit run_agent(const AgentArguments& arguments, AgentParts& parts) {
  try {
    const auto config = load_agent_config(arguments.config);
    if (!config) {
      for (const AgentConfigFault& fault : config.error())
        std::fprintf(stderr, "chiploc-agent: %s\n", fault.text().c_str());
      return AgentExit::kBadConfig;
    }
    const auto device = load_device_identity(*config);
    if (!device) return refuse(device.error().text, device.error().exit);
    if (const auto ready = parts.prepare(*device); !ready)
      return refuse(ready.error().text, ready.error().exit);
    if (arguments.show_identity) {
      const IdentityText identity = identity_of(*config, *device);
      std::fputs((arguments.json ? identity.json() : identity.text()).c_str(), stdout);
      return AgentExit::kFine;
    }
    if (arguments.check_config) {
      if (const auto good = StateFile::check(config->state_dir); !good) {
        return refuse(good.error(), AgentExit::kCannotStart);
      }
      std::printf("%s: fine; chip %s, %s\n", arguments.config.c_str(), device->chip.hex().c_str(),
                  std::string{name_of(device->key->algorithm())}.c_str());
      return AgentExit::kFine;
    }
    return serve(*config, *device, parts, *make_log(arguments.log_level));
  } catch (const std::exception& error) {  // a library's, and then our own bug: say so and stop
    return refuse(std::string{"internal error: "} + error.what(), AgentExit::kInternal);
  }
}

AgentExit usage_fault(const AgentProgram& program, const std::string& text) {
  return refuse(program.name + ": " + text, AgentExit::kUsage);
}

AgentExit print_and_leave(const AgentProgram& program, const AgentArguments& arguments) {
  if (arguments.help) {
    std::fputs(program.help.c_str(), stdout);
  } else {
    std::printf("%s %s\n", program.name.c_str(), CHIPLOC_VERSION);
  }
  return AgentExit::kFine;
}

}  // namespace chiploc
