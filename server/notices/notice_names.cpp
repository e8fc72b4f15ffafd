#include "server/notices/notice_names.hpp"

namespace chiploc {

std::string_view name_of(NoticeKind kind) { return notice_names::name_in(notice_names::kKinds, kind, 1); }
std::optional<NoticeKind> notice_kind_of(std::string_view name) {
  return notice_names::value_in<NoticeKind>(notice_names::kKinds, name, 1);
}
std::string event_type_of(NoticeKind kind) { return "org.chiploc." + std::string{name_of(kind)} + ".v1"; }
std::string data_schema_of(NoticeKind kind) {
  return "urn:chiploc:schema:" + std::string{name_of(kind)} + ":v1";
}

std::string_view name_of(CaseSubject subject) {
  return notice_names::name_in(notice_names::kSubjects, subject);
}
std::string_view name_of(CaseOutcome outcome) {
  return notice_names::name_in(notice_names::kOutcomes, outcome);
}
std::string_view name_of(NoticeSeverity severity) {
  return notice_names::name_in(notice_names::kSeverities, severity);
}

NoticeSeverity severity_of(CaseSubject subject) {
  switch (subject) {
    case CaseSubject::kNotWhereLicensed:
    case CaseSubject::kOtherUser:
    case CaseSubject::kTampered:
      return NoticeSeverity::kCritical;
    case CaseSubject::kUnaccounted:
      return NoticeSeverity::kWarning;
  }
  return NoticeSeverity::kInformational;
}

}  // namespace chiploc
