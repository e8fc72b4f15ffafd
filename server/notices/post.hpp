#pragma once
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "server/cases/mute.hpp"
#include "server/notices/notice.hpp"
#include "server/registry/registry.hpp"
#include "server/storage/store.hpp"

namespace chiploc {

/// What a mute needs to know of a notice, from it and the registry: of a case where the first of its chips belongs, of an
/// order itself. nullopt: nothing mutes it (a test).
[[nodiscard]] std::optional<NoticeFact> fact_of(const Notice& notice, const Registry& registry);
/// The end of what was told before: a case's resolution, an order's release. It is never kept back, or a receiver would
/// hold for ever what is over.
[[nodiscard]] bool ends_what_was_told(NoticeKind kind);
/// "muted by 3 of ada, until 2026-12-24 00:00:00Z: they know".
[[nodiscard]] std::string muted_text(std::uint64_t number, const MuteRule& rule);

/// The one place through which facts become notices: makes the event, finds the sinks, and writes both into the outbox in
/// whatever transaction the caller has. What a mute in force covers is written as kept back.
///
/// Threads   the store's; before its thread starts, whoever has the store. No state of its own.
class NoticePost {
 public:
  struct Options {
    CoordinatorId source;
    std::function<std::vector<std::string>(NoticeKind)> sinks_for;
    std::function<Registry::Snapshot()> registry;
    std::function<WallTime()> now;
    /// Called within the transaction: there is something to send once it is on the disk.
    std::function<void()> written{};
    /// The same, of a notice that was kept back.
    std::function<void(const Notice& notice, const std::string& by)> muted{};
    /// The same, of a mute that is damaged and keeps nothing back.
    std::function<void(std::uint64_t number, const std::string& why)> unreadable{};
  };
  explicit NoticePost(Options options) : options_{std::move(options)} {}

  /// All of them or none. Those that no sink is told, and those that are there already, are passed over. Fails with
  /// kInvalid for one that may not be sent (refusal_of): it names it, and whoever made it has a fault.
  [[nodiscard]] Stored<Done> post(Store& store, std::span<const Notice> notices) const;
  /// The same for one sink, whatever kinds it is told. Fails with kInvalid where it was written before.
  [[nodiscard]] Stored<NoticeId> post_to(Store& store, const std::string& sink, const Notice& notice) const;
  /// The sinks that are told notices of this kind: none, and nothing need be made.
  [[nodiscard]] bool told(NoticeKind kind) const { return !options_.sinks_for(kind).empty(); }

 private:
  struct Mute {
    std::uint64_t number = 0;
    MuteRule rule;
  };
  [[nodiscard]] Stored<std::vector<Mute>> mutes_in_force(Store& store, WallTime now) const;
  [[nodiscard]] Stored<OutboxNotice> written(const Notice& notice) const;

  Options options_;
};

}  // namespace chiploc
