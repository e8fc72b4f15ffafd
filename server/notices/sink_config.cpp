#include "server/notices/sink_config.hpp"

#include <arpa/inet.h>

#include <fstream>
#include <sstream>

#include "proto/crypto/certificate.hpp"
#include "server/notices/notice_data.hpp"
#include "server/notices/receiver_address.hpp"
#include "server/notices/receiver_url.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kSinkNameMax = 64;

bool is_sink_name(std::string_view name) {
  return !name.empty() && name.size() <= kSinkNameMax &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == std::string_view::npos;
}

/// Why nothing may be sent to a host that is an address; empty if it may, or is a name: that is looked at when it is sent.
std::string refusal_of_address(std::string_view url, bool private_too) {
  const std::size_t begin = url.find("://") + 3;
  std::string host{url.substr(begin, url.find_first_of("/?", begin) - begin)};
  const bool bracketed = host.starts_with('[');
  host = bracketed ? host.substr(1, host.find(']') - 1) : host.substr(0, host.find(':'));
  ByteArray<16> address{};
  if (::inet_pton(bracketed ? AF_INET6 : AF_INET, host.c_str(), address.data()) != 1) return {};
  const AddressKind kind = address_kind_of(Bytes{address}.first(bracketed ? 16 : 4));
  if (may_send_to(kind, private_too)) return {};
  const std::string is = host + " is a " + std::string{name_of(kind)} + " address";
  if (may_send_to(kind, true)) return is + ", where notices go with allow_private = true alone";
  return is + ", where no notice may be sent; name a public address, or a private one";
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
  config.secret_at = section.where("secret");
  const bool has_old = section.has("old_secret");
  if (has_old != section.has("old_secret_until")) {
    section.fault(has_old ? "old_secret" : "old_secret_until",
                  "stands alone; old_secret and old_secret_until go together, or neither is there");
  }
  if (has_old) {
    config.old_secret = section.path("old_secret");
    config.old_secret_at = section.where("old_secret");
  }
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
  if (!sink.to.url.empty()) {
    std::string refusal = refusal_of_url(sink.to.url, sink.to.allow_http);
    if (refusal.empty()) refusal = refusal_of_address(sink.to.url, sink.to.allow_private);
    if (!refusal.empty()) section.fault("url", refusal);
  }
  if (section.has("ca")) {
    sink.to.ca = section.path("ca");
    config.ca_at = section.where("ca");
  }
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

namespace {

/// Behind the line of the configuration that names the file.
KeyFault fault_at(const std::string& where, KeyFault fault) {
  if (!where.empty()) fault.text = where + ": " + fault.text;
  return fault;
}

Result<Done, KeyFault> check_authorities(const std::filesystem::path& file) {
  if (file.empty()) return Done{};
  std::ifstream in{file, std::ios::binary};
  std::ostringstream content;
  content << in.rdbuf();
  if (!in)
    return Fail{KeyFault{KeyFault::Code::kUnreadable, file.string() +
                                                          ": cannot be read; correct the path, or copy the "
                                                          "authority's certificate there"}};
  const auto read = Certificate::chain_from_pem(content.str());
  if (read) return Done{};
  return Fail{KeyFault{KeyFault::Code::kMalformed, file.string() + ": " + read.error().text}};
}

}  // namespace

Result<NoticeSink, KeyFault> open_notice_sink(const NoticeSinkConfig& config) {
  NoticeSink sink;
  sink.name = config.sink.name;
  sink.format = config.sink.format;
  sink.kinds = config.sink.kinds;
  sink.to = config.sink.to;
  sink.alerts = config.sink.alerts;
  if (const auto good = check_authorities(sink.to.ca); !good)
    return Fail{fault_at(config.ca_at, good.error())};
  const auto add = [&](const std::filesystem::path& file, std::optional<WallTime> until,
                       const std::string& where) -> Result<Done, KeyFault> {
    if (file.empty()) return Done{};
    auto key = read_webhook_key(file);
    if (!key) return Fail{fault_at(where, key.error())};
    sink.keys.push_back({std::move(*key), until});
    return Done{};
  };
  const auto current = add(config.secret, std::nullopt, config.secret_at);
  if (!current) return Fail{current.error()};
  const auto old = add(config.old_secret, config.old_secret_until, config.old_secret_at);
  if (!old) return Fail{old.error()};
  return sink;
}

Result<std::vector<NoticeSink>, std::vector<std::string>> open_notice_sinks(
    const std::vector<NoticeSinkConfig>& configs) {
  std::vector<NoticeSink> sinks;
  std::vector<std::string> faults;
  for (const NoticeSinkConfig& config : configs) {
    auto sink = open_notice_sink(config);
    if (sink) {
      sinks.push_back(std::move(*sink));
    } else {
      faults.push_back(sink.error().text);
    }
  }
  if (!faults.empty()) return Fail{std::move(faults)};
  return sinks;
}

}  // namespace chiploc
