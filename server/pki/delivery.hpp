#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "proto/crypto/certificate.hpp"
#include "server/pki/fault.hpp"

namespace chiploc {

// What the holder of a certificate gets, under the names that the sample configurations have.
inline constexpr const char* kTlsFile = "tls.pem";
inline constexpr const char* kTlsKeyFile = "tls.key";  // 0600
inline constexpr const char* kCaFile = "ca.pem";
inline constexpr const char* kCliFile = "cli.toml";  // of people

/// The cli.toml of a person, beside those. `server` is HOST:PORT, the name is that of the coordinator's certificate.
[[nodiscard]] std::string person_config(const std::string& server, const std::string& server_name);

/// Where a folder is made ready before it gets its name in one step.
[[nodiscard]] std::filesystem::path part_of(const std::filesystem::path& folder);
/// Makes it anew; what a killed run left there goes. Fails where anything else is in it.
[[nodiscard]] PkiResult<Done> begin_part(const std::filesystem::path& part);

/// The certificate that a folder has, if any.
[[nodiscard]] std::optional<Certificate> certificate_in(const std::filesystem::path& folder);
/// Whether a certificate of this name may go there: nobody else's is in its place.
[[nodiscard]] PkiResult<Done> check_delivery(const std::filesystem::path& out, const std::string& name);
/// Writes tls.pem and ca.pem, each in one step; makes the folder if there is none. Returns what it wrote.
[[nodiscard]] PkiResult<std::vector<std::filesystem::path>> deliver_certificate(
    const Certificate& certificate, const Certificate& ca, const std::filesystem::path& out);

}  // namespace chiploc
