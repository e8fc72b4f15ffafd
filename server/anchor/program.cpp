#include "server/anchor/program.hpp"

#include <spdlog/spdlog.h>

#include <asio/post.hpp>
#include <asio/steady_timer.hpp>

#include "proto/base/safe_text.hpp"
#include "proto/crypto/digest.hpp"
#include "proto/v1/anchor_service.pb.h"
#include "server/anchor/anchor_core.hpp"
#include "server/anchor/commands.hpp"
#include "server/anchor/keeper.hpp"
#include "server/anchor/random_pool.hpp"
#include "server/anchor/uplink.hpp"
#include "server/net/endpoint.hpp"

namespace chiploc {
namespace {

class Program final : public AnchorProgram, private ProbeResults {
 public:
  Program(asio::io_context& io, const AnchorConfig& config, const AnchorId& id, std::unique_ptr<Spool> spool,
          std::unique_ptr<Signer> key, std::unique_ptr<UdpProber> udp)
      : id_{id}, config_{config}, udp_{std::move(udp)}, counters_timer_{io}, certificate_timer_{io} {
    ProberOptions prober;
    prober.rounds = config.rounds;
    prober.knock.rounds = config.rounds;
    const MeshOptions mesh{.interval = config.mesh_interval, .report_interval = config.mesh_report_interval};
    core_ = std::make_unique<AnchorCore>(prober, mesh, id_, pooled_random(), *udp_,
                                         static_cast<ProbeResults&>(*this), read_clocks().steady);

    Keeper::Options keeper;
    keeper.identity = {id_, CHIPLOC_VERSION};
    keeper.on_kept = [this, &io, alive = alive_] {
      asio::post(io, [this, alive] {
        if (*alive) uplink_->on_kept();
      });
    };
    keeper.on_lost = [](const std::string& line) { spdlog::error(line); };
    keeper_ = std::make_unique<Keeper>(std::move(keeper), std::move(spool), std::move(key));

    UplinkOptions uplink;
    uplink.address = config.coordinator_address;
    uplink.address_from = config.coordinator_address_from;
    uplink.server_name = config.server_name;
    uplink.tls = config.tls;
    uplink.anchor = config.name;
    uplink.id = id_;
    uplink.mesh_public = core_->mesh().public_key();
    uplink.software_version = CHIPLOC_VERSION;
    uplink_ = std::make_unique<Uplink>(
        io, uplink, *keeper_, random_bytes_or_abort,
        Uplink::Events{[this](const v1::CoordinatorMessage& command) {
                         if (draining_) return;
                         commands_->handle(command, read_clocks());
                         udp_->kick();
                       },
                       [this] { return static_cast<std::uint32_t>(core_->prober().rounds_in_flight()); },
                       [this](v1::AnchorMessage& message) {
                         const auto taken = core_->prober().take_knocks(read_clocks().steady);
                         message = knock_notes_message(taken);
                         return !taken.notes.empty() || taken.left_out != 0;
                       },
                       {}});
    commands_ =
        std::make_unique<AnchorCommands>(*core_, [this](const v1::AnchorMessage& m) { uplink_->send(m); });
  }
  ~Program() override {
    stop();
    *alive_ = false;
  }

  void start() override {
    udp_->start(*core_);
    uplink_->start();
    log_counters();
    look_at_certificate();
  }
  void drain() override {
    draining_ = true;
    core_->prober().report_all(read_clocks());
    print_counters();
    udp_->stop();
  }
  void stop() override {
    counters_timer_.cancel();
    certificate_timer_.cancel();
    udp_->stop();
    uplink_->stop();
  }
  [[nodiscard]] AnchorId id() const override { return id_; }
  [[nodiscard]] std::vector<Endpoint> endpoints() const override { return udp_->endpoints(); }
  [[nodiscard]] bool attached() const override { return uplink_->attached(); }

 private:
  void on_report(RoundReport report) override { keeper_->keep(std::move(report)); }
  void on_statement(const RoundId& round, ByteVector statement) override {
    keeper_->keep(round, std::move(statement));
  }
  void on_knock(KnockRecord knock) override { keeper_->keep(std::move(knock)); }
  void on_progress(const RoundProgress& progress) override { uplink_->send_progress(progress); }
  void on_mesh(MeshWindow window) override { keeper_->keep(std::move(window)); }

  /// Once a minute, whatever strangers send: counters, not lines, tell of them.
  void log_counters() {
    counters_timer_.expires_after(std::chrono::minutes{1});
    counters_timer_.async_wait([this](const asio::error_code& error) {
      if (error) return;
      print_counters();
      log_counters();
    });
  }
  /// Now and once a day: the files of that day, which may have been renewed.
  void look_at_certificate() {
    const WallTime now = read_clocks().wall;
    const auto own = check_anchor_certificate(config_, now);
    const std::string problem = own ? near_end_text(*own, now) : own.error();
    if (!problem.empty()) spdlog::warn("tls.certificate_ending problem=\"{}\"", log_text(problem, 500));
    certificate_timer_.expires_after(std::chrono::hours{24});
    certificate_timer_.async_wait([this](const asio::error_code& error) {
      if (!error) look_at_certificate();
    });
  }
  void print_counters() {
    const ProberCounters& prober = core_->prober().counters();
    const MeshCounters& mesh = core_->mesh().counters();
    const UdpProberCounters& udp = udp_->counters();
    std::uint64_t rejected = 0;
    std::string reasons;
    for (std::uint8_t i = 1; i <= kRejectReasonLast; ++i) {
      const std::uint64_t count = prober.rejected[i];
      rejected += count;
      if (count != 0)
        reasons +=
            " rejected_" + std::string{name_of(static_cast<RejectReason>(i))} + "=" + std::to_string(count);
    }
    SampleTally samples = prober.samples;
    samples.add(mesh.samples);
    for (std::size_t i = 0; i < kSampleFaults; ++i) {
      if (samples.faults[i] != 0)
        reasons += " discarded_" + std::string{name_of(static_cast<SampleFault>(i))} + "=" +
                   std::to_string(samples.faults[i]);
    }
    for (std::size_t i = 1; i < kCardUses; ++i) {  // without those that no card stamped
      if (samples.cards[i] != 0)
        reasons +=
            " card_" + std::string{name_of(static_cast<CardUse>(i))} + "=" + std::to_string(samples.cards[i]);
    }
    spdlog::info(
        "anchor.counters rounds={} reports={} statements={} pings={} pongs={} discarded={} rejected={} "
        "knocks={} rejects_sent={} mesh_pings={} mesh_pongs={} received={} sent={} stamps={} send_failed={} "
        "queue_dropped={} spool_dropped={}{}",
        core_->prober().rounds_in_flight(), prober.reports, prober.statements, prober.pings_sent,
        prober.pongs_accepted, samples.discarded(), rejected, prober.knocks, prober.rejects_sent,
        mesh.pings_sent, mesh.pongs_accepted, udp.received, udp.sent, udp.stamps, udp.send_failed,
        udp.queue_dropped, keeper_->dropped(), reasons);
  }

  // Destroyed from the bottom up: the uplink lets go of the keeper, the keeper finishes its queue.
  AnchorId id_;
  const AnchorConfig config_;
  std::shared_ptr<bool> alive_ =
      std::make_shared<bool>(true);  ///< read and written on the io_context's thread
  std::unique_ptr<UdpProber> udp_;
  std::unique_ptr<AnchorCore> core_;
  std::unique_ptr<Keeper> keeper_;
  std::unique_ptr<AnchorCommands> commands_;
  std::unique_ptr<Uplink> uplink_;
  asio::steady_timer counters_timer_;
  asio::steady_timer certificate_timer_;
  bool draining_ = false;
};

}  // namespace

Result<OwnCertificate, std::string> check_anchor_certificate(const AnchorConfig& config, WallTime now) {
  const auto material = load_tls(config.tls);
  if (!material) return Fail{material.error()};
  return check_certificate(config.tls, *material, CertificateHolder::kAnchor, config.name, now);
}

Result<std::unique_ptr<Signer>, std::string> open_anchor_key(const AnchorConfig& config) {
  auto key = open_signer(config.key);
  if (key) return std::move(key).value();
  std::string text = "anchor.key: " + key.error().text;
  if (key.error().code == KeyFault::Code::kUnreadable)
    text +=
        "; correct anchor.key in anchor.toml or restore the key, or have a new anchor made: chiploc-anchor init";
  return Fail{std::move(text)};
}

Result<std::unique_ptr<AnchorProgram>, std::string> AnchorProgram::open(asio::io_context& io,
                                                                        const AnchorConfig& config) {
  auto key = open_anchor_key(config);
  if (!key) return Fail{key.error()};
  const auto id = anchor_id_of((*key)->public_key());
  if (!id) return Fail{"anchor.key: " + id.error().text};
  if (const auto own = check_anchor_certificate(config, read_clocks().wall); !own) return Fail{own.error()};
  auto udp = UdpProber::open(io, {.listen = config.listen, .stamps = config.stamps});
  if (!udp) return Fail{udp.error()};
  if ((*udp)->stamps() != config.stamps) {
    spdlog::warn("timing.fallback wanted={} granted={}", name_of(config.stamps), name_of((*udp)->stamps()));
  }
  auto spool = Spool::open({.folder = config.state_dir / "spool", .messages = config.spool_messages},
                           read_clocks().wall, [](const std::string& line) { spdlog::error(line); });
  if (!spool) return Fail{spool.error()};
  if ((*spool)->size() != 0) spdlog::info("spool.redelivers messages={}", (*spool)->size());
  return std::unique_ptr<AnchorProgram>{
      std::make_unique<Program>(io, config, *id, std::move(*spool), std::move(*key), std::move(*udp))};
}

}  // namespace chiploc
