#include "server/service/watch_json.hpp"

#include "server/service/case_json.hpp"
#include "server/service/json_parts.hpp"
#include "server/service/status_json.hpp"

namespace chiploc {
namespace {

Json line_json(const v1::CaseChange& change) {
  return {{"case", change.name()},
          {"kind", case_kind_name(change.kind())},
          {"order", text_or_null(change.order())},
          {"licence", text_or_null(change.licence())},
          {"site", text_or_null(change.site())},
          {"entry", chiploc::json_of(change.entry())}};
}

}  // namespace

Json watch_json(const v1::WatchEvent& event) {
  switch (event.body_case()) {
    case v1::WatchEvent::kVerdict:
      return {{"id", event.id()}, {"event", "verdict"}, {"verdict", json_of(event.verdict())}};
    case v1::WatchEvent::kStatusChange:
      return {{"id", event.id()}, {"event", "status"}, {"status", json_of(event.status_change())}};
    case v1::WatchEvent::kCaseChange:
      return {{"id", event.id()}, {"event", "case"}, {"case", line_json(event.case_change())}};
    case v1::WatchEvent::BODY_NOT_SET:
      break;
  }
  return {{"id", event.id()}, {"event", "at"}};
}

}  // namespace chiploc
