#include "server/rest/rest_api.hpp"

#include "tests/server/rest/rest_story.hpp"

namespace chiploc::test {
namespace rest_api_test {

std::string code_of(const Got& got) { return got.read().at("code").get<std::string>(); }

TEST_CASE("rest: an answer is what the command line prints, with a tag and for one cache alone", "[rest]") {
  RestWorld rest;
  begin_story(rest);
  const Got chip = rest.get("/v1/chips/SN-0");
  CHECK(chip.status == 200);
  CHECK(chip.field("content-type") == "application/json");
  const json shown = chip.read();
  CHECK(shown.at("chip_id").get<std::string>() == kChipOne);
  CHECK(shown.at("last_verdict").at("state").get<std::string>() == "VERIFIED");
  CHECK(shown.at("last_verdict_requested_by").at("name").get<std::string>() == "alice");
  CHECK(shown.at("expired").get<bool>() == false);
  const Got again =
      rest.send(rest.world.admin, "GET", "/v1/chips/SN-0", "", {{"if-none-match", chip.field("etag")}});
  CHECK(again.status == 304);
  CHECK(again.body.empty());
  rest.world.play_round(kChipOne);
  const Got changed =
      rest.send(rest.world.admin, "GET", "/v1/chips/SN-0", "", {{"if-none-match", chip.field("etag")}});
  CHECK(changed.status == 200);
  CHECK(changed.field("etag") != chip.field("etag"));
  // Others see less of it, so their tag is another.
  CHECK(rest.send(rest.world.reader, "GET", "/v1/chips/SN-0").field("etag") != changed.field("etag"));
}

TEST_CASE("rest: lists come in pages, with filters, totals and wanted fields", "[rest]") {
  RestWorld rest;
  begin_story(rest);
  const json first = rest.get("/v1/chips?page_size=1&with_total=true").read();
  CHECK(first.at("chips").size() == 1);
  CHECK(first.at("total").get<int>() == 2);
  const std::string token = first.at("next_page_token").get<std::string>();
  const json second = rest.get("/v1/chips?page_size=1&page_token=" + token).read();
  CHECK(second.at("chips")[0].at("chip_id") != first.at("chips")[0].at("chip_id"));
  CHECK(second.at("total").is_null());
  CHECK(second.at("next_page_token").is_null());
  CHECK(rest.get("/v1/chips?licence=L-2").read().at("chips").size() == 1);
  CHECK(rest.get("/v1/chips?states=OUTSIDE&states=SILENT").read().at("chips").empty());
  CHECK(rest.get("/v1/chips?since=2026-09-21T00:00Z").read().at("chips").size() == 2);
  CHECK(rest.get("/v1/chips?since=2027-01-01").read().at("chips").empty());
  CHECK(rest.get("/v1/chips?fields=chips.serial,next_page_token&order=serial").body ==
        R"({"chips":[{"serial":"SN-0"},{"serial":"SN-1"}],"next_page_token":null})");
  CHECK(code_of(rest.get("/v1/chips?fields=chips.serials")) == "bad_request");
  CHECK(rest.get("/v1/chips?page_token=zz").status == 400);
  CHECK(code_of(rest.get("/v1/chips?page_size=1000000")) == "bad_field");
}

TEST_CASE("rest: nobody is answered who does not show who they are, and no role more than it may", "[rest]") {
  RestWorld rest;
  const Got nobody = send(rest.api, http_request("GET", "/v1/status"));
  CHECK(nobody.status == 401);
  CHECK_FALSE(nobody.field("www-authenticate").empty());
  CHECK(code_of(nobody) == "unauthenticated");
  const Got anchor = rest.send(rest.world.anchor, "GET", "/v1/status");
  CHECK(anchor.status == 403);
  const std::uint64_t before = rest.world.use_cases().counters().refused_role;
  const Got reader = rest.send(rest.world.reader, "POST", "/v1/imports", R"({"files":[]})");
  CHECK(reader.status == 403);
  CHECK(reader.read().at("detail").get<std::string>() ==
        "the role reader may not import; use a registrar's or an admin's certificate");
  CHECK(rest.world.use_cases().counters().refused_role == before + 1);
  // A caller by another way, through the same seam.
  RestParts parts{.cases = rest.world.use_cases(),
                  .now = [] { return kWorldNow; },
                  .steady = [] { return SteadyTime{}; }};
  parts.authenticate = [](const HttpRequest& request) -> Answer<Identity> {
    if (request.field("authorization") != "Bearer ok")
      return Fail{ApiFault{ApiFaultCode::kNoCertificate, "the token is none of ours"}};
    return Identity{"token person", "reader"};
  };
  parts.options.challenge = "Bearer";
  RestApi by_token{std::move(parts)};
  CHECK(send(by_token, http_request("GET", "/v1/status")).field("www-authenticate") == "Bearer");
  CHECK(send(by_token, http_request("GET", "/v1/status", "", {{"authorization", "Bearer ok"}})).status ==
        200);
}

TEST_CASE("rest: what is wrong with a request is a problem with its place", "[rest]") {
  RestWorld rest;
  CHECK(code_of(rest.get("/v1/nuts")) == "no_route");
  const Got verb = rest.send(rest.world.admin, "DELETE", "/v1/status");
  CHECK(verb.status == 405);
  CHECK(verb.field("allow") == "GET");
  CHECK(rest.send(rest.world.admin, "GET", "/v1/status", "", {{"accept", "text/html"}}).status == 406);
  CHECK(rest.send(rest.world.admin, "POST", "/v1/imports", "{}", {{"content-type", "text/csv"}}).status ==
        415);
  const std::uint64_t before = rest.world.use_cases().counters().refused_request;
  const Got twice = rest.send(rest.world.admin, "POST", "/v1/imports", R"({"files":[],"files":[]})");
  CHECK(twice.status == 400);
  CHECK(twice.read().at("field").get<std::string>() == "/files");
  CHECK(rest.world.use_cases().counters().refused_request == before + 1);
  CHECK(rest.get("/v1/chips/nobody").status == 404);
  const Got large = rest.send(rest.world.admin, "POST", "/v1/absences", std::string((1 << 20) + 1, ' '));
  CHECK(large.status == 413);
  const Got version =
      rest.send(rest.world.admin, "POST", "/v1/cases/C-1/resolve", "{}", {{"if-match", "\"x\""}});
  CHECK(version.status == 400);
  CHECK(version.read().at("field").get<std::string>() == "if-match");
}

TEST_CASE("rest: an import that finds faults is an answer with them", "[rest]") {
  RestWorld rest;
  const Got got = rest.post("/v1/imports",
                            json{{"files", {file_of("licences", "id,holder\nL-1,x\n")}}, {"dry_run", true}});
  CHECK(got.status == 200);
  CHECK(got.read().at("faults_total").get<int>() > 0);
  CHECK(got.read().at("dry_run").get<bool>());
}

TEST_CASE("rest: evidence comes to who may see it, and only if asked for", "[rest]") {
  RestWorld rest;
  begin_story(rest);
  CHECK_FALSE(rest.get("/v1/verdicts/SN-0").read().contains("evidence"));
  const json whole = rest.send(rest.world.auditor, "GET", "/v1/verdicts/SN-0?with_evidence=true").read();
  CHECK(whole.at("evidence").at("tickets").size() == 1);
  CHECK(whole.at("evidence").at("intent").at("requested_by").get<std::string>() == "alice");
  CHECK(rest.send(rest.world.reader, "GET", "/v1/verdicts/SN-0?with_evidence=true").status == 403);
}

}  // namespace rest_api_test
}  // namespace chiploc::test
