#include "server/rest/rest_watch.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "proto/v1/operator_service.pb.h"
#include "server/service/operator_use_cases.hpp"

namespace chiploc {
namespace {

std::string_view name_of(const v1::WatchEvent& event) {
  switch (event.body_case()) {
    case v1::WatchEvent::kVerdict:
      return "verdict";
    case v1::WatchEvent::kStatusChange:
      return "status";
    case v1::WatchEvent::kCaseChange:
      return "case";
    case v1::WatchEvent::BODY_NOT_SET:
      break;
  }
  return "at";
}

std::string events_text(const WatchPiece& piece) {
  std::string out;
  for (std::size_t i = 0; i < piece.events.size(); ++i) {
    const v1::WatchEvent& event = piece.events[i];
    out += "id: " + event.id() + "\nevent: ";
    out += name_of(event);
    out += "\ndata: " + piece.json[i] + "\n\n";
  }
  return out;
}

class WatcherByEvents final : public Watcher {
 public:
  using Refuse = std::function<HttpReply(const ApiFault&)>;
  WatcherByEvents(std::shared_ptr<HttpEventStream> stream, Refuse refuse, StillAdmitted still)
      : stream_{std::move(stream)}, refuse_{std::move(refuse)}, still_{std::move(still)} {}
  [[nodiscard]] std::optional<ApiFault> no_longer_admitted() override {
    return still_ ? still_() : std::nullopt;
  }
  /// One that is closed says so to on_closed.
  void send(WatchedPiece piece) override { static_cast<void>(stream_->send(piece->text(events_text))); }
  void end(const ApiFault& fault) override {
    static_cast<void>(stream_->send("event: problem\ndata: " + refuse_(fault).body + "\n\n"));
    stream_->close();
  }

 private:
  const std::shared_ptr<HttpEventStream> stream_;
  const Refuse refuse_;
  const StillAdmitted still_;
};

/// Where the client says that it goes on. A fault: it says so twice.
Answer<v1::WatchRequest> resumed(const HttpRequest& http, v1::WatchRequest request) {
  constexpr std::string_view kField = "last-event-id";
  const auto given = std::count_if(http.fields.begin(), http.fields.end(),
                                   [&](const auto& field) { return field.first == kField; });
  if (given > 1) return Fail{ApiFault{ApiFaultCode::kBadField, "last-event-id: give one"}};
  if (const auto last = http.field(kField); last && !last->empty()) request.set_after(std::string{*last});
  return request;
}

}  // namespace

void stream_watch(OperatorUseCases& cases, std::function<HttpReply(const ApiFault&)> refuse,
                  const std::shared_ptr<HttpExchange>& exchange, const v1::WatchRequest& request,
                  const Caller& caller, StillAdmitted still) {
  const auto asked = resumed(exchange->request(), request);
  if (!asked) return exchange->reply(refuse(asked.error()));
  const auto place = cases.watch(*asked, caller);
  if (!place) return exchange->reply(refuse(place.error()));
  const auto stream = exchange->stream({{"cache-control", "no-store"}});
  if (!stream) return;  // the client is gone, or too many are open and it was told
  stream->on_drained([place = *place] { place->taken(); });
  stream->on_closed([place = *place] { place->leave(); });
  (*place)->start(std::make_shared<WatcherByEvents>(stream, std::move(refuse), std::move(still)));
}

}  // namespace chiploc
