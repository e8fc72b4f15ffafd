#include "server/rest/rest_streams.hpp"

#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>

#include "proto/base/base64.hpp"
#include "proto/base/bytes.hpp"
#include "server/service/json_view.hpp"
#include "server/service/operator_use_cases.hpp"
#include "server/service/redaction.hpp"

namespace chiploc {
namespace {

std::string event_text(std::string_view name, std::string_view data) {
  return "event: " + std::string{name} + "\ndata: " + std::string{data} + "\n\n";
}

std::string text_of(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

/// One person watching one round. Events come on the coordinator's thread, the first of them maybe before the use case has
/// returned: whichever is first opens the stream.
class RoundStream {
 public:
  RoundStream(StreamParts parts, std::shared_ptr<HttpExchange> exchange, Caller caller, RestView view)
      : parts_{std::move(parts)}, exchange_{std::move(exchange)}, caller_{std::move(caller)}, view_{view} {}

  void event(v1::VerifyEvent event) {
    const bool progress = event.has_progress();
    redact(caller_, event);
    if (event.body_case() == v1::VerifyEvent::BODY_NOT_SET) return;  // all of it was sealed
    const Json shown = view_(event, {v1::VerifyRequest::default_instance(), parts_.now()});
    const auto stream = open();
    if (!stream) return;
    const bool sent = stream->send(event_text(shown.at("event").get<std::string>(), text_of(shown)));
    if (!sent && progress) ++parts_.cases.counters().progress_dropped;
  }
  void end(const std::optional<ApiFault>& fault) {
    const auto stream = open();
    if (!stream) return;
    if (fault) stream->send(event_text("problem", parts_.refuse(*fault).body));
    stream->close();
  }
  /// Null: the client is gone.
  std::shared_ptr<HttpEventStream> open() {
    const std::lock_guard lock{mutex_};
    if (!opened_) {
      opened_ = true;
      stream_ = exchange_->stream({{"cache-control", "no-store"}});
    }
    return stream_;
  }
  void refuse(const ApiFault& fault) { exchange_->reply(parts_.refuse(fault)); }

 private:
  const StreamParts parts_;
  const std::shared_ptr<HttpExchange> exchange_;
  const Caller caller_;
  const RestView view_;
  std::mutex mutex_;  // guards what follows
  bool opened_ = false;
  std::shared_ptr<HttpEventStream> stream_;
};

std::string file_name(const v1::GetReportRequest& request) {
  const auto kind = v1::ReportKind_IsValid(request.kind()) ? request.kind() : v1::REPORT_KIND_UNSPECIFIED;
  std::string name = "report";
  if (kind == v1::REPORT_ACT) name = "act";
  if (kind == v1::REPORT_FLEET) name = "fleet";
  if (kind == v1::REPORT_ORDER) name = "order";
  if (kind == v1::REPORT_OPERATOR) name = "operator";
  const auto form = static_cast<ReportForm>(request.form());
  return "chiploc-" + name + "." + std::string{name_of(form)};
}

void reply_report(const StreamParts& parts, HttpExchange& exchange, const v1::GetReportRequest& request,
                  const MadeReport& report) {
  const auto fail = [&](ApiFaultCode code, std::string text) {
    exchange.reply(parts.refuse({code, std::move(text)}));
  };
  const std::uint64_t size = report.file->size();
  if (size > parts.report_max) {
    return fail(ApiFaultCode::kExhausted, "the report has " + std::to_string(size) +
                                              " bytes, more than this edge sends; use 'chiploc report'");
  }
  HttpReply reply;
  std::string piece;
  constexpr std::size_t kPieceBytes = std::size_t{1} << 20;
  while (reply.body.size() < size) {
    if (!report.file->read(reply.body.size(), kPieceBytes, piece) || piece.empty())
      return fail(ApiFaultCode::kInternal, "the report that was made cannot be read back; ask again");
    reply.body += piece;
  }
  reply.fields = {{"content-type", report_media_type(request)},
                  {"content-disposition", "attachment; filename=\"" + file_name(request) + "\""},
                  {"chiploc-signature", ":" + base64_text(bytes_of(report.signature)) + ":"},
                  {"cache-control", "no-store"}};
  exchange.reply(std::move(reply));
}

}  // namespace

void stream_round(const StreamParts& parts, const std::shared_ptr<HttpExchange>& exchange,
                  const v1::VerifyRequest& request, const Caller& caller, RestView view) {
  const auto stream = std::make_shared<RoundStream>(parts, exchange, caller, view);
  VerifyWatcher watcher;
  watcher.event = [stream](v1::VerifyEvent event) { stream->event(std::move(event)); };
  watcher.end = [stream](const std::optional<ApiFault>& fault) { stream->end(fault); };
  const Answer<Done> begun = parts.cases.verify(request, caller, std::move(watcher));
  if (!begun) return stream->refuse(begun.error());
  static_cast<void>(stream->open());
}

void send_report(const StreamParts& parts, const std::shared_ptr<HttpExchange>& exchange,
                 const v1::GetReportRequest& request, const Caller& caller) {
  // Nothing in a report is sealed (proto/v1), so there is nothing to redact.
  parts.cases.get_report(request, caller, [parts, exchange, request](Answer<MadeReport> report) {
    if (!report) return exchange->reply(parts.refuse(report.error()));
    reply_report(parts, *exchange, request, *report);
  });
}

std::string report_media_type(const v1::GetReportRequest& request) {
  switch (request.form()) {
    case v1::REPORT_JSON:
      return "application/json";
    case v1::REPORT_CSV:
      return "text/csv; charset=utf-8";
    case v1::REPORT_GEOJSON:
      return "application/geo+json";
    case v1::REPORT_PDF:
      return "application/pdf";
    default:
      return {};
  }
}

}  // namespace chiploc
