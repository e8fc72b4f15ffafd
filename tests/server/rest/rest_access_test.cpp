// What is sealed, in the forms that are no JSON document; the log of looks, and what happens when it cannot be written.
#include <algorithm>
#include <fstream>

#include "tests/server/rest/rest_story.hpp"
#include "tests/support/command.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc::test {
namespace rest_access_test {

const std::vector<std::string> kSealedWords{kSealedStreet, "481.2", "192.0.2.9", "50.25", "MultiPolygon"};

std::string whole_text(const Got& got) {
  std::string all = got.body;
  for (const auto& [name, value] : got.fields) all += "\n" + name + ": " + value;
  for (const std::string& event : got.events) all += "\n" + event;
  return all;
}
bool shows_any(const std::string& text) {
  return std::any_of(kSealedWords.begin(), kSealedWords.end(),
                     [&](const std::string& word) { return text.find(word) != std::string::npos; });
}
/// What a person reads in it, by poppler.
std::string text_of_pdf(const std::string& document) {
  const TempDir folder;
  std::ofstream{folder / "report.pdf", std::ios::binary} << document;
  const Ran ran = run("pdftotext " + (folder / "report.pdf").string() + " - 2>&1");
  CHECK(ran.exit_code == 0);
  return ran.output;
}
std::vector<AuditEntry> entries(RestWorld& rest) {
  return rest.world.reader_of_store().audit().audit_entries({}).value();
}
const HttpFields kReason{{"chiploc-reason", "case C-17"}};

TEST_CASE("rest access: a round's events, by who watches and why", "[rest][roles][audit]") {
  RestWorld rest;
  begin_story(rest);
  const std::string target = "/v1/chips/" + kChipOne + "/verify";
  const OperatorWorld& world = rest.world;
  for (const Credentials* who : {&world.verifier, &world.analyst}) {
    const auto before = entries(rest).size();
    CHECK_FALSE(shows_any(whole_text(rest.send(*who, "POST", target))));
    CHECK(entries(rest).size() == before);
  }
  CHECK_FALSE(shows_any(whole_text(rest.send(world.verifier, "POST", target, "", kReason))));
  const auto before = entries(rest).size();
  const Got seen = rest.send(world.analyst, "POST", target, "", kReason);
  CHECK(shows_any(whole_text(seen)));
  REQUIRE(seen.events.size() == 4);
  CHECK(seen.events.front().starts_with("event: started"));
  CHECK(seen.events.back().starts_with("event: verdict"));
  REQUIRE(entries(rest).size() == before + 1);
  CHECK(entries(rest).front().by.name == "ann");
  CHECK(entries(rest).front().reason == "case C-17");
  CHECK(entries(rest).front().method == "chiploc.v1.OperatorService.Verify");
}

TEST_CASE("rest access: reports, metrics and what is refused show nothing sealed to anybody",
          "[rest][roles]") {
  RestWorld rest;
  begin_story(rest);
  std::size_t reports = 0, papers = 0;
  for (const Credentials* who : {&rest.world.admin, &rest.world.auditor, &rest.world.regulator,
                                 &rest.world.reader, &rest.world.example_operator}) {
    for (const char* target :
         {"/v1/reports/fleet?form=json", "/v1/reports/fleet?form=csv", "/v1/reports/fleet?form=geojson",
          "/v1/reports/fleet?form=pdf", "/v1/reports/order?about=O-1&form=csv",
          "/v1/reports/operator?about=Example%20SA&form=csv", "/metrics", "/v1/sites/Sealed%20Street",
          "/v1/chips/192.0.2.9", "/openapi.json", "/readyz"}) {
      const Got got = rest.send(*who, "GET", target, "", kReason);
      INFO(target << ": " << got.status);
      CHECK(got.status < 500);
      if (got.status == 200 && std::string_view{target}.starts_with("/v1/reports")) ++reports;
      std::string all = whole_text(got);
      if (got.status == 200 && std::string_view{target}.ends_with("form=pdf")) {
        const std::string paper = text_of_pdf(got.body);  // compressed as it lies there
        CHECK(paper.find("chiploc") != std::string::npos);
        all += paper;
        ++papers;
      }
      for (const std::string& word :
           {kSealedStreet, std::string{"481.2"}, std::string{"MultiPolygon"}, std::string{"50.25"}})
        CHECK(all.find(word) == std::string::npos);
    }
  }
  CHECK(reports > 0);
  CHECK(papers > 0);
}

TEST_CASE("rest access: a reason is said once, and can be kept", "[rest][roles][audit]") {
  RestWorld rest;
  begin_story(rest);
  const std::string target = "/v1/verdicts/" + kChipOne;
  const auto status = [&](const HttpFields& fields) {
    return rest.send(rest.world.regulator, "GET", target, "", fields).status;
  };
  CHECK(status({}) == 200);
  CHECK(status({{"chiploc-reason", "a"}, {"chiploc-reason", "b"}}) == 400);
  CHECK(status({{"chiploc-reason", ""}}) == 400);
  CHECK(status({{"chiploc-reason", std::string(201, 'r')}}) == 400);
  CHECK(status({{"chiploc-reason", std::string(200, 'r')}}) == 200);
  CHECK(entries(rest).front().subject == "verdict=" + kChipOne);
  CHECK(entries(rest).front().reason == std::string(200, 'r'));
}

TEST_CASE("rest access: an answer kept by its key is not given for another reason, or for none",
          "[rest][roles][audit]") {
  RestWorld rest;
  begin_story(rest);
  rest.post("/v1/cases", json{{"order", "O-1"}, {"user", "Other Ltd"}, {"reason", "an invoice"}});
  const std::string body = R"({"text":"secret-comment"})";
  const auto comment = [&](HttpFields fields) {
    fields.emplace_back("idempotency-key", "k-1");
    return rest.send(rest.world.analyst, "POST", "/v1/cases/C-1/comments", body, fields);
  };
  const Got first = comment(kReason);
  CHECK(first.status == 201);
  CHECK(comment(kReason).field("idempotency-replayed") == "true");
  const Got silent = comment({});
  CHECK(silent.status == 422);
  CHECK(silent.read().at("code").get<std::string>() == "key_reused");
}

TEST_CASE("rest access: the log is asked in pages, by auditors and admins", "[rest][roles][audit]") {
  RestWorld rest;
  begin_story(rest);
  for (int i = 0; i < 3; ++i) rest.send(rest.world.auditor, "GET", "/v1/verdicts/" + kChipOne);
  const Got page = rest.send(rest.world.auditor, "GET", "/v1/audit?name=eve&page_size=2");
  REQUIRE(page.read().at("entries").size() == 2);
  CHECK(page.read().at("entries")[0].at("method").get<std::string>() ==
        "chiploc.v1.OperatorService.GetVerdict");
  CHECK(page.read().at("entries")[0].at("reason").is_null());
  const std::string token = page.read().at("next_page_token").get<std::string>();
  const Got rest_of =
      rest.send(rest.world.auditor, "GET", "/v1/audit?name=eve&page_size=2&page_token=" + token);
  CHECK(rest_of.read().at("entries").size() == 1);
  CHECK(rest_of.read().at("next_page_token").is_null());
  CHECK(rest.send(rest.world.auditor, "GET", "/v1/audit?page_token=zz").status == 400);
  CHECK(rest.send(rest.world.auditor, "GET", "/v1/audit?page_token=ff").status == 400);
  for (const Credentials* who : {&rest.world.regulator, &rest.world.analyst, &rest.world.reader,
                                 &rest.world.registrar, &rest.world.example_auditor})
    CHECK(rest.send(*who, "GET", "/v1/audit").status == 403);
}

TEST_CASE("rest access: a researcher's answers name nobody, in JSON, metrics and refusals",
          "[rest][roles][research]") {
  RestWorld rest;
  begin_story(rest);
  const auto ask = [&](const std::string& target) { return rest.send(rest.world.researcher, "GET", target); };
  const Got list = ask("/v1/verdicts");
  REQUIRE(list.status == 200);
  const json first = list.read().at("verdicts").at(0);
  const std::string chip = first.at("chip_id");
  CHECK(chip.size() == 64);
  CHECK(first.at("licence").get<std::string>().starts_with("p-"));
  CHECK(ask("/v1/verdicts?chip=" + chip).read().at("verdicts").size() == 1);
  const Got one = ask("/v1/verdicts/" + first.at("verdict_id").get<std::string>());
  CHECK(one.status == 200);
  const Got changes = ask("/v1/status-changes");
  CHECK(changes.status == 200);
  CHECK(ask("/v1/verdicts?licence=L-1").status == 403);
  CHECK(ask("/v1/verdicts/" + kChipOne).status == 404);
  CHECK(ask("/v1/chips").status == 403);
  CHECK(ask("/metrics").status == 200);
  CHECK(ask("/metrics").body.find("chiploc_chips ") != std::string::npos);
  for (const std::string& target :
       {std::string{"/v1/verdicts"}, std::string{"/v1/status-changes"}, std::string{"/v1/policy"},
        std::string{"/v1/status"}, std::string{"/metrics"},
        "/v1/verdicts/" + first.at("verdict_id").get<std::string>(), std::string{"/v1/chips/SN-0"},
        std::string{"/v1/verdicts/SN-0"}}) {
    const std::string all = whole_text(ask(target));
    for (const std::string& name :
         {kChipOne, std::string{"L-1"}, std::string{"User AG"}, std::string{"Example SA"},
          std::string{"SN-1"}, std::string{"alice"}, std::string{"fra1"}}) {
      INFO(target << ": " << name << " in " << all);
      CHECK(all.find(name) == std::string::npos);
    }
  }
}

}  // namespace rest_access_test
}  // namespace chiploc::test
