#include "server/service/sealing.hpp"

#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/util/message_differencer.h>

#include "proto/v1/access.pb.h"
#include "proto/v1/operator_service.pb.h"
#include "server/service/access.hpp"
#include "server/service/redaction.hpp"
#include "tests/server/service/full_message.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

/// Names of what is in a message, and in those within it, and should not be.
std::vector<std::string> sealed_in(const Message& message) {
  const auto& reflection = *message.GetReflection();
  std::vector<std::string> out;
  if (is_internal(*message.GetDescriptor())) out.push_back(message.GetDescriptor()->full_name());
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const bool entry = message.GetDescriptor()->options().map_entry();
    const Sealing sealing = sealing_of(*field);
    const bool word = sealing == Sealing::kFirstWordOpen &&
                      reflection.GetString(message, field).find(' ') == std::string::npos;
    if (!entry && sealing != Sealing::kOpen && !word) out.push_back(field->full_name());
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const auto look = [&](const Message& within) {
      for (std::string& name : sealed_in(within)) out.push_back(std::move(name));
    };
    if (!field->is_repeated()) look(reflection.GetMessage(message, field));
    for (int i = 0; field->is_repeated() && i < reflection.FieldSize(message, field); ++i)
      look(reflection.GetRepeatedMessage(message, field, i));
  }
  return out;
}

/// What readers were shown before the options said it: the oracle.
v1::Verdict by_hand(v1::Verdict verdict) {
  verdict.clear_anchors();
  verdict.clear_hinges();
  verdict.clear_would_resolve();
  verdict.clear_region_centre();
  verdict.clear_region_radius_km();
  verdict.clear_region_geojson();
  verdict.clear_estimate();
  verdict.clear_prohibited_margins();
  verdict.clear_resolution();
  verdict.clear_resolutions();
  verdict.clear_holders();
  verdict.clear_posterior();
  if (verdict.has_silence()) verdict.mutable_silence()->clear_anchors_twice();
  return verdict;
}

v1::Chip by_hand(v1::Chip chip) {
  chip.clear_counter_starts();
  auto& status = *chip.mutable_status();
  for (auto* absences : {status.mutable_absences(), status.mutable_past_absences()}) {
    for (auto& absence : *absences) {
      absence.clear_reason();
      absence.clear_declared_by();
      absence.clear_certificate_sha256();
      absence.clear_ended_by();
    }
  }
  chip.set_reach(chip.reach().substr(0, chip.reach().find(' ')));
  *chip.mutable_last_verdict() = by_hand(chip.last_verdict());
  return chip;
}

template <class M>
M sealed(M message) {
  seal(message);
  return message;
}

template <class M>
bool same(const M& one, const M& other) {
  return google::protobuf::util::MessageDifferencer::Equals(one, other);
}

TEST_CASE("sealing: a reader's verdict has no place and no anchor's part", "[service][roles]") {
  v1::Verdict verdict;
  verdict.set_state(v1::OUTSIDE);
  verdict.add_reasons()->set_code("outside_licensed");
  verdict.add_countries("FR");
  verdict.add_licensed("DE");
  verdict.set_margin_km(3);
  verdict.set_serial("SN-1");
  verdict.set_licence("L-1");
  verdict.set_licence_holder("Somebody");
  v1::Verdict expected = verdict;
  verdict.add_hinges("fra1");
  verdict.add_would_resolve("an anchor near 48 N 2 E");
  verdict.add_anchors()->set_anchor("fra1");
  verdict.mutable_region_centre()->set_lat_deg(48);
  verdict.set_region_radius_km(1);
  verdict.set_region_geojson("{}");
  verdict.mutable_estimate()->mutable_place()->set_lat_deg(48);
  verdict.add_prohibited_margins()->set_territory("BY");  // three distances are a place
  verdict.mutable_resolution()->mutable_near()->set_lat_deg(48);
  verdict.mutable_posterior()->mutable_place()->set_lat_deg(48);
  verdict.add_resolutions()->add_by()->set_anchor("fra1");
  verdict.add_holders()->mutable_region_centre()->set_lat_deg(48);
  CHECK(sealed(verdict).SerializeAsString() == expected.SerializeAsString());

  v1::Chip chip;
  chip.set_reach("inbound 192.0.2.9:7400");
  *chip.mutable_last_verdict() = verdict;
  CHECK(sealed(chip).reach() == "inbound");
  CHECK(sealed(chip).last_verdict().SerializeAsString() == expected.SerializeAsString());
  chip.set_reach("knock");
  CHECK(sealed(chip).reach() == "knock");
}

TEST_CASE("sealing: full answers come out as they did when each field was named by hand",
          "[service][roles]") {
  const auto verdict = full<v1::Verdict>();
  REQUIRE(verdict.anchors_size() > 0);
  CHECK(same(sealed(verdict), by_hand(verdict)));
  const auto chip = full<v1::Chip>();
  REQUIRE(chip.reach().find(' ') != std::string::npos);
  CHECK(same(sealed(chip), by_hand(chip)));
  auto list = full<v1::ListChipsResponse>();
  auto seen = list;
  for (auto& one : *seen.mutable_chips()) one = by_hand(one);
  CHECK(same(sealed(list), seen));
  auto verdicts = full<v1::ListVerdictsResponse>();
  auto shown = verdicts;
  for (auto& one : *shown.mutable_verdicts()) one = by_hand(one);
  CHECK(same(sealed(verdicts), shown));
  // Nothing of these was ever sealed.
  CHECK(same(sealed(full<v1::GetStatusResponse>()), full<v1::GetStatusResponse>()));
  CHECK(same(sealed(full<v1::ListLicencesResponse>()), full<v1::ListLicencesResponse>()));
  // Of anchors, where a second process with one's key is.
  auto anchors = full<v1::ListAnchorsResponse>();
  const auto listed = sealed(anchors);
  for (auto& one : *anchors.mutable_anchors()) one.clear_twice_at();
  CHECK(same(listed, anchors));
  // Of sites, their addresses.
  auto records = full<v1::ListRecordsResponse>();
  const auto open = sealed(records);
  for (auto& one : *records.mutable_sites()) one.clear_address();
  CHECK(same(open, records));
  // Of what an order is held for, who decided and what they said.
  auto order = full<v1::GetOrderResponse>();
  const auto held = sealed(order);
  for (auto& one : *order.mutable_changes()) {
    one.clear_who();
    one.clear_said();
  }
  CHECK(same(held, order));
  // And these are for admins alone.
  CHECK_FALSE(sealed(full<v1::GetVerdictResponse>()).has_evidence());
  CHECK(sealed(full<v1::ImportResponse>()).ByteSizeLong() == 0);
  CHECK(sealed(full<v1::RestartCountersResponse>()).ByteSizeLong() == 0);
}

TEST_CASE("sealing: who may start a round sees that it began and its verdict, sealed", "[service][roles]") {
  v1::VerifyEvent event;
  *event.mutable_started() = full<v1::RoundStarted>();
  CHECK_FALSE(sealed(event).started().round_id().empty());
  CHECK(sealed(event).started().anchors().empty());
  *event.mutable_progress() = full<v1::AnchorProgress>();
  CHECK(sealed(event).body_case() == v1::VerifyEvent::BODY_NOT_SET);
  *event.mutable_verdict() = full<v1::Verdict>();
  CHECK(same(sealed(event).verdict(), sealed(full<v1::Verdict>())));
}

TEST_CASE("sealing: whatever a reader may call, nothing sealed is in the answer", "[service][roles]") {
  const auto& pool = *google::protobuf::DescriptorPool::generated_pool();
  static_cast<void>(v1::GetStatusRequest::descriptor());  // the file is in the pool
  int calls = 0;
  for (const AccessRule& rule : access_table()) {
    if (rule.may.without(rule.whole).empty()) continue;
    const auto* method = pool.FindMethodByName(std::string{rule.method});
    REQUIRE(method != nullptr);
    INFO(rule.method);
    const auto& prototype =
        *google::protobuf::MessageFactory::generated_factory()->GetPrototype(method->output_type());
    const std::unique_ptr<Message> answer{prototype.New()};
    fill(*answer);
    const bool has_sealed = !sealed_in(*answer).empty();
    seal(*answer);
    CHECK(sealed_in(*answer).empty());
    CHECK(answer->ByteSizeLong() > 0);
    calls += has_sealed ? 1 : 0;
  }
  CHECK(
      calls ==
      24);  // those with chips, verdicts, anchors, absences, sites, holds and cases: the walk does see what is sealed
}

TEST_CASE("redaction: for whom the rule shows all it does, for all others what is open", "[service][roles]") {
  const auto whole = full<v1::GetVerdictResponse>();
  auto seen = whole;
  redact({"eve", Role::kAuditor, std::nullopt, std::nullopt, true}, seen);
  CHECK(same(seen, whole));
  for (const RoleName& known : kRoles) {
    seen = whole;
    redact({"x", known.role}, seen);
    if (known.role == Role::kResearcher) {  // who has no key for pseudonyms yet
      CHECK(seen.ByteSizeLong() == 0);
      continue;
    }
    CHECK(same(seen, sealed(whole)));
    CHECK_FALSE(same(seen, whole));
  }
}

TEST_CASE("sealing: what nobody decided about is closed", "[service][roles]") {
  // A field that a newer version wrote.
  v1::Verdict newer;
  newer.set_state(v1::OUTSIDE);
  newer.GetReflection()->MutableUnknownFields(&newer)->AddLengthDelimited(9'999, "48 N 2 E");
  CHECK(sealed(newer).SerializeAsString() == [] {
    v1::Verdict expected;
    expected.set_state(v1::OUTSIDE);
    return expected.SerializeAsString();
  }());

  // A field whose author forgot; beside it an open map of messages with one.
  google::protobuf::FileDescriptorProto file;
  file.set_name("planted.proto");
  file.set_package("planted");
  file.set_syntax("proto3");
  const auto add = [](auto& message, const char* name, int number, std::optional<bool> decision) -> auto& {
    auto& field = *message.add_field();
    field.set_name(name);
    field.set_number(number);
    field.set_label(google::protobuf::FieldDescriptorProto::LABEL_OPTIONAL);
    field.set_type(google::protobuf::FieldDescriptorProto::TYPE_STRING);
    if (decision) field.mutable_options()->SetExtension(v1::sealed, *decision);
    return field;
  };
  auto& inner = *file.add_message_type();
  inner.set_name("Inner");
  add(inner, "open", 1, false);
  add(inner, "forgotten", 2, std::nullopt);
  auto& outer = *file.add_message_type();
  outer.set_name("Outer");
  add(outer, "forgotten", 1, std::nullopt);
  // And an open one that holds what is internal, though a field within is open.
  auto& secret = *file.add_message_type();
  secret.set_name("Secret");
  secret.mutable_options()->SetExtension(v1::internal, true);
  add(secret, "of_an_internal_message", 1, false);
  auto& held = add(outer, "held", 3, false);
  held.set_type(google::protobuf::FieldDescriptorProto::TYPE_MESSAGE);
  held.set_type_name(".planted.Secret");
  auto& map = add(outer, "inners", 2, false);
  map.set_label(google::protobuf::FieldDescriptorProto::LABEL_REPEATED);
  map.set_type(google::protobuf::FieldDescriptorProto::TYPE_MESSAGE);
  map.set_type_name(".planted.Outer.InnersEntry");
  auto& entry = *outer.add_nested_type();
  entry.set_name("InnersEntry");
  entry.mutable_options()->set_map_entry(true);
  add(entry, "key", 1, std::nullopt);
  auto& value = add(entry, "value", 2, std::nullopt);
  value.set_type(google::protobuf::FieldDescriptorProto::TYPE_MESSAGE);
  value.set_type_name(".planted.Inner");

  google::protobuf::DescriptorPool pool;
  REQUIRE(pool.BuildFile(file) != nullptr);
  google::protobuf::DynamicMessageFactory factory;
  const std::unique_ptr<Message> message{
      factory.GetPrototype(pool.FindMessageTypeByName("planted.Outer"))->New()};
  fill(*message);
  REQUIRE(message->DebugString().find("forgotten") != std::string::npos);
  seal(*message);
  CHECK(message->DebugString().find("forgotten") == std::string::npos);
  CHECK(message->DebugString().find("of_an_internal_message") == std::string::npos);
  CHECK(message->DebugString().find("open: \"two words\"") != std::string::npos);
}

}  // namespace
}  // namespace chiploc::test
