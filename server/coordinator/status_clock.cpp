#include "server/coordinator/status_clock.hpp"

#include <asio/post.hpp>
#include <memory>
#include <utility>

#include <spdlog/spdlog.h>

#include "proto/base/safe_text.hpp"

namespace chiploc {

StatusClock::StatusClock(asio::io_context& io, StoreThread& store, StatusKeeper& keeper,
                         RegistryVersion version, ApiCounters& counters, std::function<WallTime()> now,
                         const FollowUp* follow)
    : io_{io},
      timer_{io},
      store_{store},
      keeper_{keeper},
      version_{std::move(version)},
      counters_{counters},
      now_{std::move(now)},
      follow_{follow} {}

void StatusClock::start() {
  look();
  timer_.expires_after(kEvery);
  timer_.async_wait([this](const asio::error_code& error) {
    if (!error && !stopped_) start();
  });
}

void StatusClock::stop() {
  stopped_ = true;
  timer_.cancel();
}

void StatusClock::look() {
  if (looking_ || stopped_) return;
  const auto looked = std::make_shared<Looked>();
  const std::uint64_t version = version_();
  const bool begin = begun_version_ != version;
  const bool others = ruled_by_ != text_of(keeper_.keeping());
  looking_ = store_.post(
      [this, looked, begin, others, now = now_()](Store& store) {
        if (others) looked->rules = keeper_.take_rules(store);
        if (begin) looked->begun = keeper_.begin_stories(store, now, kAtOnce);
        if (begin && follow_ != nullptr) looked->followed = follow_->begin_chips(store, kAtOnce);
        looked->told =
            follow_ != nullptr ? follow_->tell_on(store, now, kAtOnce) : keeper_.tell_on(store, now, kAtOnce);
      },
      [this, looked, version](const Stored<Done>& committed) {
        asio::post(io_, [this, looked, committed, version] { on_looked(*looked, committed, version); });
      },
      {.rows = kAtOnce, .patient = true});
  if (!looking_) failed("the store's queue is full");
}

void StatusClock::on_looked(const Looked& looked, const Stored<Done>& committed, std::uint64_t version) {
  looking_ = false;
  if (!committed) return failed(committed.error().text);
  if (!looked.rules) return failed(looked.rules.error().text);
  if (!looked.begun) return failed(looked.begun.error().text);
  if (!looked.followed) return failed(looked.followed.error().text);
  if (!looked.told) return failed(looked.told.error().text);
  if (!looked.rules->empty()) ruled_by_ = *looked.rules;
  if (!looked.begun->more && !looked.followed->more) begun_version_ = version;
  if (looked.told->unreadable > 0) {
    counters_.status_failures += looked.told->unreadable;
    spdlog::error(
        "status.unreadable chips={} doing=\"they are looked at again in an hour; a new verdict tells each anew\"",
        looked.told->unreadable);
  }
  if (std::exchange(failing_, false)) spdlog::info("status.recovered");
  if (looked.begun->more || looked.followed->more || looked.told->more) look();
}

void StatusClock::failed(const std::string& why) {
  ++counters_.status_failures;
  if (!std::exchange(failing_, true))
    spdlog::error("status.failing reason=\"{}\" doing=\"it is tried again every {} s\"", log_text(why, 500),
                  kEvery.count());
}

}  // namespace chiploc
