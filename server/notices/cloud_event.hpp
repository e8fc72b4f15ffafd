#pragma once
#include <string>
#include <string_view>

#include "proto/base/result.hpp"
#include "server/notices/notice.hpp"

namespace chiploc {

/// A notice as one CloudEvents 1.0 event in JSON format, whole: attributes and data in one object.
///
///     {"data":{..},"dataschema":"urn:chiploc:schema:case.opened:v1","datacontenttype":"application/json",
///      "id":"<32 hex>","sequence":"00000000000000000003","source":"urn:chiploc:coordinator:<32 hex>",
///      "specversion":"1.0","subject":"case/C-17","time":"2026-12-01T05:27:40Z",
///      "type":"org.chiploc.case.opened.v1"}
///
/// One notice has one encoding, byte for byte: names in order, no white space, everything outside printable
/// ASCII escaped, whole seconds. `sequence` (CloudEvents' extension of that name) is the change's number, in
/// digits that sort as text. schemas/ has what `data` holds.
///
/// Takes a notice that refusal_of() lets pass.
[[nodiscard]] std::string cloud_event_text(const Notice& notice, const CoordinatorId& source);

/// What cloud_event_text wrote.
struct CloudEvent {
  Notice notice;
  CoordinatorId source;
};
/// The way back, for rows that come from a store. Everything that cloud_event_text would not have written
/// byte for byte is refused, with a sentence.
[[nodiscard]] Result<CloudEvent, std::string> read_cloud_event(std::string_view text);

inline constexpr std::size_t kCloudEventMax = 65'536;  ///< bytes; the largest notice has some 20,000
inline constexpr std::string_view kCloudEventContentType = "application/cloudevents+json; charset=utf-8";

}  // namespace chiploc
