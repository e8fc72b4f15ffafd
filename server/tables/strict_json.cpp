#include "server/tables/strict_json.hpp"

#include <nlohmann/json.hpp>
#include <vector>

#include "server/tables/shown.hpp"

namespace chiploc {
namespace {

using nlohmann::json;

/// Builds the value; stops at the first fault.
class Builder final : public nlohmann::json_sax<json> {
 public:
  bool null() override { return put(nullptr); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(number_integer_t value) override { return put(value); }
  bool number_unsigned(number_unsigned_t value) override { return put(value); }
  bool number_float(number_float_t value, const string_t& /*text*/) override { return put(value); }
  bool string(string_t& value) override { return put(std::move(value)); }
  bool binary(binary_t& /*value*/) override { return false; }  // no text has one
  bool start_object(std::size_t /*size*/) override { return open(json::object()); }
  bool start_array(std::size_t /*size*/) override { return open(json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& key) override {
    json& object = *open_.back();
    if (object.contains(key)) {
      fault_ = {pointer_ + pointer_step(key), "the key " + shown(key) + " stands twice; leave one out"};
      return false;
    }
    key_ = std::move(key);
    return true;
  }
  bool parse_error(std::size_t position, const std::string& /*last_token*/,
                   const nlohmann::detail::exception& /*error*/) override {
    fault_ = {pointer_, "the body is no JSON: look at its byte " + std::to_string(position)};
    return false;
  }

  json take() { return std::move(root_); }
  [[nodiscard]] const FieldFault& fault() const { return fault_; }

 private:
  template <class Value>
  bool put(Value&& value) {
    place() = std::forward<Value>(value);
    return true;
  }
  bool open(json value) {
    if (open_.size() == kJsonDepthMax) {
      fault_ = {pointer_, "nested deeper than " + std::to_string(kJsonDepthMax) + " levels"};
      return false;
    }
    const std::string step = open_.empty()               ? std::string{}
                             : open_.back()->is_object() ? pointer_step(key_)
                                                         : "/" + std::to_string(open_.back()->size());
    json& placed = place();
    placed = std::move(value);
    starts_.push_back(pointer_.size());
    pointer_ += step;
    open_.push_back(&placed);
    return true;
  }
  bool close() {
    open_.pop_back();
    pointer_.resize(starts_.back());
    starts_.pop_back();
    return true;
  }
  /// Where the next value goes. What is open stays where it is: an array grows only when its last element is complete.
  json& place() {
    if (open_.empty()) return root_;
    json& last = *open_.back();
    if (last.is_object()) return last[key_];
    last.push_back(nullptr);
    return last.back();
  }

  json root_;
  std::vector<json*> open_;
  std::vector<std::size_t> starts_;
  std::string pointer_, key_;
  FieldFault fault_;
};

}  // namespace

std::string pointer_step(std::string_view key) {
  std::string out = "/";
  for (const char c : key) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

Result<Done, FieldFault> read_strict_json(std::string_view text, json& out) {
  Builder builder;
  if (!json::sax_parse(text.begin(), text.end(), &builder)) return Fail{builder.fault()};
  out = builder.take();
  return Done{};
}

std::optional<json> strict_json_object(std::string_view text, std::size_t bytes_most) {
  json value;
  if (text.size() > bytes_most || !read_strict_json(text, value) || !value.is_object()) return std::nullopt;
  return value;
}

const std::string* text_member(const json& object, std::string_view name) {
  const auto found = object.find(std::string{name});
  return found == object.end() ? nullptr : found->get_ptr<const std::string*>();
}

}  // namespace chiploc
