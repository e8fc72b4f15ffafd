#include "server/anchor/uplink.hpp"

#include <grpcpp/grpcpp.h>
#include <spdlog/spdlog.h>

#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <atomic>
#include <map>

#include "proto/base/backoff.hpp"
#include "proto/base/safe_text.hpp"
#include "proto/wire/datagram.hpp"
#include "server/anchor/clocks.hpp"
#include "server/anchor/uplink_stream.hpp"
#include "server/net/certificate_check.hpp"
#include "server/net/keepalive.hpp"
#include "server/net/unresolved.hpp"

namespace chiploc {
namespace {

std::string_view name_of(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::FAILED_PRECONDITION:
      return "FAILED_PRECONDITION";
    case grpc::StatusCode::PERMISSION_DENIED:
      return "PERMISSION_DENIED";
    case grpc::StatusCode::UNAUTHENTICATED:
      return "UNAUTHENTICATED";
    case grpc::StatusCode::UNIMPLEMENTED:
      return "UNIMPLEMENTED";
    case grpc::StatusCode::INVALID_ARGUMENT:
      return "INVALID_ARGUMENT";
    default:
      return "";
  }
}
/// Refusals that trying again soon does not change: a person has to act.
bool needs_a_person(grpc::StatusCode code) { return !name_of(code).empty(); }

}  // namespace

class Uplink::Core : public std::enable_shared_from_this<Core> {
 public:
  Core(asio::io_context& io, UplinkOptions options, Keeper& keeper, RandomFill random, Events events)
      : io_{io},
        options_{std::move(options)},
        keeper_{keeper},
        random_{std::move(random)},
        events_{std::move(events)},
        backoff_{options_.retry_first, options_.retry_max},
        retry_{io},
        welcome_{io},
        heartbeat_{io} {}

  void attempt() {
    if (stopped_) return;
    const auto material = load_tls(options_.tls);
    const std::string fault = material ? certificate_fault(*material) : material.error();
    if (!fault.empty()) {
      spdlog::error("uplink.tls_unusable reason=\"{}\"", log_text(fault, 500));
      return retry(true);
    }
    grpc::ChannelArguments arguments;
    arguments.SetSslTargetNameOverride(options_.server_name);
    apply_client_keepalive(arguments);
    // A channel of its own for each attempt: gRPC's shared ones bring their own, longer waits.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    const auto channel =
        grpc::CreateCustomChannel(options_.address, channel_credentials(*material), arguments);
    const std::uint64_t number = ++stream_number_;
    const auto post_to = [this, number](auto&& action) {
      asio::post(io_, [weak = weak_from_this(), number, action = std::forward<decltype(action)>(action)] {
        const auto self = weak.lock();
        if (self && self->stream_number_ == number && !self->stopped_) action(*self);
      });
    };
    stream_ = std::make_unique<UplinkStream>(
        channel, UplinkStream::Events{[post_to](v1::CoordinatorMessage message) {
                                        post_to([message = std::move(message)](Core& core) {
                                          core.on_message(message);
                                        });
                                      },
                                      [post_to](const grpc::Status& status) {
                                        post_to([status](Core& core) { core.on_end(status); });
                                      }});
    stream_->start();
    started_ = std::chrono::steady_clock::now();
    say_hello();
    welcome_.expires_after(options_.welcome_timeout);
    welcome_.async_wait([weak = weak_from_this(), number](const asio::error_code& error) {
      const auto self = weak.lock();
      if (error || !self || self->stream_number_ != number || self->attached_ || !self->stream_) return;
      spdlog::warn("uplink.no_welcome address={}", self->options_.address);
      self->stream_->cancel();
    });
  }

  void stop() {
    if (stopped_) return;
    stopped_ = true;
    set_attached(false);
    retry_.cancel();
    welcome_.cancel();
    heartbeat_.cancel();
    if (stream_) {
      stream_->cancel();
      let_go();
    }
  }

  bool send(v1::AnchorMessage message) { return attached_ && stream_->write(std::move(message)); }
  [[nodiscard]] bool has_room() const { return attached_ && stream_->backlog() < options_.backlog; }
  [[nodiscard]] bool attached() const { return attached_; }

  /// Gets the next messages from the spool while the window has room. One fetch at a time: ids stay in order.
  void fill_window() {
    if (!attached_ || fetching_ || in_flight_.size() * 2 > options_.window) return;
    fetching_ = true;
    const std::uint64_t number = stream_number_;
    const std::uint64_t fetch_round = fetch_round_;
    keeper_.fetch(sent_up_to_, options_.window - in_flight_.size(),
                  [this, weak = weak_from_this(), number, fetch_round](auto entries) {
                    // On the keeper's thread: `this` is only used for the io_context, which outlives the
                    // keeper.
                    const auto self = weak.lock();
                    if (!self) return;
                    asio::post(io_, [weak, number, fetch_round, entries = std::move(entries)] {
                      const auto core = weak.lock();
                      if (core && core->stream_number_ == number && core->fetch_round_ == fetch_round &&
                          !core->stopped_) {
                        core->deliver(entries);
                      }
                    });
                  });
  }
  void on_kept() {
    // Many batches, one wake-up.
    if (woken_.exchange(true)) return;
    asio::post(io_, [weak = weak_from_this()] {
      const auto self = weak.lock();
      if (!self) return;
      self->woken_ = false;
      self->kept_since_fetch_ = true;
      self->fill_window();
    });
  }

 private:
  /// Said here, since the other end of a failed handshake says nothing.
  [[nodiscard]] std::string certificate_fault(const TlsMaterial& material) const {
    const auto own = check_certificate(options_.tls, material, CertificateHolder::kAnchor, options_.anchor,
                                       read_clocks().wall);
    return own ? std::string{} : own.error();
  }

  void say_hello() {
    v1::AnchorMessage message;
    v1::Hello& hello = *message.mutable_hello();
    hello.set_protocol_version(kProtocolVersion);
    hello.set_anchor(options_.anchor);
    hello.set_anchor_id(string_of(options_.id.bytes));
    hello.set_software_version(options_.software_version);
    hello.set_mesh_public(string_of(options_.mesh_public.bytes));
    stream_->write(std::move(message));
  }

  void on_message(const v1::CoordinatorMessage& message) {
    if (message.has_welcome()) return on_welcome(message.welcome().protocol_version());
    if (!attached_) return;  // nothing counts before Welcome
    if (message.has_acknowledge()) {
      const std::uint64_t id = message.acknowledge().spool_id();
      spdlog::debug("uplink.acknowledged spool_id={}", id);
      keeper_.acknowledge(id);
      in_flight_.erase(id);  // an acknowledgement may come twice
      return fill_window();
    }
    events_.on_command(message);
  }

  void on_welcome(std::uint32_t version) {
    if (attached_) return;
    if (version != kProtocolVersion) {
      spdlog::error("uplink.version_mismatch ours={} coordinator={}", int{kProtocolVersion}, version);
      return stream_->cancel();
    }
    welcome_.cancel();
    sent_up_to_ = 0;
    in_flight_.clear();
    fetching_ = false;
    set_attached(true);
    spdlog::info("uplink.attached address={}", options_.address);
    heartbeat();
    fill_window();
  }

  void deliver(const std::vector<SpoolEntry>& entries) {
    fetching_ = false;
    if (!attached_) return;  // the stream ended meanwhile; the next one starts from the oldest again
    const auto now = std::chrono::steady_clock::now();
    for (const SpoolEntry& entry : entries) {
      if (in_flight_.contains(entry.id)) continue;  // after a redelivery began at an older one
      v1::AnchorMessage message;
      if (!message.ParseFromArray(entry.payload.data(), static_cast<int>(entry.payload.size()))) {
        // Written by another version of this program, say: nobody will ever want it.
        spdlog::error("uplink.unreadable_message spool_id={}", entry.id);
        keeper_.acknowledge(entry.id);
        continue;
      }
      message.set_spool_id(entry.id);
      spdlog::debug("uplink.sent spool_id={} kind={}", entry.id, static_cast<int>(message.body_case()));
      if (!stream_->write(std::move(message))) return;
      in_flight_.emplace(entry.id, now);
    }
    if (!entries.empty()) sent_up_to_ = entries.back().id;
    if (!entries.empty() || kept_since_fetch_) {
      kept_since_fetch_ = false;
      fill_window();
    }
  }

  void heartbeat() {
    // While the coordinator reads no further, what is written waits here: no more is added to it, least of
    // all copies of what waits already.
    constexpr std::size_t kNearlyEmpty = 16;
    if (stream_->backlog() < kNearlyEmpty) {
      v1::AnchorMessage message;
      message.mutable_heartbeat()->set_spool_dropped(keeper_.dropped());
      message.mutable_heartbeat()->set_rounds_in_flight(events_.rounds_in_flight());
      stream_->write(std::move(message));
      v1::AnchorMessage knocks;
      if (events_.knocks && events_.knocks(knocks)) stream_->write(std::move(knocks));
      redeliver();
    }
    heartbeat_.expires_after(options_.heartbeat_interval);
    heartbeat_.async_wait([weak = weak_from_this()](const asio::error_code& error) {
      const auto self = weak.lock();
      if (!error && self && self->attached_) self->heartbeat();
    });
  }

  /// What has waited too long for its acknowledgement goes out again. Without this a coordinator whose disk
  /// was full for a while would leave the window filled with messages that it never stored, until the next
  /// stream.
  void redeliver() {
    const auto before = std::chrono::steady_clock::now() - options_.redeliver_after;
    std::size_t overdue = 0;
    for (auto at = in_flight_.begin(); at != in_flight_.end();) {
      if (at->second > before) {
        ++at;
        continue;
      }
      sent_up_to_ = std::min(sent_up_to_, at->first - 1);
      at = in_flight_.erase(at);
      ++overdue;
    }
    if (overdue == 0) return;
    spdlog::warn("uplink.redelivers messages={} unacknowledged_ms={}", overdue,
                 std::chrono::duration_cast<std::chrono::milliseconds>(options_.redeliver_after).count());
    // A fetch under way would move the mark forward again: it is told apart by the round it belongs to.
    ++fetch_round_;
    fetching_ = false;
    fill_window();
  }

  void on_end(const grpc::Status& status) {
    welcome_.cancel();
    heartbeat_.cancel();
    const bool was_attached = attached_;
    set_attached(false);
    let_go();
    if (was_attached && std::chrono::steady_clock::now() - started_ >= options_.stable_after)
      backoff_.reset();
    if (needs_a_person(status.error_code())) {
      spdlog::error(
          "uplink.refused status={} reason=\"{}\" anchor={} address={}; "
          "correct it at the coordinator or here; the anchor tries again by itself, at the latest after {} s",
          name_of(status.error_code()), log_text(status.error_message()), options_.anchor, options_.address,
          std::chrono::duration_cast<std::chrono::seconds>(options_.retry_max).count());
      return retry(true);
    }
    if (const std::string fault =
            unresolved_text(status.error_message(), options_.address, options_.address_from);
        !fault.empty()) {
      spdlog::error("uplink.unresolved address={} reason=\"{}\"", options_.address, log_text(fault, 500));
      return retry(false);
    }
    spdlog::warn("uplink.lost address={} status={} reason=\"{}\"", options_.address,
                 static_cast<int>(status.error_code()), log_text(status.error_message()));
    retry(false);
  }

  /// Here and not where its last callback runs: see UplinkStream.
  void let_go() {
    stream_->wait();
    stream_.reset();
  }

  void retry(bool slowly) {
    ByteArray<4> drawn{};
    random_(drawn);
    const double draw = static_cast<double>(ByteReader{drawn}.u32()) / 4294967296.0;
    retry_.expires_after(slowly ? backoff_.slow(draw) : backoff_.next(draw));
    retry_.async_wait([weak = weak_from_this()](const asio::error_code& error) {
      const auto self = weak.lock();
      if (!error && self) self->attempt();
    });
  }

  void set_attached(bool attached) {
    if (attached_ == attached) return;
    attached_ = attached;
    if (events_.on_change) events_.on_change(attached);
  }

  asio::io_context& io_;
  UplinkOptions options_;
  Keeper& keeper_;
  RandomFill random_;
  Events events_;
  Backoff backoff_;
  asio::steady_timer retry_;
  asio::steady_timer welcome_;
  asio::steady_timer heartbeat_;
  std::unique_ptr<UplinkStream> stream_;
  std::uint64_t stream_number_ = 0;  ///< events of an older stream are ignored
  std::chrono::steady_clock::time_point started_;
  bool attached_ = false;
  bool stopped_ = false;
  std::uint64_t sent_up_to_ = 0;
  std::map<std::uint64_t, std::chrono::steady_clock::time_point> in_flight_;  ///< by spool id: when sent
  std::uint64_t fetch_round_ = 0;
  bool fetching_ = false;
  bool kept_since_fetch_ = false;
  std::atomic<bool> woken_{false};
};

Uplink::Uplink(asio::io_context& io, UplinkOptions options, Keeper& keeper, RandomFill random, Events events)
    : core_{std::make_shared<Core>(io, std::move(options), keeper, std::move(random), std::move(events))} {}
Uplink::~Uplink() { core_->stop(); }
void Uplink::start() { core_->attempt(); }
void Uplink::stop() { core_->stop(); }
bool Uplink::attached() const { return core_->attached(); }
bool Uplink::send(const v1::AnchorMessage& message) { return core_->send(message); }
void Uplink::on_kept() { core_->on_kept(); }

void Uplink::send_progress(const RoundProgress& progress) {
  if (!core_->has_room()) return;
  v1::AnchorMessage message;
  v1::SessionProgress& note = *message.mutable_progress();
  note.set_round_id(string_of(progress.round.bytes));
  note.set_sessions(progress.sessions);
  note.set_pings_sent(progress.pings_sent);
  note.set_pongs_received(progress.pongs_received);
  note.set_rtt_min_ns(progress.rtt_min.count());
  note.set_refusals(progress.refusals);
  note.set_refusal(progress.refusal);
  core_->send(std::move(message));
}

}  // namespace chiploc
