#include "server/service/research.hpp"

#include <google/protobuf/descriptor.h>

#include <functional>
#include <set>

#include "proto/v1/access.pb.h"
#include "proto/v1/operator_service.pb.h"
#include "server/service/access.hpp"
#include "server/service/redaction.hpp"
#include "tests/server/service/service_world.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace {

using google::protobuf::Descriptor;

Research research_of(std::uint8_t seed) {
  SecretBytes<SivKey::kSize> key;
  key.writable()[0] = seed;
  return Research{SivKey{std::move(key)}};
}

v1::Verdict verdict_of(const std::string& chip) {
  v1::Verdict out;
  out.set_verdict_id(std::string(16, 'v'));
  out.set_round_id(std::string(16, 'r'));
  out.set_chip_id(chip);
  out.set_state(v1::OUTSIDE);
  auto& reason = *out.add_reasons();
  reason.set_code("region_outside_licence");
  reason.set_text("the region is in Utopia");
  out.add_countries("UT");
  out.add_licensed("DE");
  out.set_margin_km(12.5);
  out.set_serial("SN-1");
  out.set_licence("L-1");
  out.set_licence_holder("Example SA");
  out.mutable_silence()->set_pings_sent(3);
  out.mutable_silence()->set_last_knock_unix_ns(7);
  return out;
}

TEST_CASE("research: ids and names are told apart and are not themselves; what could name is not there",
          "[service][research]") {
  const Research research = research_of(1);
  v1::Verdict one = verdict_of(std::string(16, 'a'));
  v1::Verdict two = verdict_of(std::string(16, 'b'));
  research.show(one);
  research.show(two);
  CHECK(one.chip_id().size() == 32);
  CHECK(one.chip_id() != two.chip_id());
  CHECK(one.verdict_id() == two.verdict_id());
  CHECK(one.round_id() != one.verdict_id());
  CHECK(one.licence() == two.licence());
  CHECK(one.licence().starts_with("p-"));
  CHECK(one.licence().size() == 34);
  CHECK(one.licence() != one.licence_holder());
  CHECK(one.state() == v1::OUTSIDE);
  CHECK(one.reasons(0).code() == "region_outside_licence");
  CHECK(one.reasons(0).text().empty());
  CHECK(one.countries().empty());
  CHECK(one.licensed().empty());
  CHECK(one.margin_km() == 0);
  CHECK(one.serial().empty());
  CHECK(one.silence().pings_sent() == 3);
  CHECK(one.silence().last_knock_unix_ns() == 0);
  const std::string bytes = one.SerializeAsString();
  for (const char* word : {"aaaa", "vvvv", "rrrr", "SN-1", "L-1", "Example", "Utopia", "UT", "DE"})
    CHECK(bytes.find(word) == std::string::npos);

  // Another coordinator's key: nothing in common.
  v1::Verdict other = verdict_of(std::string(16, 'a'));
  research_of(2).show(other);
  CHECK(other.chip_id() != one.chip_id());
  CHECK(other.licence() != one.licence());
  v1::Verdict empty;
  research.show(empty);
  CHECK(empty.ByteSizeLong() == 0);
}

TEST_CASE("research: a pseudonym is asked for as a whole, as what it is, and of the coordinator that gave it",
          "[service][research]") {
  const Research research = research_of(1);
  v1::Verdict shown = verdict_of(std::string(16, 'a'));
  research.show(shown);
  const std::string chip = to_hex(bytes_of(shown.chip_id()));

  v1::ListVerdictsRequest list;
  list.set_chip(chip);
  list.set_page_size(7);
  list.add_states(v1::OUTSIDE);
  REQUIRE(research.read(list));
  CHECK(list.chip() == to_hex(bytes_of(std::string(16, 'a'))));
  CHECK(list.page_size() == 7);

  v1::GetVerdictRequest get;
  get.set_verdict(chip);
  REQUIRE(research.read(get));
  CHECK(get.verdict() == to_hex(bytes_of(std::string(16, 'a'))));
  get.set_verdict(to_hex(bytes_of(shown.verdict_id())));
  REQUIRE(research.read(get));
  CHECK(get.verdict() == to_hex(bytes_of(std::string(16, 'v'))));

  const auto refused = [&](const std::string& text, const Research& by) {
    v1::ListVerdictsRequest request;
    request.set_chip(text);
    const auto read = by.read(request);
    return !read && read.error().code == ApiFaultCode::kNotFound &&
           read.error().text.find(text) == std::string::npos;
  };
  CHECK_FALSE(refused(chip, research));
  CHECK(refused(chip, research_of(2)));
  CHECK(refused(chip.substr(0, 62), research));
  CHECK(refused(chip + "00", research));
  CHECK(refused(to_hex(bytes_of(shown.verdict_id())), research));
  CHECK(refused(to_hex(bytes_of(std::string(16, 'a'))), research));
  CHECK(refused("SN-1", research));
}

TEST_CASE("research: nobody is asked for by a name, nor is evidence", "[service][research]") {
  const Research research = research_of(1);
  const auto refused = [&](auto request) {
    const auto read = research.read(request);
    return read ? std::string{} : read.error().text;
  };
  v1::ListVerdictsRequest by_licence, by_holder;
  by_licence.set_licence("L-1");
  by_holder.set_holder("Example SA");
  CHECK(refused(by_licence) == "the role researcher may not ask by licence; leave it out");
  CHECK(refused(by_holder) == "the role researcher may not ask by holder; leave it out");
  v1::GetVerdictRequest evidence;
  evidence.set_with_evidence(true);
  CHECK(refused(evidence) == "the role researcher may not ask by with_evidence; leave it out");
}

TEST_CASE("research: page tokens tell nothing and are good for their own list alone", "[service][research]") {
  const Research research = research_of(1);
  v1::ListVerdictsResponse page;
  page.set_next_page_token("00000000000000ff");
  research.show(page);
  CHECK(page.next_page_token().find("ff") != 0);
  CHECK(page.next_page_token().size() == 2 * (16 + SivKey::kTagSize));
  v1::ListVerdictsRequest next;
  next.set_page_token(page.next_page_token());
  REQUIRE(research.read(next));
  CHECK(next.page_token() == "00000000000000ff");
  v1::ListStatusChangesRequest other;
  other.set_page_token(page.next_page_token());
  CHECK_FALSE(research.read(other));
  v1::ListVerdictsRequest plain;
  plain.set_page_token("00000000000000ff");
  CHECK_FALSE(research.read(plain));
}

TEST_CASE("research: every text and id of every answer that is a researcher's was decided here a second time",
          "[service][research]") {
  // Fields of texts and bytes that leave as they are: words of ours, versions, digests of policies.
  const std::set<std::string> as_they_are{"chiploc.v1.GetStatusResponse.software_version",
                                          "chiploc.v1.GetStatusResponse.borders_version",
                                          "chiploc.v1.GetStatusResponse.policy_version",
                                          "chiploc.v1.GetStatusResponse.calibration_version",
                                          "chiploc.v1.GetStatusResponse.place_model_version",
                                          "chiploc.v1.Reason.code",
                                          "chiploc.v1.Verdict.speed_name",
                                          "chiploc.v1.Verdict.software_version",
                                          "chiploc.v1.Verdict.borders_version",
                                          "chiploc.v1.Verdict.policy_version",
                                          "chiploc.v1.Silence.reached",
                                          "chiploc.v1.GetPolicyResponse.sha256",
                                          "chiploc.v1.GetPolicyResponse.version"};
  std::set<std::string> found;
  std::set<const Descriptor*> seen;
  const std::function<void(const Descriptor&)> look = [&](const Descriptor& message) {
    if (!seen.insert(&message).second) return;
    for (int i = 0; i < message.field_count(); ++i) {
      const auto& field = *message.field(i);
      if (field.options().GetExtension(v1::research) != v1::RESEARCH_AS_IT_IS || field.is_map()) continue;
      if (field.message_type() != nullptr) {
        look(*field.message_type());
      } else if (field.cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_STRING) {
        found.insert(field.full_name());
      }
    }
  };
  const auto& service = *v1::GetStatusRequest::descriptor()->file()->FindServiceByName("OperatorService");
  std::set<std::string> methods;
  for (int i = 0; i < service.method_count(); ++i) {
    if (!access_rule_of(*service.method(i)->input_type())->may.has(Role::kResearcher)) continue;
    methods.insert(service.method(i)->name());
    look(*service.method(i)->output_type());
  }
  CHECK(methods ==
        std::set<std::string>{"GetStatus", "ListVerdicts", "GetVerdict", "ListStatusChanges", "GetPolicy"});
  CHECK(found == as_they_are);
}

TEST_CASE("research: without a key a researcher is refused, and would see nothing", "[service][research]") {
  Caller caller;
  caller.role = Role::kResearcher;
  v1::Verdict verdict = verdict_of(std::string(16, 'a'));
  redact(caller, verdict);
  CHECK(verdict.ByteSizeLong() == 0);
  caller.sees_all = true;  // whatever a table said
  verdict = verdict_of(std::string(16, 'a'));
  redact(caller, verdict);
  CHECK(verdict.ByteSizeLong() == 0);
  ServiceWorld world;
  v1::GetStatusRequest request;
  const auto read = world.cases.read_pseudonyms(caller, request);
  REQUIRE_FALSE(read);
  CHECK(read.error().code == ApiFaultCode::kNotReady);
  caller.role = Role::kReader;
  CHECK(world.cases.read_pseudonyms(caller, request));
}

TEST_CASE("research: faults keep their code and lose every name", "[service][research]") {
  Caller caller;
  const ApiFault fault{ApiFaultCode::kNotFound, "chip SN-1, licence L-1, has no verdict yet"};
  CHECK(told_to(caller, fault).text == fault.text);
  caller.role = Role::kResearcher;
  for (const auto code :
       {ApiFaultCode::kNoCertificate, ApiFaultCode::kWrongRole, ApiFaultCode::kBadField,
        ApiFaultCode::kNotFound, ApiFaultCode::kConflict, ApiFaultCode::kExhausted, ApiFaultCode::kNotReady,
        ApiFaultCode::kUnavailable, ApiFaultCode::kDamaged, ApiFaultCode::kInternal}) {
    const ApiFault told = told_to(caller, {code, fault.text});
    CHECK(told.code == code);
    CHECK(told.text.find("SN-1") == std::string::npos);
    CHECK_FALSE(told.text.empty());
  }
}

}  // namespace
}  // namespace chiploc::test
