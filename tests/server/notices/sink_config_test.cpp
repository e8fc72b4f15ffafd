#include "server/notices/sink_config.hpp"

#include "tests/server/notices/notice_maker.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc::test {
namespace {

struct ReadSinks {
  std::vector<NoticeSinkConfig> sinks;
  std::vector<std::string> faults;
};
ReadSinks read_sinks(const std::string& text) {
  TomlReader reader = TomlReader::parse(text, "/etc/chiploc/chiplocd.toml");
  ReadSinks out;
  out.sinks = read_notice_sinks(reader);
  out.faults = reader.finish();
  return out;
}
constexpr const char* kMinimal =
    "[[notices]]\nname = \"siem\"\nurl = \"https://siem.example/x\"\nsecret = \"siem.secret\"\n";

/// The one fault of the minimal sink with these lines too.
std::string fault_with(const std::string& lines, std::string base = kMinimal) {
  const ReadSinks read = read_sinks(base + lines);
  REQUIRE(read.faults.size() == 1);
  const std::string head = "/etc/chiploc/chiplocd.toml:";
  CHECK(read.faults[0].compare(0, head.size(), head) == 0);
  return read.faults[0].substr(head.size());
}
std::string minimal_with(const std::string& from, const std::string& to) {
  std::string text = kMinimal;
  text.replace(text.find(from), from.size(), to);
  return text;
}
constexpr const char* kAlerts =
    "[[notices]]\nname = \"pager\"\nurl = \"http://127.0.0.1:9093/api/v2/alerts\"\nformat = \"alertmanager\"\nallow_http = "
    "true\nallow_private = true\n";

}  // namespace

TEST_CASE("notice sinks: the least that is needed, and what it means", "[notices]") {
  const ReadSinks read = read_sinks(kMinimal);
  CHECK(read.faults.empty());
  REQUIRE(read.sinks.size() == 1);
  const NoticeSinkConfig& config = read.sinks[0];
  CHECK(config.sink.name == "siem");
  CHECK(config.sink.to.url == "https://siem.example/x");
  CHECK_FALSE(config.sink.to.allow_http);
  CHECK_FALSE(config.sink.to.allow_private);
  CHECK(config.sink.to.ca.empty());
  CHECK(config.sink.format == NoticeFormat::kCloudEvents);
  CHECK(config.sink.kinds.size() == kNoticeKinds);
  CHECK(config.secret == "/etc/chiploc/siem.secret");
  CHECK(config.old_secret.empty());
  CHECK(read_sinks("").sinks.empty());
}

TEST_CASE("notice sinks: everything that may be said", "[notices]") {
  const ReadSinks read =
      read_sinks(std::string{kMinimal} +
                 "format = \"ocsf\"\nkinds = [\"case.opened\", \"chip.status_changed\"]\nca = \"ca.pem\"\n"
                 "allow_private = true\nold_secret = \"/secrets/old\"\nold_secret_until = "
                 "\"2026-12-08T00:00:00Z\"\n" +
                 kAlerts + "again_s = 30\n");
  for (const std::string& fault : read.faults) UNSCOPED_INFO(fault);
  CHECK(read.faults.empty());
  REQUIRE(read.sinks.size() == 2);
  CHECK(read.sinks[0].sink.format == NoticeFormat::kOcsf);
  CHECK(read.sinks[0].sink.kinds == std::set{NoticeKind::kCaseOpened, NoticeKind::kChipStatusChanged});
  CHECK(read.sinks[0].sink.to.ca == "/etc/chiploc/ca.pem");
  CHECK(read.sinks[0].sink.to.allow_private);
  CHECK(read.sinks[0].old_secret == "/secrets/old");
  CHECK(read.sinks[0].old_secret_until == noon(561'600));
  CHECK(read.sinks[1].sink.format == NoticeFormat::kAlertmanager);
  CHECK(read.sinks[1].sink.kinds.size() == kNoticeKinds - 1);
  CHECK(read.sinks[1].sink.kinds.count(NoticeKind::kChipStatusChanged) == 0);
  CHECK(read.sinks[1].sink.to.allow_http);
  CHECK(read.sinks[1].sink.alerts.again == std::chrono::seconds{30});
  CHECK(read.sinks[1].secret.empty());
}

TEST_CASE("notice sinks: each fault names its line, and what to do", "[notices]") {
  CHECK_THAT(fault_with("colour = 1\n"), Catch::StartsWith("5: notices.colour"));
  CHECK_THAT(fault_with("", minimal_with("\"siem\"", "\"SIEM 1\"")),
             Catch::StartsWith("2: notices.name: 'SIEM 1' is no name of a sink"));
  CHECK_THAT(fault_with("", minimal_with("\"siem\"", "\"" + std::string(65, 'a') + "\"")),
             Catch::Contains("is no name of a sink"));
  CHECK(read_sinks(minimal_with("\"siem\"", "\"" + std::string(64, 'a') + "\"")).faults.empty());
  CHECK_THAT(fault_with(kMinimal),
             Catch::StartsWith("6: notices.name: 'siem' is another sink's name already"));
  CHECK_THAT(fault_with("", minimal_with("https", "http")), Catch::StartsWith("3: notices.url: is http"));
  CHECK_THAT(fault_with("", minimal_with("siem.example", "a@siem.example")),
             Catch::Contains("has a user or password"));
  CHECK_THAT(fault_with("", minimal_with("secret = \"siem.secret\"\n", "")),
             Catch::Contains("notices.secret"));
  CHECK_THAT(fault_with("format = \"xml\"\n"), Catch::StartsWith("5: notices.format"));
  CHECK_THAT(fault_with("kinds = [\"case.closed\"]\n"),
             Catch::StartsWith("5: notices.kinds: has 'case.closed', which is no kind of notice"));
  for (std::size_t number = 1; number <= kNoticeKinds; ++number)
    CHECK_THAT(fault_with("kinds = [\"case\"]\n"),
               Catch::Contains(std::string{name_of(static_cast<NoticeKind>(number))}));
  CHECK_THAT(fault_with("kinds = [\"case.opened\", \"case.opened\"]\n"),
             Catch::Contains("has 'case.opened' twice"));
  CHECK_THAT(fault_with("kinds = []\n"), Catch::StartsWith("5: notices.kinds"));
  CHECK_THAT(fault_with("old_secret = \"a\"\n"), Catch::StartsWith("5: notices.old_secret: stands alone"));
  CHECK_THAT(fault_with("old_secret_until = \"2026-12-08T00:00:00Z\"\n"),
             Catch::StartsWith("5: notices.old_secret_until: stands alone"));
  CHECK_THAT(fault_with("old_secret = \"a\"\nold_secret_until = \"tomorrow\"\n"),
             Catch::StartsWith("6: notices.old_secret_until: 'tomorrow' is no time"));
  CHECK_THAT(fault_with("again_s = 30\n"), Catch::StartsWith("5: notices.again_s: is for format"));
  CHECK_THAT(fault_with("secret = \"a\"\n", kAlerts), Catch::Contains("notices.secret: is for webhooks"));
  CHECK_THAT(fault_with("old_secret = \"a\"\n", kAlerts),
             Catch::Contains("notices.old_secret: is for webhooks"));
  CHECK_THAT(fault_with("kinds = [\"chip.status_changed\"]\n", kAlerts),
             Catch::Contains("which makes no alert"));
  CHECK_THAT(fault_with("again_s = 4\n", kAlerts), Catch::Contains("notices.again_s"));
  CHECK_THAT(fault_with("", "[notices]\nname = \"siem\"\n"), Catch::Contains("write [[notices]] for each"));
  std::string many;
  for (int i = 0; i < 17; ++i) many += minimal_with("\"siem\"", "\"siem-" + std::to_string(i) + "\"");
  CHECK_THAT(read_sinks(many).faults.front(), Catch::Contains("is of one sink too many; there may be 16"));
}

TEST_CASE("notice sinks: secrets are read from their files, or the file is named", "[notices]") {
  const TempDir folder;
  folder.write("new", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n");
  folder.write("old", "whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=\n");
  folder.write("open", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", std::filesystem::perms{0644});
  NoticeSinkConfig config;
  config.sink.name = "siem";
  config.sink.format = NoticeFormat::kOcsf;
  config.sink.kinds = {NoticeKind::kTest};
  config.sink.to.url = "https://a";
  config.sink.alerts.again = std::chrono::seconds{7};
  config.secret = folder / "new";
  auto sink = open_notice_sink(config);
  REQUIRE(sink);
  CHECK(sink->name == "siem");
  CHECK(sink->format == NoticeFormat::kOcsf);
  CHECK(sink->kinds == config.sink.kinds);
  CHECK(sink->to.url == "https://a");
  CHECK(sink->alerts.again == std::chrono::seconds{7});
  REQUIRE(sink->keys.size() == 1);
  CHECK_FALSE(sink->keys[0].until);
  config.old_secret = folder / "old";
  config.old_secret_until = noon(9);
  sink = open_notice_sink(config);
  REQUIRE(sink);
  REQUIRE(sink->keys.size() == 2);
  CHECK(sink->keys[0].key.public_text().empty());
  CHECK(sink->keys[1].until == noon(9));
  CHECK_FALSE(sink->keys[1].key.public_text().empty());
  config.old_secret = folder / "open";
  CHECK(open_notice_sink(config).error().code == KeyFault::Code::kPermissions);
  config.secret = folder / "none";
  CHECK_THAT(open_notice_sink(config).error().text, Catch::Contains((folder / "none").string()));
  CHECK(open_notice_sink({})->keys.empty());
}

}  // namespace chiploc::test
