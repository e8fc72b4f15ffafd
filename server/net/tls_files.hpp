#pragma once
#include <filesystem>
#include <string>

#include "proto/base/result.hpp"
#include "server/net/tls.hpp"

namespace chiploc {

/// What load_tls does, of a server that asks nobody for a certificate: TlsMaterial::ca is empty, and the material is for
/// nothing that believes others by it.
[[nodiscard]] Result<TlsMaterial, std::string> load_own_tls(const std::filesystem::path& certificate,
                                                            const std::filesystem::path& key);

}  // namespace chiploc
