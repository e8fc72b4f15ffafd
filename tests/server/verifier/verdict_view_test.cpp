#include "server/verifier/verdict_view.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/message_differencer.h>

#include "tests/support/catch.hpp"

namespace chiploc::verdict_view_test {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

/// Something in every field, two of each repeated one; every value another one.
void fill(Message& message, int& next) {
  const auto* reflection = message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message.GetDescriptor()->field(i);
    for (int n = 0; n < (field->is_repeated() ? 2 : 1); ++n) {
      const bool many = field->is_repeated();
      ++next;
      switch (field->cpp_type()) {
        case FieldDescriptor::CPPTYPE_MESSAGE:
          fill(many ? *reflection->AddMessage(&message, field) : *reflection->MutableMessage(&message, field),
               next);
          break;
        case FieldDescriptor::CPPTYPE_STRING:
          many ? reflection->AddString(&message, field, std::to_string(next))
               : reflection->SetString(&message, field, std::to_string(next));
          break;
        case FieldDescriptor::CPPTYPE_INT64:
          many ? reflection->AddInt64(&message, field, next) : reflection->SetInt64(&message, field, next);
          break;
        case FieldDescriptor::CPPTYPE_UINT64:
          reflection->SetUInt64(&message, field, static_cast<std::uint64_t>(next));
          break;
        case FieldDescriptor::CPPTYPE_UINT32:
          reflection->SetUInt32(&message, field, static_cast<std::uint32_t>(next));
          break;
        case FieldDescriptor::CPPTYPE_DOUBLE:
          reflection->SetDouble(&message, field, next);
          break;
        case FieldDescriptor::CPPTYPE_BOOL:
          reflection->SetBool(&message, field, true);
          break;
        case FieldDescriptor::CPPTYPE_ENUM:
          reflection->SetEnumValue(&message, field, 2);
          break;
        default:
          FAIL("a kind of field that this test does not fill: " << field->full_name());
      }
    }
  }
}

void check_full(const Message& message) {
  const auto* reflection = message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message.GetDescriptor()->field(i);
    INFO(field->full_name());
    if (field->is_repeated()) {
      CHECK(reflection->FieldSize(message, field) > 0);
    } else {
      CHECK(reflection->HasField(message, field));
    }
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_map()) continue;
    if (!field->is_repeated()) {
      check_full(reflection->GetMessage(message, field));
      continue;
    }
    for (int n = 0; n < reflection->FieldSize(message, field); ++n)
      check_full(reflection->GetRepeatedMessage(message, field, n));
  }
}

v1::VerdictRecord full_record() {
  v1::VerdictRecord record;
  int next = 0;
  fill(record, next);
  for (int i = 0; i < 2; ++i)
    record.mutable_explanation()->mutable_residuals(i)->set_anchor(static_cast<std::uint32_t>(i));
  return record;
}

TEST_CASE("verdict view: a full record fills every field of the API's message") {
  const v1::VerdictRecord record = full_record();
  const v1::Verdict shown = to_verdict(record);
  check_full(shown);
  REQUIRE(shown.reasons_size() == 4);
  CHECK(shown.reasons(0).code() == record.finding().reasons(0).code());
  CHECK(shown.reasons(3).code() == record.explanation().suspicions(1).code());
  CHECK(shown.anchors(1).residual_km() == record.explanation().residuals(1).km());
  CHECK(shown.anchors(1).rtt_next_ns() == record.sealed().anchors(1).rtt_next_ns());
  CHECK(shown.anchors(0).bound_km() == record.sealed().anchors(0).bound_km());
  CHECK(shown.area_sha256().at(record.finding().areas(1).name()) == record.finding().areas(1).sha256());
  CHECK(shown.decided_unix_ns() == record.decided_unix_ns());
  CHECK(shown.expires_unix_ns() == record.expires_unix_ns());
  CHECK(shown.margin_km() == record.finding().margin_km());
}

TEST_CASE("verdict view: an empty record shows nothing, and a residual without its anchor is left out") {
  CHECK(to_verdict({}).ByteSizeLong() == 0);
  v1::VerdictRecord record;
  record.mutable_explanation()->add_residuals()->set_anchor(7);
  CHECK(to_verdict(record).anchors_size() == 0);
}

TEST_CASE("verdict view: stored bytes are read by their format") {
  const v1::VerdictRecord record = full_record();
  const v1::Verdict shown = to_verdict(record);
  v1::Verdict read;
  REQUIRE(read_verdict(record.SerializeAsString(), 1, read));
  CHECK(google::protobuf::util::MessageDifferencer::Equals(read, shown));
  REQUIRE(read_verdict(shown.SerializeAsString(), 0, read));
  CHECK(google::protobuf::util::MessageDifferencer::Equals(read, shown));
  CHECK_FALSE(read_verdict(record.SerializeAsString(), 2, read));
  CHECK_FALSE(read_verdict("\xff", 1, read));
  CHECK_FALSE(read_verdict("\xff", 0, read));
}

}  // namespace
}  // namespace chiploc::verdict_view_test
