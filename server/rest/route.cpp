#include "server/rest/route.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <set>

#include "server/rest/request_fields.hpp"

namespace chiploc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

std::vector<std::string> parts_of(std::string_view text, char between) {
  std::vector<std::string> out;
  while (true) {
    const std::size_t end = text.find(between);
    out.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + 1);
  }
}

RouteSegment read_segment(const std::string& text, const Descriptor& request) {
  if (!text.starts_with('{') || !text.ends_with('}')) return {text};
  const std::string inner = text.substr(1, text.size() - 2);
  const std::size_t colon = inner.find(':');
  const std::string field = colon == std::string::npos ? inner : inner.substr(colon + 1);
  return {"", inner.substr(0, colon), field_named(request, field)};
}

const MethodDescriptor* method_of(const Descriptor& request) {
  for (int i = 0; i < request.file()->service_count(); ++i) {
    const ServiceDescriptor& service = *request.file()->service(i);
    for (int k = 0; k < service.method_count(); ++k) {
      if (service.method(k)->input_type() == &request) return service.method(k);
    }
  }
  return nullptr;
}

ReadRoute read_route(const RestRoute& route) {
  const Descriptor& request = *route.call.request->GetDescriptor();
  ReadRoute out{&route, {}, {}};
  out.method = method_of(request);
  std::set<const FieldDescriptor*> taken;
  for (const std::string& part : parts_of(route.path.substr(1), '/')) {
    out.segments.push_back(read_segment(part, request));
    taken.insert(out.segments.back().field);
  }
  if (!route.fixed.empty()) {
    const std::size_t equals = route.fixed.find('=');
    out.fixed = field_named(request, route.fixed.substr(0, equals));
    out.fixed_word = route.fixed.substr(equals + 1);
    taken.insert(out.fixed);
  }
  const std::vector<std::string> takes = parts_of(route.takes, ' ');
  for (int i = 0; i < request.field_count(); ++i) {
    const FieldDescriptor* field = request.field(i);
    const bool named =
        route.takes.empty() || std::find(takes.begin(), takes.end(), wire_name(*field)) != takes.end();
    if (named && taken.count(field) == 0) out.fields.push_back(field);
  }
  return out;
}

/// Whether a path of the second would be taken for the first.
bool hides(const ReadRoute& first, const ReadRoute& second) {
  if (first.route->verb != second.route->verb || first.segments.size() != second.segments.size())
    return false;
  for (std::size_t i = 0; i < first.segments.size(); ++i) {
    const std::string &here = first.segments[i].literal, &there = second.segments[i].literal;
    if (!here.empty() && here != there) return false;
  }
  return true;
}

void add_path_faults(const ReadRoute& route, const std::string& name, std::vector<std::string>& faults) {
  if (!route.route->path.starts_with("/v1/") || route.segments.at(1).literal.empty())
    faults.push_back(name + " does not begin with /v1/ and a noun");
  std::set<const FieldDescriptor*> seen;
  for (const RouteSegment& segment : route.segments) {
    if (segment.literal.empty() && segment.field == nullptr)
      faults.push_back(name + " has {" + segment.name + "}, which names no field of its request");
    if (segment.field == nullptr) continue;
    if (segment.field->is_repeated() || form_of(*segment.field) == FieldForm::kObject)
      faults.push_back(name + " has {" + segment.name + "}, which no path can fill");
    if (!seen.insert(segment.field).second)
      faults.push_back(name + " fills " + wire_name(*segment.field) + " twice");
  }
}

void add_field_faults(const ReadRoute& route, const std::string& name, std::vector<std::string>& faults) {
  const Descriptor& request = *route.route->call.request->GetDescriptor();
  if (!route.route->fixed.empty()) {
    const auto words = route.fixed == nullptr || form_of(*route.fixed) != FieldForm::kWord
                           ? std::vector<std::string>{}
                           : words_of(*route.fixed->enum_type());
    if (std::find(words.begin(), words.end(), route.fixed_word) == words.end())
      faults.push_back(name + " decides " + std::string{route.route->fixed} + ", which is no field and word");
  }
  for (const std::string& taken : parts_of(route.route->takes, ' ')) {
    if (!taken.empty() && field_named(request, taken) == nullptr)
      faults.push_back(name + " takes " + taken + ", which is no field of its request");
  }
  std::set<std::string> names;
  for (int i = 0; i < request.field_count(); ++i) {
    const std::string field = wire_name(*request.field(i));
    if (!names.insert(field).second || field == "fields")
      faults.push_back(name + " has two parameters " + field);
  }
  for (const FieldDescriptor* field : route.fields) {
    const FieldForm form = form_of(*field);
    if (form == FieldForm::kNone || (form == FieldForm::kObject && !route.has_body()))
      faults.push_back(name + " has " + field->name() + ", which cannot be sent");
  }
}

void add_deed_faults(const RestRoute& route, const std::string& name, std::vector<std::string>& faults) {
  if (route.verb != "GET" && route.verb != "POST" && route.verb != "DELETE")
    faults.push_back(name + " has a method that is not known here");
  if ((route.verb == "GET" && route.changes) || (route.verb == "DELETE" && !route.changes))
    faults.push_back(name + " says wrongly whether it changes something");
  if ((route.view == nullptr) != (route.form == RestForm::kFile))
    faults.push_back(name + " has no view, or one of a file");
  if ((route.call.ask == nullptr) != (route.form != RestForm::kJson))
    faults.push_back(name + " streams, or it has a use case; not both");
}

}  // namespace

std::string ReadRoute::operation() const {
  const std::string name = method == nullptr ? "" : method->name();
  if (fixed == nullptr) return name;
  const bool one = std::any_of(segments.begin(), segments.end(),
                               [](const RouteSegment& segment) { return segment.field != nullptr; });
  return name + (one && route->verb == "GET" ? "_one_of_" : "_") + std::string{fixed_word};
}

std::vector<ReadRoute> read_routes(std::span<const RestRoute> routes) {
  std::vector<ReadRoute> out;
  for (const RestRoute& route : routes) out.push_back(read_route(route));
  return out;
}

std::vector<std::string> route_faults(const ServiceDescriptor& service, std::span<const RestRoute> routes) {
  std::vector<std::string> faults;
  const std::vector<ReadRoute> read = read_routes(routes);
  for (int i = 0; i < service.method_count(); ++i) {
    const MethodDescriptor* method = service.method(i);
    if (std::none_of(read.begin(), read.end(),
                     [&](const ReadRoute& route) { return route.method == method; }))
      faults.push_back("the method " + method->name() + " has no route");
  }
  for (std::size_t i = 0; i < read.size(); ++i) {
    const std::string name = std::string{read[i].route->verb} + " " + std::string{read[i].route->path};
    if (read[i].method == nullptr || read[i].method->service() != &service)
      faults.push_back(name + " is a route of no method");
    add_path_faults(read[i], name, faults);
    add_field_faults(read[i], name, faults);
    add_deed_faults(*read[i].route, name, faults);
    for (std::size_t k = 0; k < i; ++k) {
      if (hides(read[k], read[i]))
        faults.push_back(name + " is hidden by " + std::string{read[k].route->path});
    }
  }
  return faults;
}

}  // namespace chiploc
