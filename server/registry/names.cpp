#include "server/registry/names.hpp"

#include <algorithm>
#include <numeric>

namespace chiploc {
namespace {

/// The edit distance, or `most` + 1 if it is larger.
std::size_t distance(std::string_view a, std::string_view b, std::size_t most) {
  if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) > most) return most + 1;
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    std::size_t least = row[0];
    for (std::size_t k = 1; k <= b.size(); ++k) {
      const std::size_t above = row[k];
      row[k] = std::min({above + 1, row[k - 1] + 1, diagonal + (a[i - 1] == b[k - 1] ? 0U : 1U)});
      diagonal = above;
      least = std::min(least, row[k]);
    }
    if (least > most) return most + 1;
  }
  return std::min(row.back(), most + 1);
}

}  // namespace

std::string folded(std::string_view name) {
  std::string out{name};
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

void NearestNames::offer(std::string_view name) {
  if (name.empty()) return;
  std::size_t allowed = std::max<std::size_t>(1, std::max(name.size(), text_.size()) / 3);
  if (found_.size() == most_ && most_ > 0) allowed = std::min(allowed, found_.back().first);
  const std::size_t far = distance(folded(name), text_, allowed);
  if (far > allowed) return;
  std::pair<std::size_t, std::string> one{far, std::string{name}};
  const auto at = std::lower_bound(found_.begin(), found_.end(), one);
  if (at != found_.end() && *at == one) return;
  found_.insert(at, std::move(one));
  if (found_.size() > most_) found_.pop_back();
}

std::vector<std::string> NearestNames::names() const {
  std::vector<std::string> out;
  for (const auto& [far, name] : found_) out.push_back(name);
  return out;
}

std::string NearestNames::sentence() const {
  if (found_.empty()) return {};
  std::string out = found_.size() == 1 ? "; the nearest is " : "; the nearest are ";
  for (std::size_t i = 0; i < found_.size(); ++i)
    out += (i == 0 ? "" : i + 1 == found_.size() ? " and " : ", ") + found_[i].second;
  return out;
}

}  // namespace chiploc
