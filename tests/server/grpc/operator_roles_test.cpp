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
