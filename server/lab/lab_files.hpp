#pragma once
// What the programs of a lab read: keys, certificates, configurations, and the registry as import files.

#include <filesystem>
#include <string>

#include "proto/base/result.hpp"
#include "proto/base/time.hpp"
#include "server/lab/lab_plan.hpp"

namespace chiploc {

/// Makes everything under plan.state, which must exist and be empty:
///
///     ca.pem  maker-ca.pem             the authority of all TLS certificates, and those of the chips' makers
///     relay.toml
///     chiplocd/    chiplocd.toml  coordinator.key  tls.pem  tls.key
///     anchors/N/   anchor.toml  anchor.key  tls.pem  tls.key
///     agents/N/    agent.toml  chip.key  chip.pem  (forged.key)
///     operator/    tls.pem  tls.key    an admin's
///     holders/L/   cli.toml  tls.pem  tls.key    of each licence with orders: a registrar of its holder's
///     registry/    makers.json  licences.json  anchors.json  chips.json  prohibited.json, and what else there is
///     cli.toml                         CHIPLOC_CONFIG for the command line
///     logs/
///
/// Keys are fresh on every run. Device keys take turns among ES256, EdDSA and ES384. Private keys are mode
/// 0600. Fails with a sentence that names the file.
[[nodiscard]] Result<Done, std::string> write_lab(const LabPlan& plan, WallTime now);

}  // namespace chiploc
