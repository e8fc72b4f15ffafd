#include "server/registry/import_changes.hpp"

#include "server/registry/record_fields.hpp"

namespace chiploc {
namespace {

class Collector {
 public:
  explicit Collector(const ChangeLimits& limits) : limits_{limits} {}

  template <class Record>
  void add(ImportKind kind, const std::vector<std::shared_ptr<const Record>>& records, const Registry& base) {
    for (const auto& record : records) {
      ++total_;
      const Record* old = known_in(base, *record);
      if (old == nullptr && added_.size() >= limits_.added) continue;
      RecordChange change{kind, key_of(*record), old == nullptr, {}};
      const Fields now = fields_of(*record);
      const Fields before = old == nullptr ? Fields{} : fields_of(*old);
      const std::size_t most = old == nullptr ? kNewValueBytes : limits_.value_bytes;
      for (std::size_t i = 0; i < now.size(); ++i) {
        const std::string was = before.empty() ? std::string{} : before[i].second;
        if (was != now[i].second)
          change.fields.push_back({now[i].first, cut(was, most), cut(now[i].second, most)});
      }
      if (change.added) {
        added_.push_back(std::move(change));
      } else {
        keep(std::move(change));
      }
    }
  }

  void add_prohibited(const NamedPlaces& before, const NamedPlaces& after) {
    ++total_;
    RecordChange change{ImportKind::kProhibitedTerritories, {}, false, {}};
    const PlaceChanges places = changes_between(before, after);
    for (const std::string& name : places.gone) change.fields.push_back({"country", name, ""});
    for (const std::string& name : places.come) change.fields.push_back({"country", "", name});
    changed_.insert(changed_.begin(), std::move(change));
  }

  ImportChanges take() {
    ImportChanges out{std::move(changed_), total_, changed_left_out_};
    for (RecordChange& change : added_) out.shown.push_back(std::move(change));
    return out;
  }

 private:
  static constexpr std::size_t kNewValueBytes = 200;

  void keep(RecordChange change) {
    constexpr std::size_t kOverhead = 16;  // of a message of protobuf
    std::size_t bytes = change.key.size() + kOverhead;
    for (const FieldChange& field : change.fields)
      bytes += field.field.size() + field.before.size() + field.after.size() + kOverhead;
    if (changed_left_out_ > 0 || bytes_ + bytes > limits_.bytes) {
      ++changed_left_out_;
      return;
    }
    bytes_ += bytes;
    changed_.push_back(std::move(change));
  }

  const ChangeLimits& limits_;
  std::size_t total_ = 0;
  std::size_t bytes_ = 0;
  std::size_t changed_left_out_ = 0;
  std::vector<RecordChange> changed_;
  std::vector<RecordChange> added_;
};

}  // namespace

ImportChanges changes_of(const Registry& base, const ImportPlan& plan, const ChangeLimits& limits) {
  Collector out{limits};
  each_table(plan, [&](ImportKind kind, const auto& records) { out.add(kind, records, base); });
  if (plan.prohibited_differs) out.add_prohibited(base.prohibited(), plan.registry->prohibited());
  return out.take();
}

}  // namespace chiploc
