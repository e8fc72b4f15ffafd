// A chip that comes with a token: what it may bring, and that it is in the registry afterwards, or nothing is.
#include <future>
#include <nlohmann/json.hpp>

#include "proto/crypto/issue.hpp"
#include "server/service/enrolment.hpp"
#include "tests/server/service/service_world.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace enrolled_chip_test {

const std::string kId = "bbbb0000000000000000000000000002";
constexpr WallTime kNow = wall_from_unix_seconds(1'790'000'000);

struct World {
  ServiceWorld service{};
  CertificateAuthority maker =
      CertificateAuthority::create("Acme", SignatureAlgorithm::kEs256, kNow, 3'650).value();
  std::unique_ptr<SoftwareKey> key = generate_key(SignatureAlgorithm::kEs256);

  World() {
    const auto file = [](v1::ImportKind kind, const nlohmann::json& row) {
      v1::ImportFile out;
      out.set_kind(kind);
      out.set_format("json");
      out.set_content(nlohmann::json::array({row}).dump());
      return out;
    };
    v1::ImportRequest request;
    *request.add_files() =
        file(v1::MAKERS, {{"name", "Acme Silicon"}, {"ca_pem", maker.certificate().pem()}});
    *request.add_files() = file(v1::LICENCES, {{"id", "L-1"},
                                               {"holder", "Example SA"},
                                               {"countries", "DE"},
                                               {"valid_from", "2026-01-01"},
                                               {"valid_to", "2027-12-31"}});
    std::promise<Answer<v1::ImportResponse>> promise;
    service.cases.import(request, kAdmin, [&](auto answer) { promise.set_value(std::move(answer)); });
    const auto imported = promise.get_future().get();
    REQUIRE(imported);
    REQUIRE(imported->faults_total() == 0);
  }
  [[nodiscard]] std::string certificate(const std::string& id = kId) const { return certificate(id, maker); }
  [[nodiscard]] std::string certificate(const std::string& id, const CertificateAuthority& by) const {
    IssueRequest request;
    request.common_name = "chip";
    request.serial_number = id;
    request.from = kNow;
    request.days = 30;
    return by.issue(request, key->public_key()).value().pem();
  }
  [[nodiscard]] static Enrolment token(const std::string& serial = "SN-2") {
    Enrolment out;
    out.number = 7;
    out.kind = "agent";
    out.name = serial;
    out.maker = "Acme Silicon";
    out.model = "LAB-100";
    out.licence = "L-1";
    out.by = "carla";
    out.used_from = "192.0.2.7";
    return out;
  }
  Answer<v1::Chip> enrol(const Enrolment& one, const std::string& pem, const std::string& reach = "knock") {
    std::promise<Answer<v1::Chip>> promise;
    service.cases.enrol_chip(one, {pem, reach, key->public_key()},
                             [&](auto answer) { promise.set_value(std::move(answer)); });
    return promise.get_future().get();
  }
  std::string refused(const Enrolment& one, const std::string& pem, const std::string& reach = "knock",
                      ApiFaultCode code = ApiFaultCode::kBadField) {
    const auto answer = enrol(one, pem, reach);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == code);
    return answer.error().text;
  }
  [[nodiscard]] const ChipRecord* chip() {
    return service.registry.get()->chip(ChipId::from_hex_text(kId).value());
  }
};

TEST_CASE("enrolled chip: its row is what the token and its certificate say", "[service][enrol]") {
  World world;
  const auto answer = world.enrol(World::token("12E3"), world.certificate(), "inbound 192.0.2.9:7400");
  INFO((answer ? "" : answer.error().text));
  REQUIRE(answer);
  CHECK(answer->serial() == "12E3");  // no number of a spreadsheet's: it was checked when the token was made
  const ChipRecord* chip = world.chip();
  REQUIRE(chip != nullptr);
  CHECK(chip->maker == "Acme Silicon");
  CHECK(chip->model == "LAB-100");
  CHECK(chip->licence == "L-1");
  CHECK(chip->reach.inbound);
  const auto journal = world.service.reader->registry().imports(1).value();
  REQUIRE(journal.size() == 1);
  CHECK(journal[0].stamp.by == "carla");
  CHECK(journal[0].stamp.reason == "enrolment 7, redeemed from 192.0.2.7");
}

TEST_CASE("enrolled chip: once more, and with a newer certificate of its maker's", "[service][enrol]") {
  World world;
  const std::string first = world.certificate();
  REQUIRE(world.enrol(World::token(), first));
  REQUIRE(world.enrol(World::token(), first));
  const ByteVector before = world.chip()->certificate;
  REQUIRE(world.enrol(World::token(), world.certificate()));
  CHECK(world.chip()->certificate != before);
}

TEST_CASE("enrolled chip: nobody is registered by what others say of them", "[service][enrol]") {
  World world;
  const auto other = CertificateAuthority::create("Other", SignatureAlgorithm::kEs256, kNow, 3'650).value();
  const std::string stranger = world.refused(World::token(), world.certificate(kId, other));
  CHECK(stranger.find("certificate_pem") != std::string::npos);
  const std::string own = world.certificate();
  world.key = generate_key(SignatureAlgorithm::kEs256);  // who has the file, and not the key
  CHECK(world.refused(World::token(), own).starts_with("certificate: is of another key"));
  CHECK(world.refused(World::token(), "no certificate").starts_with("certificate: "));
  CHECK(
      world.refused(World::token(), world.certificate(""), "knock").starts_with("certificate: its subject"));
  CHECK(world.refused(World::token(), world.certificate(), "everywhere").starts_with("reach: "));
  Enrolment elsewhere = World::token();
  elsewhere.licence = "L-2";
  CHECK(world.refused(elsewhere, world.certificate()).starts_with("licence: "));
  CHECK(world.chip() == nullptr);
}

TEST_CASE("enrolled chip: a token moves no chip that is registered already", "[service][enrol]") {
  World world;
  REQUIRE(world.enrol(World::token(), world.certificate()));
  for (const auto& change : std::vector<std::function<void(Enrolment&)>>{
           [](Enrolment& one) { one.name = "SN-3"; }, [](Enrolment& one) { one.maker = "Other"; },
           [](Enrolment& one) { one.model = "LAB-200"; }, [](Enrolment& one) { one.licence = "L-2"; }}) {
    Enrolment one = World::token();
    change(one);
    const std::string said = world.refused(one, world.certificate(), "knock", ApiFaultCode::kConflict);
    CHECK(said.find("chiploc import --chips") != std::string::npos);
  }
  CHECK(world.chip()->serial == "SN-2");
}

TEST_CASE("enrolled chip: its token is checked against the registry when it is made", "[service][enrol]") {
  World world;
  const auto create = [&](const v1::CreateEnrolmentTokenRequest& request) {
    std::promise<Answer<v1::CreateEnrolmentTokenResponse>> promise;
    world.service.cases.create_enrolment_token(request, kAdmin,
                                               [&](auto answer) { promise.set_value(std::move(answer)); });
    return promise.get_future().get();
  };
  v1::CreateEnrolmentTokenRequest request;
  request.set_kind("agent");
  request.set_name("'12E3");
  request.set_maker("acme silicon");
  request.set_model("LAB-100");
  request.set_licence("l-1");
  request.set_reason("rack 7");
  const auto made = create(request);
  REQUIRE(made);
  CHECK(made->enrolment().name() == "12E3");
  CHECK(made->enrolment().maker() == "Acme Silicon");
  CHECK(made->enrolment().model() == "LAB-100");
  CHECK(made->enrolment().licence() == "L-1");
  const auto refused = [&](const std::function<void(v1::CreateEnrolmentTokenRequest&)>& change) {
    v1::CreateEnrolmentTokenRequest changed = request;
    change(changed);
    const auto answer = create(changed);
    REQUIRE_FALSE(answer);
    return answer.error().code;
  };
  CHECK(refused([](auto& one) { one.set_name("12E3"); }) == ApiFaultCode::kBadField);
  CHECK(refused([](auto& one) { one.set_name("SN 2"); }) == ApiFaultCode::kBadField);
  CHECK(refused([](auto& one) { one.set_model(""); }) == ApiFaultCode::kBadField);
  CHECK(refused([](auto& one) { one.set_holder("Example SA"); }) == ApiFaultCode::kBadField);
  CHECK(refused([](auto& one) { one.set_maker("Acme"); }) == ApiFaultCode::kNotFound);
  CHECK(refused([](auto& one) { one.set_licence("L-9"); }) == ApiFaultCode::kNotFound);
  CHECK(refused([](auto& one) { one.set_kind("anchor"); }) == ApiFaultCode::kBadField);
}

}  // namespace enrolled_chip_test
}  // namespace chiploc::test
