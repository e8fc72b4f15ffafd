#pragma once
#include <functional>
#include <memory>

#include "proto/base/time.hpp"
#include "server/http/http_message.hpp"
#include "server/rest/route.hpp"
#include "server/service/caller.hpp"

namespace chiploc::v1 {
class GetReportRequest;
class VerifyRequest;
}  // namespace chiploc::v1

namespace chiploc {

/// What the two calls that stream need of the edge.
struct StreamParts {
  OperatorUseCases& cases;
  std::function<WallTime()> now;
  /// Counts the fault and makes its problem: what reply_of() sends, or an event.
  std::function<HttpReply(const ApiFault&)> refuse;
  std::size_t report_max = std::size_t{256} << 20;  ///< bytes of a report, which goes out of memory
};

/// Starts a round and sends its events as server-sent events: "started", "progress", "verdict", each with the JSON of
/// `view`, and in place of the last "problem" where the round ends without a verdict. What a caller sees nothing of is not
/// sent. A fault before the round began is an ordinary reply. A client who goes away ends the stream and nothing else.
void stream_round(const StreamParts& parts, const std::shared_ptr<HttpExchange>& exchange,
                  const v1::VerifyRequest& request, const Caller& caller, RestView view);

/// A report as a document to be saved: its bytes as they were signed, with the text of FILE.sig in the field
/// chiploc-signature, a byte sequence as RFC 9651 has it (:BASE64:).
void send_report(const StreamParts& parts, const std::shared_ptr<HttpExchange>& exchange,
                 const v1::GetReportRequest& request, const Caller& caller);

/// "application/pdf", ..: what a report of this form is; empty: there is no such form.
[[nodiscard]] std::string report_media_type(const v1::GetReportRequest& request);

}  // namespace chiploc
