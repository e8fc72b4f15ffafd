#pragma once
// Of change_warnings(): models, entities, licences, orders, deliveries. Private to this folder.

#include <functional>
#include <string>

#include "server/registry/import.hpp"

namespace chiploc {

using WarnOf = std::function<void(ImportKind kind, const std::string& key, std::string text)>;
void warn_of_orders(const Registry& base, const ImportPlan& plan, const WarnOf& warn);

}  // namespace chiploc
