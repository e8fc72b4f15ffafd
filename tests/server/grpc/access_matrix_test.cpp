// Every method of the service by every role, found by its descriptor; whose rows; what is sealed.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/message_differencer.h>
#include <grpcpp/generic/generic_stub.h>

#include <memory>

#include "server/service/access.hpp"
#include "server/service/sealing.hpp"
#include "tests/server/grpc/operator_calls.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace access_matrix_test {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

std::unique_ptr<Message> made(const Descriptor& of) {
  return std::unique_ptr<Message>{
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(&of)->New()};
}

struct Heard {
  grpc::Status status;
  std::vector<std::unique_ptr<Message>> answers;
  std::string bytes;
};

/// A stream that goes on until its client ends it, which has had all that there is.
bool has_all(const OperatorWorld& world, const Message& answer) {
  if (answer.GetDescriptor() != v1::WatchEvent::descriptor()) return false;
  const auto kept = world.reader_of_store().events().events_kept();
  return static_cast<const v1::WatchEvent&>(answer).id() == std::to_string(kept->newest);
}

/// Any method, a stream or not, with whatever message.
Heard ask(const OperatorWorld& world, const Credentials& who, const MethodDescriptor& method,
          const Message& request, bool reason) {
  grpc::GenericStub stub{world.channel(who)};
  grpc::ClientContext context;
  if (reason) context.AddMetadata("chiploc-reason", "case C-17");
  grpc::CompletionQueue queue;
  const std::string path = "/" + method.service()->full_name() + "/" + method.name();
  const auto call = stub.PrepareCall(&context, path, &queue);
  const auto step = [&queue] {
    void* tag = nullptr;
    bool fine = false;
    REQUIRE(queue.Next(&tag, &fine));
    return fine;
  };
  call->StartCall(nullptr);
  Heard out;
  if (step()) {
    const std::string bytes = request.SerializeAsString();
    const grpc::Slice slice{bytes};
    call->WriteLast(grpc::ByteBuffer{&slice, 1}, {}, nullptr);
    step();
    for (;;) {
      grpc::ByteBuffer read;
      call->Read(&read, nullptr);
      if (!step()) break;
      std::vector<grpc::Slice> slices;
      REQUIRE(read.Dump(&slices).ok());
      std::string whole;
      for (const grpc::Slice& one : slices)
        whole.append(reinterpret_cast<const char*>(one.begin()), one.size());
      out.answers.push_back(made(*method.output_type()));
      REQUIRE(out.answers.back()->ParseFromString(whole));
      out.bytes += whole;
      if (has_all(world, *out.answers.back())) context.TryCancel();
    }
  }
  call->Finish(&out.status, nullptr);
  step();
  queue.Shutdown();
  return out;
}

struct Person {
  const Credentials* who;
  Role role;
  bool example;
};
std::vector<Person> persons(const OperatorWorld& world) {
  return {{&world.reader, Role::kReader, false},
          {&world.verifier, Role::kVerifier, false},
          {&world.registrar, Role::kRegistrar, false},
          {&world.auditor, Role::kAuditor, false},
          {&world.admin, Role::kAdmin, false},
          {&world.anchor, Role::kAnchor, false},
          {&world.regulator, Role::kRegulator, false},
          {&world.analyst, Role::kAnalyst, false},
          {&world.researcher, Role::kResearcher, false},
          {&world.example_researcher, Role::kResearcher, true},
          {&world.example_reader, Role::kReader, true},
          {&world.example_verifier, Role::kVerifier, true},
          {&world.example_registrar, Role::kRegistrar, true},
          {&world.example_auditor, Role::kAuditor, true},
          {&world.example_operator, Role::kOperator, true}};
}

/// Every text of the request that could name something, set to this; but what pages and filters are.
void name_everything(Message& request, const std::string& text) {
  const Descriptor& of = *request.GetDescriptor();
  for (int i = 0; i < of.field_count(); ++i) {
    const FieldDescriptor& field = *of.field(i);
    if (field.cpp_type() != FieldDescriptor::CPPTYPE_STRING || field.type() == FieldDescriptor::TYPE_BYTES)
      continue;
    if (field.is_repeated() || field.name() == "page_token") continue;
    request.GetReflection()->SetString(&request, &field, text);
  }
}

/// Nothing that is sealed is in it.
bool is_sealed(const Message& answer) {
  std::unique_ptr<Message> copy{answer.New()};
  copy->CopyFrom(answer);
  seal(*copy);
  return google::protobuf::util::MessageDifferencer::Equals(*copy, answer);
}

const google::protobuf::ServiceDescriptor& service() {
  return *v1::GetStatusRequest::descriptor()->file()->FindServiceByName("OperatorService");
}

TEST_CASE("access matrix: each method by each role is let in or refused as the table says", "[api][roles]") {
  OperatorWorld world;
  world.import({kChipA, kChipB});
  for (int i = 0; i < service().method_count(); ++i) {
    const MethodDescriptor& method = *service().method(i);
    const AccessRule* rule = access_rule_of(*method.input_type());
    REQUIRE(rule != nullptr);
    const auto request = made(*method.input_type());
    name_everything(*request, "no such");
    for (const Person& person : persons(world)) {
      const bool may = rule->may.has(person.role) && (!person.example || rule->by_entity);
      const Heard heard = ask(world, *person.who, method, *request, false);
      INFO(method.name() << " by " << unit_of(person.role) << (person.example ? " of Example SA: " : ": ")
                         << heard.status.error_message());
      CHECK((heard.status.error_code() == StatusCode::PERMISSION_DENIED) == !may);
      if (!may) CHECK(heard.bytes.empty());
    }
  }
}

TEST_CASE("access matrix: nobody gets what is sealed without the right, and nobody without an entry",
          "[api][roles][audit]") {
  OperatorWorld world;
  world.import({kChipA, kChipB});
  world.play_round(kChipA);
  world.play_round(kChipB);
  const auto last_entry = [&] { return world.reader_of_store().audit().audit_entries({}).value().front(); };
  std::size_t shown = 0, pseudonymous = 0;
  for (int i = 0; i < service().method_count(); ++i) {
    const MethodDescriptor& method = *service().method(i);
    const AccessRule& rule = *access_rule_of(*method.input_type());
    if (is_internal(*method.output_type())) continue;
    for (const char* text : {"", "aaaa1", "aaaa2", "L-1", "L-2", "0"}) {
      const auto request = made(*method.input_type());
      name_everything(*request, text);
      for (const Person& person : persons(world)) {
        for (const bool reason : {false, true}) {
          const std::uint64_t before = last_entry().number;
          const Heard heard = ask(world, *person.who, method, *request, reason);
          const std::uint64_t noted = last_entry().number - before;
          INFO(method.name() << "(" << text << ") by " << unit_of(person.role)
                             << (person.example ? " of Example SA" : "") << (reason ? " with a reason" : ""));
          const bool may_see =
              rule.whole.has(person.role) || (reason && whole_with_reason(rule).has(person.role));
          bool sees = false;
          for (const auto& answer : heard.answers) sees = sees || !is_sealed(*answer);
          if (sees) CHECK(may_see);
          CHECK(noted == std::uint64_t{sees});
          shown += sees ? 1U : 0U;
          // Whom it is about is not a researcher's to know, in an answer or in the sentence of a refusal.
          if (person.role == Role::kResearcher) {
            const std::string all = heard.bytes + heard.status.error_message();
            pseudonymous += heard.answers.empty() ? 0U : 1U;
            for (const std::string& name :
                 {std::string{"SN-"}, std::string{"L-1"}, std::string{"L-2"}, std::string{"Example"},
                  std::string{"fra1"}, std::string{"aaaa1"}})
              if (name != text) CHECK(all.find(name) == std::string::npos);
            for (const std::string& chip : {std::string{kChipA}, std::string{kChipB}}) {
              CHECK(all.find(string_of(ChipId::from_hex_text(chip).value().bytes)) == std::string::npos);
              CHECK(all.find(chip) == std::string::npos);
            }
          }
          // Rows of another: neither the chip's id nor its serial, nor the licence's holder.
          if (!person.example) continue;
          for (const std::string& foreign :
               {string_of(ChipId::from_hex_text(kChipA).value().bytes), std::string{"SN-0"}})
            CHECK(heard.bytes.find(foreign) == std::string::npos);
        }
      }
    }
  }
  CHECK(shown >= 40);  // the walk does find what is sealed
  CHECK(pseudonymous >= 8);
}

}  // namespace access_matrix_test
}  // namespace chiploc::test
