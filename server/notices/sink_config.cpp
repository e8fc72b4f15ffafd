#include "server/notices/sink_config.hpp"

#include "server/notices/notice_data.hpp"
#include "server/notices/receiver_url.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kSinkNameMax = 64;

bool is_sink_name(std::string_view name) {
  return !name.empty() && name.size() <= kSinkNameMax &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == std::string_view::npos;
}

NoticeFormat read_format(TomlSection& section) {
  const std::string format = section.choice("format", {"cloudevents", "ocsf", "alertmanager"});
  if (format == "ocsf") return NoticeFormat::kOcsf;
  return format == "alertmanager" ? NoticeFormat::kAlertmanager : NoticeFormat::kCloudEvents;
}

std::set<NoticeKind> read_kinds(TomlSection& section, NoticeFormat format) {
  std::set<NoticeKind> kinds;
  if (!section.has("kinds")) {
    for (std::size_t number = 1; number <= kNoticeKinds; ++number)
      if (can_tell(format, static_cast<NoticeKind>(number))) kinds.insert(static_cast<NoticeKind>(number));
    return kinds;
  }
  for (const std::string& name : section.texts("kinds", true)) {
    const auto kind = notice_kind_of(name);
    if (!kind) {
      section.fault("kinds", "has '" + name +
                                 "', which is no kind of notice; there are case.opened, case.updated, "
                                 "case.disputed, case.resolved, case.reopened, order.held, order.released, "
                                 "chip.status_changed and notice.test");
    } else if (!can_tell(format, *kind)) {
      section.fault("kinds", "has '" + name + "', which makes no alert; leave it out");
    } else if (!kinds.insert(*kind).second) {
      section.fault("kinds", "has '" + name + "' twice; leave one out");
    }
  }
  return kinds;
}

void read_secrets(TomlSection& section, NoticeSinkConfig& config) {
  if (config.sink.format == NoticeFormat::kAlertmanager) {
    for (const char* key : {"secret", "old_secret", "old_secret_until"})
      if (section.has(key))
        section.fault(key, "is for webhooks: Alertmanager looks at no signature; leave it out");
    return;
  }
  config.secret = section.path("secret");
  const bool has_old = section.has("old_secret");
  if (has_old != section.has("old_secret_until")) {
    section.fault(has_old ? "old_secret" : "old_secret_until",
                  "stands alone; old_secret and old_secret_until go together, or neither is there");
  }
  if (has_old) config.old_secret = section.path("old_secret");
  const std::string until = section.text("old_secret_until", "");
  if (!has_old || until.empty()) return;
  const auto time = notice_data::time_from_text(until);
  if (!time)
    section.fault("old_secret_until", "'" + until + "' is no time; write 2026-12-08T00:00:00Z, in UTC");
  config.old_secret_until = time.value_or(WallTime{});
}

NoticeSinkConfig read_sink(TomlSection& section, std::set<std::string>& names) {
  NoticeSinkConfig config;
  NoticeSink& sink = config.sink;
  sink.name = section.text("name");
  if (!sink.name.empty() && !is_sink_name(sink.name)) {
    section.fault("name", "'" + sink.name + "' is no name of a sink: 1 to 64 of a-z, 0-9, - and _");
  } else if (!sink.name.empty() && !names.insert(sink.name).second) {
    section.fault("name",
                  "'" + sink.name + "' is another sink's name already; their deliveries would be mixed up");
  }
  sink.to.allow_http = section.boolean("allow_http", false);
  sink.to.allow_private = section.boolean("allow_private", false);
  sink.to.url = section.text("url");
  if (const std::string refusal = refusal_of_url(sink.to.url, sink.to.allow_http);
      !sink.to.url.empty() && !refusal.empty())
    section.fault("url", refusal);
  if (section.has("ca")) sink.to.ca = section.path("ca");
  sink.format = read_format(section);
  sink.kinds = read_kinds(section, sink.format);
  read_secrets(section, config);
  if (sink.format == NoticeFormat::kAlertmanager) {
    sink.alerts.again =
        std::chrono::seconds{section.integer("again_s", {.min = 5, .max = 3'600, .otherwise = 60})};
  } else if (section.has("again_s")) {
    section.fault("again_s", "is for format = \"alertmanager\" alone; leave it out");
  }
  return config;
}

}  // namespace

std::vector<NoticeSinkConfig> read_notice_sinks(TomlReader& file) {
  std::vector<NoticeSinkConfig> all;
  std::set<std::string> names;
  for (TomlSection& section : file.sections("notices")) {
    if (all.size() == kNoticeSinksMax) {
      section.fault("name", "is of one sink too many; there may be " + std::to_string(kNoticeSinksMax));
      break;
    }
    all.push_back(read_sink(section, names));
  }
  return all;
}

Result<NoticeSink, KeyFault> open_notice_sink(const NoticeSinkConfig& config) {
  NoticeSink sink;
  sink.name = config.sink.name;
  sink.format = config.sink.format;
  sink.kinds = config.sink.kinds;
  sink.to = config.sink.to;
  sink.alerts = config.sink.alerts;
  const auto add = [&](const std::filesystem::path& file,
                       std::optional<WallTime> until) -> Result<Done, KeyFault> {
    if (file.empty()) return Done{};
    auto key = read_webhook_key(file);
    if (!key) return Fail{key.error()};
    sink.keys.push_back({std::move(*key), until});
    return Done{};
  };
  const auto current = add(config.secret, std::nullopt);
  if (!current) return Fail{current.error()};
  const auto old = add(config.old_secret, config.old_secret_until);
  if (!old) return Fail{old.error()};
  return sink;
}

}  // namespace chiploc
