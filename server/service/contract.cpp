#include "server/service/contract.hpp"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <set>

#include "proto/v1/access.pb.h"
#include "server/service/sealing.hpp"

namespace chiploc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;

class ContractCheck {
 public:
  explicit ContractCheck(std::span<const AccessRule> table) : table_{table} {}

  void look_at(const FileDescriptor& file) {
    for (int i = 0; i < file.service_count(); ++i) {
      for (int k = 0; k < file.service(i)->method_count(); ++k) look_at(*file.service(i)->method(k));
    }
    for (int i = 0; i < file.message_type_count(); ++i) look_at(*file.message_type(i));
  }

  std::vector<std::string> finish() {
    for (const AccessRule& rule : table_) {
      const std::string name{rule.method};
      if (methods_.count(name) == 0) say("the access rule of " + name + " names no method");
      if (!rule.may.has(Role::kReader) && rule.what.empty())
        say("the access rule of " + name + " does not say what a reader may not");
      if (!rule.whole.without(rule.may).empty())
        say("the access rule of " + name + " shows all to a role that may not call it");
      if (!rules_.insert(name).second) say(name + " has two access rules");
    }
    return std::move(faults_);
  }

 private:
  void say(std::string fault) { faults_.push_back(std::move(fault)); }

  void look_at(const MethodDescriptor& method) {
    const std::string& name = method.full_name();
    const std::string& request = method.input_type()->full_name();
    methods_.insert(name);
    if (!requests_.insert(request).second) say(name + " takes " + request + ", as another method does");
    if (method.input_type()->file() != method.file()) say(name + " takes " + request + " of another file");
    const auto rule =
        std::find_if(table_.begin(), table_.end(), [&](const AccessRule& one) { return one.method == name; });
    if (rule == table_.end()) return say(name + " has no access rule; add it to server/service/access.cpp");
    if (rule->may.has(Role::kResearcher) && !shows_research(*method.output_type()))
      say(name + " is for researchers, and nothing in its answer is; give its fields a (research) option");
    if (!rule->may.without(rule->whole).empty() && is_internal(*method.output_type()))
      say(name + " is for roles that do not see all, and its answer is internal");
  }

  static bool shows_research(const Descriptor& answer) {
    for (int i = 0; i < answer.field_count(); ++i) {
      if (answer.field(i)->options().GetExtension(v1::research) != v1::RESEARCH_NOTHING) return true;
    }
    return false;
  }

  void look_at(const Descriptor& message) {
    if (message.options().map_entry()) return;  // the map's own field was looked at
    for (int i = 0; i < message.nested_type_count(); ++i) look_at(*message.nested_type(i));
    for (int i = 0; i < message.field_count(); ++i) look_at_research(*message.field(i));
    if (is_internal(message)) return;
    for (int i = 0; i < message.field_count(); ++i) look_at(*message.field(i));
  }

  /// What a researcher sees is open to readers too, and a pseudonym stands for what can have one.
  void look_at_research(const FieldDescriptor& field) {
    const std::string& name = field.full_name();
    const v1::Research what = field.options().GetExtension(v1::research);
    const bool request = is_internal(*field.containing_type());
    if (what == v1::RESEARCH_NOTHING) return;
    if (!request && sealing_of(field) != Sealing::kOpen)
      say(name + " is shown to researchers, and is not open");
    if (what == v1::RESEARCH_AS_IT_IS) {
      if (field.is_map() && field.message_type()->map_value()->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE)
        say(name + " is a map of messages, in which a researcher would see what has no option");
      return;
    }
    const bool text = field.type() == FieldDescriptor::TYPE_STRING;
    const bool as_text = request || what == v1::RESEARCH_NAME || what == v1::RESEARCH_PAGE;
    if (as_text ? !text : field.type() != FieldDescriptor::TYPE_BYTES)
      say(name + " cannot hold a pseudonym of that kind");
    if (request && field.is_repeated()) say(name + " is a list of pseudonyms, which no request has");
    if (!request && what == v1::RESEARCH_VERDICT_OR_CHIP) say(name + " has to say which of the two it is");
  }

  void look_at(const FieldDescriptor& field) {
    const std::string& name = field.full_name();
    const bool one_text = field.type() == FieldDescriptor::TYPE_STRING && !field.is_repeated();
    switch (sealing_of(field)) {
      case Sealing::kUndecided:
        say(name + " has no sealing decision; write [(sealed) = true] or [(sealed) = false] (access.proto)");
        break;
      case Sealing::kOpen:
        if (const Descriptor* held = held_by(field); held != nullptr && is_internal(*held))
          say(name + " is open, and holds " + held->full_name() + ", which is internal");
        if (field.options().GetExtension(v1::first_word_open))
          say(name + " is open, not its first word alone");
        break;
      case Sealing::kFirstWordOpen:
        if (!one_text) say(name + " has no first word to open: it is not one text");
        break;
      case Sealing::kSealed:
        break;
    }
  }

  /// The message in a field, or in the values of a map; null: none.
  static const Descriptor* held_by(const FieldDescriptor& field) {
    const Descriptor* held = field.message_type();
    if (field.is_map()) held = held->map_value()->message_type();
    return held;
  }

  std::span<const AccessRule> table_;
  std::vector<std::string> faults_;
  std::set<std::string> methods_, requests_, rules_;
};

}  // namespace

std::vector<std::string> contract_faults(const std::vector<const FileDescriptor*>& files,
                                         std::span<const AccessRule> table) {
  ContractCheck check{table};
  for (const FileDescriptor* file : files) check.look_at(*file);
  return check.finish();
}

}  // namespace chiploc
