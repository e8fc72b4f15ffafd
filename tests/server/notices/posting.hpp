#pragma once
// A NoticePost over a real store, with one sink for everything and one for cases.

#include <set>

#include "server/cases/mute_record.hpp"
#include "server/notices/cloud_event.hpp"
#include "server/notices/post.hpp"
#include "tests/server/notices/notice_maker.hpp"
#include "tests/server/storage/fixture.hpp"

namespace chiploc::test {

/// Chip 0x11.. of order O-1 at site campus under L-JP, and chip 0x12.. of no order.
inline Registry::Snapshot chips_of_an_order() {
  auto registry = std::make_shared<Registry>();
  for (const auto number : {std::uint8_t{0x11}, std::uint8_t{0x12}}) {
    ChipRecord chip;
    chip.id = numbered<ChipId>(number);
    chip.serial = "SN-" + std::to_string(number);
    chip.licence = "L-JP";
    if (number == 0x11) chip.delivery = "D-1";
    registry->put(std::move(chip));
  }
  DeliveryRecord delivery;
  delivery.id = "D-1";
  delivery.order = "O-1";
  delivery.site = "campus";
  registry->put(std::move(delivery));
  return registry;
}

struct Posting {
  Folder folder;
  std::unique_ptr<Store> store = folder.open();
  Registry::Snapshot registry = chips_of_an_order();
  WallTime now = noon(10);
  int written = 0;
  std::vector<std::string> muted, unreadable;
  NoticePost post{{.source = some_coordinator(),
                   .sinks_for = [this](NoticeKind kind) { return sinks_for(kind); },
                   .registry = [this] { return registry; },
                   .now = [this] { return now; },
                   .written = [this] { ++written; },
                   .muted = [this](const Notice& notice,
                                   const std::string& by) { muted.push_back(subject_of(notice) + " " + by); },
                   .unreadable =
                       [this](std::uint64_t number, const std::string& why) {
                         unreadable.push_back(std::to_string(number) + " " + why);
                       }}};

  std::set<NoticeKind> nobodys;  ///< kinds that no sink is told
  [[nodiscard]] std::vector<std::string> sinks_for(NoticeKind kind) const {
    if (nobodys.count(kind) > 0) return {};
    if (kind == NoticeKind::kCaseOpened || kind == NoticeKind::kCaseUpdated) return {"pager", "siem"};
    return {"siem"};
  }
  Stored<Done> tell(const std::vector<Notice>& notices) { return post.post(*store, notices); }
  std::uint64_t mute(const MuteScope& scope, WallTime until = noon(100)) {
    const MuteRule rule{scope, "they know", "ada", noon(0), until};
    return store->outbox()
        .add_mute({.rule = mute_bytes(rule), .from = rule.from, .ends = rule.until})
        .value();
  }
  /// "case/C siem waiting", oldest first: what is in the log, and what waits.
  std::vector<std::string> waiting(const std::string& sink = "siem") {
    std::vector<std::string> out;
    const auto found = store->outbox().due(sink, noon(1'000), 100).value();
    for (const auto& one : found) out.push_back(one.notice.stream);
    return out;
  }
};

}  // namespace chiploc::test
