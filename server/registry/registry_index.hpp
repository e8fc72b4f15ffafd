#pragma once
// Between registry.cpp and registry_orders.cpp: tables and indexes by text. Private to this folder.

#include <string>
#include <string_view>

namespace chiploc {

template <class Table, class Key>
auto* find_in(const Table& table, const Key& key) {
  const auto at = table.find(key);
  return at == table.end() ? nullptr : at->second.get();
}

template <class Table>
void erase_from(Table& table, std::string_view key) {
  if (const auto at = table.find(key); at != table.end()) table.erase(at);
}

/// Takes a member out of the set of a key, and the set with its last one.
template <class Index, class Member>
void forget_in(Index& index, std::string_view key, const Member& member) {
  const auto at = index.find(key);
  if (at == index.end()) return;
  at->second.erase(member);
  if (at->second.empty()) index.erase(at);
}

}  // namespace chiploc
