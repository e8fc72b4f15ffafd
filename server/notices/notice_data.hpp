#pragma once
// What the data of an event holds, by kind: said once, for writing and for reading. Private to this folder.

#include <charconv>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "proto/base/time_text.hpp"
#include "server/notices/notice_names.hpp"

namespace chiploc::notice_data {

using Json = nlohmann::json;  // its objects are sorted by name

/// "2026-12-01T05:27:40Z" and no other form of it; nullopt otherwise.
std::optional<WallTime> time_from_text(std::string_view text);

/// Puts facts into an object. What is empty and may be is left out.
class DataWriter {
 public:
  static constexpr bool kReads = false;
  void text(const char* key, const std::string& value) { out_[key] = value; }
  void optional_text(const char* key, const std::string& value) {
    if (!value.empty()) out_[key] = value;
  }
  void count(const char* key, std::uint64_t value) { out_[key] = value; }
  void time(const char* key, WallTime value) { out_[key] = utc_iso(value); }
  void optional_time(const char* key, const std::optional<WallTime>& value) {
    if (value) time(key, *value);
  }
  template <class Value, class Names>
  void word(const char* key, const Names& names, Value value) {
    out_[key] = notice_names::name_in(names, value);
  }
  void state(const char* key, ChipState value) { out_[key] = name_of(value); }
  template <class SomeId>
  void ids(const char* key, const std::vector<SomeId>& values) {
    Json list = Json::array();
    for (const SomeId& id : values) list.push_back(id.hex());
    out_[key] = std::move(list);
  }
  /// What follows from another field.
  void derived(const char* key, std::string_view value) { out_[key] = value; }
  Json take() { return std::move(out_); }

 private:
  Json out_ = Json::object();
};

/// Takes facts out of an object. What is missing, of another type or too large stays as it is: whoever reads
/// writes the result again and compares.
class DataReader {
 public:
  static constexpr bool kReads = true;
  explicit DataReader(const Json& in) : in_{in} {}
  void text(const char* key, std::string& value) {
    if (const auto* found = string(key)) value = *found;
  }
  void optional_text(const char* key, std::string& value) { text(key, value); }
  void count(const char* key, std::uint64_t& value) {
    const auto found = in_.find(key);
    if (found != in_.end() && found->is_number_unsigned()) value = found->get<std::uint64_t>();
  }
  void time(const char* key, WallTime& value) {
    const auto* found = string(key);
    if (found != nullptr) value = time_from_text(*found).value_or(WallTime{});
  }
  void optional_time(const char* key, std::optional<WallTime>& value) {
    if (const auto* found = string(key)) value = time_from_text(*found);
  }
  template <class Value, class Names>
  void word(const char* key, const Names& names, Value& value) {
    if (const auto* found = string(key))
      value = notice_names::value_in<Value>(names, *found).value_or(Value{});
  }
  void state(const char* key, ChipState& value) {
    if (const auto* found = string(key)) value = chip_state_of(*found).value_or(ChipState{});
  }
  template <class SomeId>
  void ids(const char* key, std::vector<SomeId>& values) {
    const auto found = in_.find(key);
    if (found == in_.end() || !found->is_array() || found->size() > kNoticeChipsMax) return;
    for (const Json& entry : *found) {
      const auto* hex = entry.get_ptr<const std::string*>();
      values.push_back(hex == nullptr ? SomeId{} : SomeId::from_hex_text(*hex).value_or(SomeId{}));
    }
  }
  void derived(const char*, std::string_view) {}

 private:
  const std::string* string(const char* key) const {
    const auto found = in_.find(key);
    return found == in_.end() ? nullptr : found->get_ptr<const std::string*>();
  }
  const Json& in_;
};

/// `Facts` as it is read, or the same to be written.
template <class Facts, class What>
concept Of = std::is_same_v<std::remove_const_t<Facts>, What>;

template <class Io, Of<CaseFacts> Facts>
void describe(Io& io, Facts& facts) {
  io.word("about", notice_names::kSubjects, facts.about);
  io.derived("severity", name_of(severity_of(facts.about)));
  io.optional_text("licence", facts.licence);
  io.ids("chips", facts.chips);
  io.count("chips_count", facts.chips_count);
  io.time("opened", facts.opened);
  io.text("summary", facts.summary);
}
template <class Io, Of<CaseOpenedNotice> Facts>
void describe(Io& io, Facts& facts) {
  describe(io, facts.facts);
  io.optional_time("due", facts.due);
}
template <class Io, Of<CaseUpdatedNotice> Facts>
void describe(Io& io, Facts& facts) {
  describe(io, facts.facts);
  io.text("change", facts.change);
}
template <class Io, Of<CaseDisputedNotice> Facts>
void describe(Io& io, Facts& facts) {
  describe(io, facts.facts);
  io.time("until", facts.until);
}
template <class Io, Of<CaseResolvedNotice> Facts>
void describe(Io& io, Facts& facts) {
  describe(io, facts.facts);
  io.word("outcome", notice_names::kOutcomes, facts.outcome);
}
template <class Io, Of<CaseReopenedNotice> Facts>
void describe(Io& io, Facts& facts) {
  describe(io, facts.facts);
  io.text("why", facts.why);
}
template <class Io, Of<OrderFacts> Facts>
void describe(Io& io, Facts& facts) {
  io.text("licence", facts.licence);
  io.count("chips_count", facts.chips_count);
  io.text("summary", facts.summary);
}
template <class Io, Of<OrderHeld> Facts>
void describe(Io& io, Facts& facts) {
  describe(io, facts.facts);
  io.optional_text("because_of", facts.because_of);
}
template <class Io, Of<OrderReleased> Facts>
void describe(Io& io, Facts& facts) {
  describe(io, facts.facts);
  io.time("held", facts.held);
}
template <class Io, Of<ChipStatusChanged> Facts>
void describe(Io& io, Facts& facts) {
  io.state("from", facts.from);
  io.state("to", facts.to);
  io.text("why", facts.why);
  io.ids("rests_on", facts.rests_on);
}
template <class Io, Of<NoticeTest> Facts>
void describe(Io& io, Facts& facts) {
  io.text("text", facts.text);
}

}  // namespace chiploc::notice_data
