// Roles and entities over the wire.
#include "proto/crypto/certificate.hpp"
#include "tests/server/grpc/operator_calls.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace {

TEST_CASE("operator service: each role does its own work over the wire", "[api][roles]") {
  OperatorWorld world;
  world.import({kChipA});
  const auto verifier = world.stub(world.verifier);
  const auto [measured, events] = verify(*verifier, kChipA);
  CHECK(measured.ok());
  REQUIRE(events.size() == 2);  // progress is all sealed
  CHECK(events[0].has_started());
  CHECK(events[0].started().anchors().empty());
  CHECK(events[1].verdict().state() == v1::VERIFIED);
  CHECK(events[1].verdict().region_geojson().empty());
  CHECK(events[1].verdict().anchors().empty());
  CHECK(world.rounds().last_requested_by == "vic");
  const auto shown = [&](const Credentials& who, bool evidence) {
    return call<v1::GetVerdictResponse>(*world.stub(who), &Stub::GetVerdict,
                                        verdict_request(kChipA, evidence));
  };
  CHECK(shown(world.verifier, false).second.verdict().region_geojson().empty());
  CHECK(shown(world.verifier, true).first.error_code() == StatusCode::PERMISSION_DENIED);
  CHECK(shown(world.registrar, false).second.verdict().region_geojson().empty());
  CHECK(shown(world.registrar, true).first.error_code() == StatusCode::PERMISSION_DENIED);
  CHECK_FALSE(shown(world.auditor, false).second.verdict().region_geojson().empty());
  const auto evidence = shown(world.auditor, true);
  CHECK(evidence.first.ok());
  CHECK(evidence.second.evidence().requested_by() == "vic");
  CHECK(evidence.second.evidence().requested_with() ==
        string_of(Certificate::from_pem(world.verifier.certificate)->fingerprint().bytes));
  CHECK(verify(*world.stub(world.registrar), kChipA).first.error_code() == StatusCode::PERMISSION_DENIED);
  CHECK(verify(*world.stub(world.auditor), kChipA).first.error_code() == StatusCode::PERMISSION_DENIED);

  const auto import = [&](const Credentials& who) {
    return call<v1::ImportResponse>(*world.stub(who), &Stub::Import, world.files.request({kChipB}));
  };
  CHECK(import(world.verifier).first.error_code() == StatusCode::PERMISSION_DENIED);
  CHECK(import(world.auditor).first.error_code() == StatusCode::PERMISSION_DENIED);
  CHECK(import(world.example_registrar).first.error_code() == StatusCode::PERMISSION_DENIED);
  const auto imported = import(world.registrar);
  CHECK(imported.first.ok());
  CHECK(imported.second.added() == 1);  // and is told so
  const auto journal = world.reader_of_store().registry().imports(1);
  CHECK(journal->front().stamp.by == "rob");
  CHECK(journal->front().stamp.with == Certificate::from_pem(world.registrar.certificate)->fingerprint());
}

TEST_CASE("operator service: a researcher follows chips under pseudonyms, page by page",
          "[api][roles][research]") {
  OperatorWorld world;
  world.import({kChipA, kChipB});
  for (int i = 0; i < 2; ++i) {
    world.play_round(kChipA);
    world.play_round(kChipB);
  }
  const auto stub = world.stub(world.researcher);
  const auto list = [&](const v1::ListVerdictsRequest& request) {
    return call<v1::ListVerdictsResponse>(*stub, &Stub::ListVerdicts, request);
  };
  v1::ListVerdictsRequest request;
  request.set_page_size(1);
  std::map<std::string, std::vector<std::string>> verdicts_of;  // by chip, as it is shown
  for (int page = 0; page < 5; ++page) {
    const auto [status, answer] = list(request);
    REQUIRE(status.ok());
    for (const auto& verdict : answer.verdicts()) {
      verdicts_of[verdict.chip_id()].push_back(verdict.verdict_id());
      CHECK(verdict.state() == v1::VERIFIED);
      CHECK(verdict.licence().starts_with("p-"));
    }
    request.set_page_token(answer.next_page_token());
    if (answer.next_page_token().empty()) break;
  }
  REQUIRE(verdicts_of.size() == 2);
  CHECK(verdicts_of.begin()->second.size() == 2);
  CHECK(verdicts_of.rbegin()->second.size() == 2);

  v1::ListVerdictsRequest of_one;
  of_one.set_chip(to_hex(bytes_of(verdicts_of.begin()->first)));
  CHECK(list(of_one).second.verdicts_size() == 2);
  const auto shown = [&](const std::string& text) {
    return call<v1::GetVerdictResponse>(*stub, &Stub::GetVerdict, verdict_request(text));
  };
  const std::string verdict = verdicts_of.begin()->second.front();
  const auto found = shown(to_hex(bytes_of(verdict)));
  REQUIRE(found.first.ok());
  CHECK(found.second.verdict().verdict_id() == verdict);
  CHECK(found.second.verdict().chip_id() == verdicts_of.begin()->first);
  CHECK(found.second.verdict().countries().empty());
  CHECK(found.second.verdict().region_geojson().empty());
  CHECK(shown(of_one.chip()).second.verdict().chip_id() == verdicts_of.begin()->first);

  // By a name that everybody else may ask by.
  of_one.set_chip(kChipA);
  CHECK(list(of_one).first.error_code() == StatusCode::NOT_FOUND);
  of_one.clear_chip();
  of_one.set_licence("L-1");
  CHECK(list(of_one).first.error_code() == StatusCode::PERMISSION_DENIED);
  CHECK(shown(kChipA).first.error_message().find(kChipA) == std::string::npos);
  // A reader's page token is no researcher's.
  v1::ListVerdictsRequest first;
  first.set_page_size(1);
  const auto readers = call<v1::ListVerdictsResponse>(*world.stub(world.reader), &Stub::ListVerdicts, first);
  first.set_page_token(readers.second.next_page_token());
  CHECK(list(first).first.error_code() == StatusCode::NOT_FOUND);

  // A use case's own sentence names the chip; a researcher's does not.
  world.import({kChipA, kChipB, kChipC});
  v1::Chip chip;
  chip.set_chip_id(string_of(ChipId::from_hex_text(kChipC).value().bytes));
  const std::string pseudonym =
      to_hex(SivKey{SecretBytes<SivKey::kSize>{}}.seal("chip", bytes_of(chip.chip_id())));
  const auto none = shown(pseudonym);
  CHECK(none.first.error_code() == StatusCode::NOT_FOUND);
  CHECK(none.first.error_message() == "there is nothing under this pseudonym, or nothing any more");
}

TEST_CASE("operator service: what is sealed is shown for a reason, and on record before it is",
          "[api][roles][audit]") {
  OperatorWorld world;
  world.import({kChipA});
  world.play_round(kChipA);
  const auto shown = [&](const Credentials& who, const std::vector<std::string>& reasons) {
    return call<v1::GetVerdictResponse>(*world.stub(who), &Stub::GetVerdict, verdict_request(kChipA),
                                        reasons);
  };
  const auto entries = [&] { return world.reader_of_store().audit().audit_entries({}).value(); };
  const std::size_t before = entries().size();  // the admin's own
  for (const Credentials& who : {world.regulator, world.analyst}) {
    const auto sealed = shown(who, {});
    CHECK(sealed.first.ok());
    CHECK(sealed.second.verdict().region_geojson().empty());
  }
  CHECK(shown(world.reader, {"let me"}).second.verdict().region_geojson().empty());
  CHECK(entries().size() == before);
  const auto whole = shown(world.regulator, {"case C-17"});
  CHECK(whole.first.ok());
  CHECK_FALSE(whole.second.verdict().region_geojson().empty());
  REQUIRE(entries().size() == before + 1);
  const AuditEntry entry = entries().front();
  CHECK(entry.by.name == "ruth");
  CHECK(entry.by.certificate == Certificate::from_pem(world.regulator.certificate)->fingerprint());
  CHECK(entry.role == "regulator");
  CHECK(entry.reason == "case C-17");
  CHECK(entry.method == "chiploc.v1.OperatorService.GetVerdict");
  CHECK(entry.subject == "verdict=" + kChipA);
  CHECK(shown(world.regulator, {"a", "b"}).first.error_code() == StatusCode::INVALID_ARGUMENT);
  CHECK(shown(world.regulator, {std::string(201, 'r')}).first.error_code() == StatusCode::INVALID_ARGUMENT);
  CHECK_FALSE(shown(world.auditor, {}).second.verdict().region_geojson().empty());
  CHECK(entries().front().by.name == "eve");
  CHECK(entries().front().reason.empty());

  // Who watches a round sees its verdict: that is on record as the round begins.
  grpc::ClientContext context;
  context.AddMetadata("chiploc-reason", "random check");
  v1::VerifyRequest request;
  request.set_chip(kChipA);
  const auto analyst = world.stub(world.analyst);
  const auto watched = analyst->Verify(&context, request);
  v1::VerifyEvent event;
  while (watched->Read(&event)) {
  }
  CHECK(watched->Finish().ok());
  CHECK_FALSE(event.verdict().region_geojson().empty());
  CHECK(entries().front().by.name == "ann");
  CHECK(entries().front().method == "chiploc.v1.OperatorService.Verify");

  const auto log = [&](const Credentials& who) {
    return call<v1::ListAuditResponse>(*world.stub(who), &Stub::ListAudit, v1::ListAuditRequest{});
  };
  CHECK(log(world.regulator).first.error_code() == StatusCode::PERMISSION_DENIED);
  CHECK(log(world.example_auditor).first.error_code() == StatusCode::PERMISSION_DENIED);
  const auto listed = log(world.auditor);
  REQUIRE(listed.first.ok());
  REQUIRE(listed.second.entries_size() == static_cast<int>(entries().size()));
  CHECK(listed.second.entries(0).name() == "ann");
}

TEST_CASE("operator service: an operator works on what is its holder's", "[api][roles][entity]") {
  OperatorWorld world;
  const std::string own = chip_id("aaaa2"), foreign = chip_id("aaaa1");
  world.import({foreign, own});
  world.play_round(own);
  const auto olga = world.stub(world.example_operator);
  const auto chips = call<v1::ListChipsResponse>(*olga, &Stub::ListChips, v1::ListChipsRequest{}).second;
  REQUIRE(chips.chips_size() == 1);
  CHECK(to_hex(bytes_of(chips.chips(0).chip_id())) == own);
  const auto verdict = call<v1::GetVerdictResponse>(*olga, &Stub::GetVerdict, verdict_request(own), {"mine"});
  CHECK(verdict.first.ok());
  CHECK(verdict.second.verdict().region_geojson().empty());  // a reason opens nothing to it
  CHECK(verify(*olga, own).first.error_code() == StatusCode::PERMISSION_DENIED);
  CHECK(call<v1::ImportResponse>(*olga, &Stub::Import, world.files.request({kChipB})).first.error_code() ==
        StatusCode::PERMISSION_DENIED);
}

TEST_CASE("operator service: a holder's certificate finds nothing that is another's",
          "[api][roles][entity]") {
  OperatorWorld world;
  // Licences in turn: the second chip is of L-2, which is Example SA's.
  const std::string own = chip_id("aaaa2");
  const std::string foreign = chip_id("aaaa1");
  world.import({foreign, own});
  world.play_round(foreign);
  world.play_round(own);
  const auto reader = world.stub(world.example_reader);
  const auto chips = call<v1::ListChipsResponse>(*reader, &Stub::ListChips, v1::ListChipsRequest{}).second;
  REQUIRE(chips.chips_size() == 1);
  CHECK(to_hex(bytes_of(chips.chips(0).chip_id())) == own);
  v1::ListChipsRequest verified;
  verified.add_states(v1::VERIFIED);
  CHECK(call<v1::ListChipsResponse>(*reader, &Stub::ListChips, verified).second.chips_size() == 1);
  const auto licences =
      call<v1::ListLicencesResponse>(*reader, &Stub::ListLicences, v1::ListLicencesRequest{}).second;
  REQUIRE(licences.licences_size() == 1);
  CHECK(licences.licences(0).licence() == "L-2");
  const auto verdicts =
      call<v1::ListVerdictsResponse>(*reader, &Stub::ListVerdicts, v1::ListVerdictsRequest{}).second;
  REQUIRE(verdicts.verdicts_size() == 1);
  CHECK(to_hex(bytes_of(verdicts.verdicts(0).chip_id())) == own);

  // A prefix that both begin with is no question for whoever knows one.
  v1::GetChipRequest get;
  get.set_chip("aaaa");
  CHECK(call<v1::GetChipResponse>(*reader, &Stub::GetChip, get).first.ok());
  CHECK(call<v1::GetChipResponse>(*world.stub(world.reader), &Stub::GetChip, get).first.error_code() ==
        StatusCode::INVALID_ARGUMENT);
  CHECK(call<v1::GetVerdictResponse>(*reader, &Stub::GetVerdict, verdict_request("e1e1e1e1")).first.ok());

  // Foreign ids are answered in the words for those that nobody has, but for the id itself.
  const auto answers = [&](const std::string& chip, const std::string& verdict) {
    std::vector<std::string> out;
    const auto add = [&](const grpc::Status& status, const std::string& asked) {
      std::string text = status.error_message();
      const std::size_t at = text.find(asked);
      if (at != std::string::npos) text.replace(at, asked.size(), "ID");
      out.push_back(std::to_string(static_cast<int>(status.error_code())) + " " + text);
    };
    v1::GetChipRequest one;
    one.set_chip(chip);
    add(call<v1::GetChipResponse>(*reader, &Stub::GetChip, one).first, chip);
    v1::ListVerdictsRequest list;
    list.set_chip(chip);
    add(call<v1::ListVerdictsResponse>(*reader, &Stub::ListVerdicts, list).first, chip);
    add(call<v1::GetVerdictResponse>(*reader, &Stub::GetVerdict, verdict_request(chip)).first, chip);
    add(call<v1::GetVerdictResponse>(*reader, &Stub::GetVerdict, verdict_request(verdict)).first, verdict);
    add(verify(*world.stub(world.example_verifier), chip).first, chip);
    v1::ReplayVerdictRequest replay;
    replay.set_verdict(verdict);
    add(call<v1::ReplayVerdictResponse>(*world.stub(world.example_auditor), &Stub::ReplayVerdict, replay)
            .first,
        verdict);
    return out;
  };
  CHECK(answers(foreign, "e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0") ==
        answers(chip_id("dddd"), "d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0"));
  for (const std::string& text : answers(foreign, "e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0"))
    CHECK(text.find("5 ") == 0);

  CHECK(verify(*world.stub(world.example_verifier), own).first.ok());
  const auto seen = call<v1::GetVerdictResponse>(*world.stub(world.example_auditor), &Stub::GetVerdict,
                                                 verdict_request(own, true));
  CHECK(seen.first.ok());
  CHECK_FALSE(seen.second.verdict().region_geojson().empty());
  const auto denied = call<v1::ImportResponse>(*world.stub(world.example_registrar), &Stub::Import,
                                               world.files.request({own}))
                          .first;
  CHECK(denied.error_code() == StatusCode::PERMISSION_DENIED);
  CHECK(denied.error_message().find("a certificate of holder:\"Example SA\" may not import") == 0);
}

}  // namespace
}  // namespace chiploc::test
