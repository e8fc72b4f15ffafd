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

std::string_view name_of(NoticeSubject subject) {
  return notice_names::name_in(notice_names::kSubjects, subject);
}
std::optional<NoticeSubject> notice_subject_of(std::string_view name) {
  return notice_names::value_in<NoticeSubject>(notice_names::kSubjects, name);
}
std::optional<NoticeOutcome> notice_outcome_of(std::string_view name) {
  return notice_names::value_in<NoticeOutcome>(notice_names::kOutcomes, name);
}
std::string_view name_of(NoticeOutcome outcome) {
  return notice_names::name_in(notice_names::kOutcomes, outcome);
}
std::string_view name_of(NoticeSeverity severity) {
  return notice_names::name_in(notice_names::kSeverities, severity);
}

NoticeSeverity severity_of(NoticeSubject subject) {
  switch (subject) {
    case NoticeSubject::kElsewhere:
    case NoticeSubject::kAnotherUser:
    case NoticeSubject::kTampering:
      return NoticeSeverity::kCritical;
    case NoticeSubject::kSpoofing:
    case NoticeSubject::kBlocking:
    case NoticeSubject::kMisleading:
    case NoticeSubject::kUnproven:
      return NoticeSeverity::kWarning;
  }
  return NoticeSeverity::kInformational;
}

}  // namespace chiploc
