#include "server/notices/notice_sink.hpp"

#include <nlohmann/json.hpp>

#include "server/notices/cloud_event.hpp"
#include "server/notices/ocsf.hpp"
#include "tests/server/notices/notice_maker.hpp"

namespace chiploc::test {
namespace {

constexpr std::string_view kSinkSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

NoticeSink sink_of(NoticeFormat format) {
  NoticeSink sink;
  sink.name = "siem";
  sink.format = format;
  if (format != NoticeFormat::kAlertmanager)
    sink.keys.push_back({*WebhookKey::from_text(kSinkSecret), std::nullopt});
  return sink;
}
std::string event_text(const Notice& notice) { return cloud_event_text(notice, some_coordinator()); }
std::string header(const SendRequest& request, const std::string& name) {
  for (const auto& [key, value] : request.headers)
    if (key == name) return value;
  return "none";
}
const Notice& a_case() {
  static const Notice kCase = one_of_each().front();
  return kCase;
}

}  // namespace

TEST_CASE("notice sink: a webhook's body is the event, to the byte, and signed", "[notices]") {
  const NoticeSink sink = sink_of(NoticeFormat::kCloudEvents);
  const auto request = request_for(sink, id_of(a_case()), event_text(a_case()), noon(5));
  REQUIRE(request);
  CHECK(request->body == event_text(a_case()));
  CHECK(request->at == noon(5));
  CHECK(header(*request, "Content-Type") == "application/cloudevents+json; charset=utf-8");
  CHECK(header(*request, "webhook-id") == id_of(a_case()).hex());
  CHECK(header(*request, "webhook-timestamp") == "1796126405");
  CHECK(header(*request, "webhook-signature") ==
        sink.keys[0].key.sign(bytes_of(id_of(a_case()).hex() + ".1796126405." + request->body)).value());
  CHECK(request->headers.size() == 4);
}

TEST_CASE("notice sink: a line for a SIEM is signed as it is sent", "[notices]") {
  const NoticeSink sink = sink_of(NoticeFormat::kOcsf);
  const auto request = request_for(sink, id_of(a_case()), event_text(a_case()), noon(5));
  REQUIRE(request);
  CHECK(request->body == ocsf_line(a_case(), some_coordinator()) + "\n");
  CHECK(header(*request, "Content-Type") == "application/x-ndjson");
  CHECK(header(*request, "webhook-signature") ==
        sink.keys[0].key.sign(bytes_of(id_of(a_case()).hex() + ".1796126405." + request->body)).value());
}

TEST_CASE("notice sink: Alertmanager gets an alert, without a signature", "[notices]") {
  const NoticeSink sink = sink_of(NoticeFormat::kAlertmanager);
  const auto request = request_for(sink, id_of(a_case()), event_text(a_case()), noon(5));
  REQUIRE(request);
  CHECK(request->body == alerts_text({a_case()}, some_coordinator(), noon(5), {}));
  CHECK(request->headers == decltype(request->headers){{"Content-Type", "application/json"}});
  const Notice status = one_of_each()[7];
  CHECK(request_for(sink, id_of(status), event_text(status), noon(5)).error() ==
        "a notice of this kind makes no alert");
  CHECK(alert_request("[]", noon(7)).at == noon(7));
}

TEST_CASE("notice sink: what is damaged is not signed, nor sent", "[notices]") {
  for (const auto format : {NoticeFormat::kCloudEvents, NoticeFormat::kOcsf, NoticeFormat::kAlertmanager}) {
    const NoticeSink sink = sink_of(format);
    CHECK(request_for(sink, id_of(a_case()), "{", noon(5)).error() == "what is stored is no JSON object");
    CHECK(request_for(sink, numbered<NoticeId>(1), event_text(a_case()), noon(5)).error() ==
          "what is stored is an event of another id");
  }
  NoticeSink keyless = sink_of(NoticeFormat::kCloudEvents);
  keyless.keys.clear();
  CHECK_THAT(request_for(keyless, id_of(a_case()), event_text(a_case()), noon(5)).error(),
             Catch::Contains("no secret of this sink is in force"));
  CHECK(can_tell(NoticeFormat::kOcsf, NoticeKind::kChipStatusChanged));
  CHECK_FALSE(can_tell(NoticeFormat::kAlertmanager, NoticeKind::kChipStatusChanged));
  CHECK(can_tell(NoticeFormat::kAlertmanager, NoticeKind::kOrderHeld));
}

}  // namespace chiploc::test
