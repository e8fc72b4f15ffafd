#include "server/evidence/leaf.hpp"

#include <algorithm>
#include <optional>

#include "proto/base/safe_text.hpp"
#include "proto/crypto/digest.hpp"
#include "server/evidence/text_lines.hpp"
#include "server/evidence/tiles.hpp"

namespace chiploc {
namespace {

constexpr std::string_view kLeafHead = "chiploc.leaf/1", kKindWord = "kind ", kAtWord = "at ",
                           kSealedWord = "sealed ";
constexpr std::string_view kSaltLabel{"chiploc leaf salt v1\0", 21},
    kFieldLabel{"chiploc leaf field v1\0", 22};
constexpr std::size_t kLeafNameMax = 32, kLeafValueMax = 512;

bool is_leaf_name(std::string_view name) {
  const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
  return !name.empty() && name.size() <= kLeafNameMax && letter(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '-'; });
}
/// A field may not be taken for one of the lines that stand in front, or for a sealed one.
bool is_field_name(std::string_view name) {
  return is_leaf_name(name) && name != "kind" && name != "at" && name != "sealed";
}
bool is_open_value(std::string_view value) {
  if (value.empty() || value.size() > kLeafValueMax) return false;
  while (!value.empty()) {
    const auto point = take_code_point(value);
    if (!point || acts_on_display(*point)) return false;
  }
  return true;
}

/// Names are of one alphabet and end at a zero, so that no name and value can be taken for others.
Digest sealed_digest(const Digest& salt, std::string_view name, std::string_view value) {
  return sha256_of({bytes_of(kFieldLabel), salt.bytes, bytes_of(name), bytes_of(std::string_view{"\0", 1}),
                    bytes_of(value)});
}

bool has_name(const std::vector<LeafField>& fields, std::string_view name) {
  return std::any_of(fields.begin(), fields.end(), [&](const LeafField& one) { return one.name == name; });
}

std::optional<LeafField> field_in(std::string_view line) {
  LeafField out;
  out.sealed = line.starts_with(kSealedWord);
  if (out.sealed) line.remove_prefix(kSealedWord.size());
  const std::size_t blank = line.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  out.name = std::string{line.substr(0, blank)};
  out.value = std::string{line.substr(blank + 1)};
  if (!is_field_name(out.name)) return std::nullopt;
  if (!out.sealed) return is_open_value(out.value) ? std::optional{out} : std::nullopt;
  const auto digest = from_hex(out.value);
  if (!digest || digest->size() != Digest::kSize || to_hex(*digest) != out.value) return std::nullopt;
  return out;
}

}  // namespace

Result<std::string, std::string> leaf_text(const Leaf& leaf, const LeafSeed& seed) {
  if (!is_leaf_name(leaf.kind)) return Fail{"'" + leaf.kind + "' is no kind of entry"};
  if (leaf.at.since_epoch.count() < 0) return Fail{std::string{"at: is before 1970"}};
  if (leaf.fields.size() > kLeafFieldsMax)
    return Fail{"an entry has at most " + std::to_string(kLeafFieldsMax) + " fields"};
  std::string out{kLeafHead};
  out.append("\n").append(kKindWord).append(leaf.kind).append("\n").append(kAtWord);
  out.append(std::to_string(leaf.at.since_epoch.count())).append("\n");
  std::vector<LeafField> before;
  for (const LeafField& field : leaf.fields) {
    if (!is_field_name(field.name)) return Fail{"'" + field.name + "' is no name of a field"};
    if (has_name(before, field.name)) return Fail{field.name + ": stands there twice"};
    if (!field.sealed && !is_open_value(field.value))
      return Fail{field.name + ": an open value has 1 to " + std::to_string(kLeafValueMax) +
                  " bytes of UTF-8 that act on no display"};
    before.push_back({field.name, {}, field.sealed});
    if (!field.sealed) {
      out.append(field.name).append(" ").append(field.value).append("\n");
      continue;
    }
    const LeafOpening opening = opening_of(seed, field.name, field.value);
    out.append(kSealedWord).append(field.name).append(" ");
    out.append(sealed_digest(opening.salt, opening.name, opening.value).hex()).append("\n");
  }
  if (out.size() > kEntryBytesMax)
    return Fail{"an entry has at most " + std::to_string(kEntryBytesMax) + " bytes, not " +
                std::to_string(out.size())};
  return out;
}

Result<Leaf, std::string> parse_leaf(std::string_view text) {
  const auto wrong = [](std::size_t line, const char* said) {
    return Fail{"line " + std::to_string(line) + ": " + said};
  };
  if (text.size() > kEntryBytesMax)
    return Fail{"is longer than " + std::to_string(kEntryBytesMax) + " bytes"};
  Leaf out;
  if (take_line(text) != kLeafHead) return wrong(1, "is not chiploc.leaf/1");
  const auto kind = take_line(text);
  if (!kind || !kind->starts_with(kKindWord) || !is_leaf_name(kind->substr(kKindWord.size())))
    return wrong(2, "is not 'kind' and a word");
  out.kind = std::string{kind->substr(kKindWord.size())};
  const auto at = take_line(text);
  const auto time = at && at->starts_with(kAtWord) ? decimal_in(at->substr(kAtWord.size())) : std::nullopt;
  if (!time || *time > INT64_MAX) return wrong(3, "is not 'at' and a time in nanoseconds");
  out.at.since_epoch = Nanoseconds{static_cast<std::int64_t>(*time)};
  for (std::size_t number = 4; !text.empty(); ++number) {
    const auto line = take_line(text);
    if (!line) return wrong(number, "does not end");
    auto field = field_in(*line);
    if (!field) return wrong(number, "is neither a name and a value nor 'sealed', a name and a digest");
    if (has_name(out.fields, field->name)) return wrong(number, "has a name that stands above already");
    if (out.fields.size() == kLeafFieldsMax) return wrong(number, "is one field too many");
    out.fields.push_back(*std::move(field));
  }
  return out;
}

LeafOpening opening_of(const LeafSeed& seed, std::string name, std::string value) {
  const Digest salt = sha256_of({bytes_of(kSaltLabel), seed, bytes_of(name)});
  return {std::move(name), salt, std::move(value)};
}

bool opens(const Leaf& read, const LeafOpening& opening) {
  const std::string digest = sealed_digest(opening.salt, opening.name, opening.value).hex();
  return std::any_of(read.fields.begin(), read.fields.end(), [&](const LeafField& one) {
    return one.sealed && one.name == opening.name && one.value == digest;
  });
}

}  // namespace chiploc
