#pragma once
#include <memory>
#include <utility>

#include "server/registry/registry.hpp"
#include "server/service/guarded.hpp"

namespace chiploc {

/// The registry that is in force. Imports replace it, the coordinator and the API take snapshots: who works
/// with one keeps it, whatever is imported meanwhile. Thread-safe.
class RegistryHolder {
 public:
  explicit RegistryHolder(Registry::Snapshot initial) : current_{std::move(initial)} {}

  /// Never null.
  [[nodiscard]] Registry::Snapshot get() const {
    return current_.with([](const Registry::Snapshot& current) { return current; });
  }
  /// Puts a newer version in force; an older one than the present is ignored, so a late caller cannot turn
  /// time back.
  void replace(Registry::Snapshot next) {
    current_.with([&](Registry::Snapshot& current) {
      if (next->version() >= current->version()) current = std::move(next);
    });
  }

 private:
  Guarded<Registry::Snapshot> current_;
};

}  // namespace chiploc
