// Results of ping measurements of RIPE Atlas (atlas.ripe.net, "Measurement Result Format"): prb_id, dst_name and
// dst_addr ("name" and "addr" before firmware 4460), min (-1: nothing came back), result: an array of {"rtt": ms},
// {"x": "*"} and {"error": ..}, "dup" in a reply that came twice.

#include <cmath>
#include <nlohmann/json.hpp>

#include "server/eval/json_objects.hpp"
#include "server/eval/others.hpp"
#include "server/tables/shown.hpp"

namespace chiploc {
namespace {

constexpr double kSameMs = 0.01;  // of a rounded minimum and what it was taken from

class AtlasReader {
 public:
  explicit AtlasReader(RowTaker& to) : to_{to} {}

  bool take(const JsonObject& object) {
    line_ = object.line;
    const nlohmann::json json = nlohmann::json::parse(object.text, nullptr, false);
    if (json.is_discarded()) {
      to_.fault(line_, "", "is not JSON");
    } else {
      take(json);
    }
    return !to_.full();
  }

 private:
  void take(const nlohmann::json& json) {
    const auto kind = json.find("type");
    if (kind != json.end() && (!kind->is_string() || kind->get_ref<const std::string&>() != "ping"))
      return to_.fault(line_, "type", "is not ping; leave other measurements out");
    const auto probe = json.find("prb_id");
    if (probe == json.end() || !probe->is_number_unsigned())
      return to_.fault(
          line_, "prb_id",
          probe == json.end() ? "is missing; is this a result of RIPE Atlas?" : "is no number of a probe");
    std::string name, address;
    if (!text(json, {"dst_name", "name"}, name) || !text(json, {"dst_addr", "addr"}, address)) return;
    const auto ms = least(json);
    if (!ms) return;
    if (*ms < 0.0) return to_.lose();
    if (name.empty()) std::swap(name, address);
    if (name.empty()) return to_.fault(line_, "dst_name", "is missing, and dst_addr too");
    to_.add(line_, std::to_string(probe->get<std::uint64_t>()), name, address, *ms);
  }

  bool text(const nlohmann::json& json, std::initializer_list<const char*> keys, std::string& into) {
    for (const char* const key : keys) {
      const auto found = json.find(key);
      if (found == json.end() || found->is_null()) continue;
      if (!found->is_string()) {
        to_.fault(line_, key, "is no text");
        return false;
      }
      into = found->get<std::string>();
      return true;
    }
    return true;
  }

  std::optional<double> number(const nlohmann::json& value, std::string_view field) {
    if (!value.is_number()) {
      to_.fault(line_, field, "is no number");
      return std::nullopt;
    }
    const double ms = value.get<double>();
    if (ms == -1.0 || (ms >= 0.0 && ms <= kRttMaxMs)) return ms;
    to_.fault(line_, field, "is no round trip in milliseconds: 0 to 60000, or -1 if nothing came back");
    return std::nullopt;
  }

  /// The least round trip; -1: nothing came back; nullopt after a fault.
  std::optional<double> least(const nlohmann::json& json) {
    double stated = -1.0, found = -1.0;
    const auto min = json.find("min");
    const bool has_min = min != json.end() && !min->is_null();
    if (has_min) {
      const auto ms = number(*min, "min");
      if (!ms) return std::nullopt;
      stated = *ms;
    }
    const auto result = json.find("result");
    const bool has_result = result != json.end() && result->is_array();
    if (result != json.end() && !result->is_array()) {
      to_.fault(line_, "result", "is no array of replies");
      return std::nullopt;
    }
    for (const nlohmann::json& reply : has_result ? *result : nlohmann::json::array()) {
      if (!reply.is_object()) {
        to_.fault(line_, "result", "holds something that is no reply");
        return std::nullopt;
      }
      const auto rtt = reply.find("rtt");
      if (rtt == reply.end() || reply.contains("dup")) continue;
      const auto ms = number(*rtt, "rtt");
      if (!ms) return std::nullopt;
      if (*ms >= 0.0 && (found < 0.0 || *ms < found)) found = *ms;
    }
    if (!has_min && !has_result) {
      to_.fault(line_, "min", "is missing, and result too; is this a ping?");
      return std::nullopt;
    }
    if (has_min && has_result && (stated < 0.0) != (found < 0.0)) {
      to_.fault(line_, "min",
                stated < 0.0 ? "says that nothing came back, and result has a reply"
                             : "has a round trip, and result no reply");
      return std::nullopt;
    }
    if (has_min && has_result && std::abs(stated - found) > kSameMs) {
      to_.fault(line_, "min", "is not the least round trip of result; one of them is wrong");
      return std::nullopt;
    }
    return has_min ? stated : found;
  }

  RowTaker& to_;
  std::uint32_t line_ = 0;
};

}  // namespace

void read_atlas(const OthersFile& file, RowTaker& to) {
  AtlasReader reader{to};
  read_json_objects(file.text, {}, to.faults(),
                    [&](const JsonObject& object) { return reader.take(object); });
  if (to.faults().total() == 0 && to.found() == 0) to.fault(1, "", "holds no result");
}

}  // namespace chiploc
