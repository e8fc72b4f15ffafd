#pragma once
// What sends notices, as the service sees it: two sinks, over the real outbox; nothing leaves.

#include <mutex>

#include "server/notices/cloud_event.hpp"
#include "server/service/notice_control.hpp"

namespace chiploc::test {

class PlayedNotices final : public NoticeControl {
 public:
  [[nodiscard]] const std::vector<NoticeSinkView>& sinks() const override { return sinks_; }
  [[nodiscard]] const NoticeCounters& counters() const override { return counted; }
  void wake() override { ++woken; }
  [[nodiscard]] Stored<Done> switch_sink(Store& store, const std::string& sink,
                                         const std::optional<std::string>& why_off, WallTime now) override {
    return store.outbox().switch_sink(sink, why_off, now);
  }
  [[nodiscard]] Stored<NoticeId> post_to(Store& store, const std::string& sink,
                                         const Notice& notice) override {
    if (const std::string refusal = refusal_of(notice); !refusal.empty())
      return Fail{StoreFault{StoreFaultCode::kInvalid, refusal}};
    const auto appended = store.outbox().append(
        {id_of(notice), notice.kind(), subject_of(notice), notice.at, cloud_event_text(notice, {})}, {sink},
        notice.at);
    if (!appended) return Fail{appended.error()};
    return id_of(notice);
  }
  void committed(bool durable) override { ++(durable ? kept : undone); }

  NoticeCounters counted;
  std::atomic<int> woken{0}, kept{0}, undone{0};

 private:
  std::vector<NoticeSinkView> sinks_{
      {"pager", "https://alerts.example", "alertmanager", {"case.opened", "order.held"}},
      {"siem",
       "https://siem.example:8443",
       "cloudevents",
       {"case.opened", "chip.status_changed", "notice.test"}}};
};

}  // namespace chiploc::test
