#include "server/notices/cloud_event.hpp"

#include "server/notices/notice_data.hpp"

namespace chiploc {
namespace {

using notice_data::Json;

constexpr std::string_view kSourcePrefix = "urn:chiploc:coordinator:";
constexpr std::size_t kSequenceDigits = 20;  // 2^64 has so many

std::string sequence_text(std::uint64_t change) {
  const std::string digits = std::to_string(change);
  return std::string(kSequenceDigits - digits.size(), '0') + digits;
}

Json data_of(const Notice& notice) {
  notice_data::DataWriter out;
  std::visit([&](const auto& facts) { describe(out, facts); }, notice.facts);
  return out.take();
}

std::string text_of(const Json& event, const char* key) {
  const auto found = event.find(key);
  const auto* text = found == event.end() ? nullptr : found->get_ptr<const std::string*>();
  return text == nullptr ? std::string{} : *text;
}

/// The empty facts of a kind.
template <std::size_t... kIndexes>
NoticeFacts facts_for(NoticeKind kind, std::index_sequence<kIndexes...>) {
  NoticeFacts facts;
  const std::size_t wanted = static_cast<std::size_t>(kind) - 1;
  ((wanted == kIndexes ? void(facts.emplace<kIndexes>()) : void()), ...);
  return facts;
}

std::optional<NoticeKind> kind_of_type(std::string_view type) {
  for (std::size_t number = 1; number <= kNoticeKinds; ++number) {
    const auto kind = static_cast<NoticeKind>(number);
    if (event_type_of(kind) == type) return kind;
  }
  return std::nullopt;
}

std::uint64_t change_from(const std::string& sequence) {
  std::uint64_t change = 0;
  std::from_chars(sequence.data(), sequence.data() + sequence.size(), change);
  return change;
}

}  // namespace

namespace notice_data {

std::optional<WallTime> time_from_text(std::string_view text) {
  // YYYY-MM-DDThh:mm:ssZ
  if (text.size() != 20) return std::nullopt;
  const auto number = [&](std::size_t from, std::size_t digits) {
    int value = -1;
    std::from_chars(text.data() + from, text.data() + from + digits, value);
    return value;
  };
  const std::chrono::year_month_day day{std::chrono::year{number(0, 4)},
                                        std::chrono::month{static_cast<unsigned>(number(5, 2))},
                                        std::chrono::day{static_cast<unsigned>(number(8, 2))}};
  if (!day.ok() || number(0, 4) < 1970) return std::nullopt;
  const auto seconds = std::chrono::sys_days{day}.time_since_epoch() + std::chrono::hours{number(11, 2)} +
                       std::chrono::minutes{number(14, 2)} + std::chrono::seconds{number(17, 2)};
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(seconds).count();
  const WallTime time = wall_from_unix_seconds(static_cast<std::uint64_t>(whole < 0 ? 0 : whole));
  if (utc_iso(time) != text) return std::nullopt;  // one spelling
  return time;
}

}  // namespace notice_data

std::string cloud_event_text(const Notice& notice, const CoordinatorId& source) {
  Json event = Json::object();
  event["specversion"] = "1.0";
  event["id"] = id_of(notice).hex();
  event["source"] = std::string{kSourcePrefix} + source.hex();
  event["type"] = event_type_of(notice.kind());
  event["subject"] = subject_of(notice);
  event["time"] = utc_iso(notice.at);
  event["sequence"] = sequence_text(notice.change);
  event["datacontenttype"] = "application/json";
  event["dataschema"] = data_schema_of(notice.kind());
  event["data"] = data_of(notice);
  // A notice that may be sent is UTF-8; should one that may not come here, it does not stop the process.
  return event.dump(-1, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace);
}

Result<CloudEvent, std::string> read_cloud_event(std::string_view text) {
  using Refused = Fail<std::string>;
  if (text.size() > kCloudEventMax) return Refused{"an event of " + std::to_string(text.size()) + " bytes"};
  const Json event = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!event.is_object()) return Refused{"no JSON object"};
  const auto kind = kind_of_type(text_of(event, "type"));
  if (!kind) return Refused{"an event of a type that this version does not know"};
  const std::string source = text_of(event, "source");
  const auto coordinator =
      source.compare(0, kSourcePrefix.size(), kSourcePrefix) == 0
          ? CoordinatorId::from_hex_text(std::string_view{source}.substr(kSourcePrefix.size()))
          : std::nullopt;
  if (!coordinator) return Refused{"an event of no coordinator"};
  const std::string subject = text_of(event, "subject");
  const auto data = event.find("data");
  if (data == event.end() || !data->is_object()) return Refused{"an event without data"};
  CloudEvent out;
  out.source = *coordinator;
  out.notice.name = subject.substr(std::min(subject.size(), subject.find('/') + 1));
  out.notice.change = change_from(text_of(event, "sequence"));
  out.notice.at = notice_data::time_from_text(text_of(event, "time")).value_or(WallTime{});
  out.notice.facts = facts_for(*kind, std::make_index_sequence<kNoticeKinds>{});
  notice_data::DataReader in{*data};
  std::visit([&](auto& facts) { describe(in, facts); }, out.notice.facts);
  if (const std::string problem = refusal_of(out.notice); !problem.empty())
    return Refused{"an event whose " + problem};
  if (cloud_event_text(out.notice, out.source) != text)
    return Refused{"an event that this version would not have written so"};
  return out;
}

}  // namespace chiploc
