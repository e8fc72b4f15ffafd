#include "server/anchor/init.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "proto/base/new_folder.hpp"
#include "proto/base/safe_text.hpp"
#include "proto/base/sample_text.hpp"
#include "proto/crypto/certificate_request.hpp"
#include "proto/crypto/keys.hpp"
#include "server/anchor/config.hpp"
#include "server/net/endpoint.hpp"

namespace chiploc {
namespace {

/// Caught in init_anchor and nowhere else seen.
struct Trouble {
  AnchorInitFault fault;
};
[[noreturn]] void wrong(std::string text) { throw Trouble{{true, std::move(text)}}; }
template <class T>
T take(Result<T, std::string> result) {
  if (!result) throw Trouble{{false, result.error()}};
  return std::move(result).value();
}
template <class T, class E>
T take(Result<T, E> result, const std::string& what) {
  if (!result) throw Trouble{{false, what + ": " + result.error().text}};
  return std::move(result).value();
}

bool is_number_within(std::string_view text, double low, double high) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() && number >= low && number <= high;
}

/// The two numbers of --position, as they were typed.
struct Place {
  std::string lat, lon;
};
Place place_of(const std::string& position) {
  const auto comma = position.find(',');
  Place out{position.substr(0, comma), comma == std::string::npos ? "" : position.substr(comma + 1)};
  if (!is_number_within(out.lat, -90, 90) || !is_number_within(out.lon, -180, 180)) {
    wrong("--position \"" + position +
          "\" is no place; write latitude and longitude in degrees, without a blank: 50.12,8.68");
  }
  return out;
}

void check_name(const std::string& name) {
  const auto plain = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  const bool good = !name.empty() && name.size() <= 64 && plain(name.front()) &&
                    std::all_of(name.begin(), name.end(), [&](char c) {
                      return plain(c) || std::string_view{"._-:/+"}.find(c) != std::string_view::npos;
                    });
  if (!good) {
    wrong("--name \"" + log_text(name) +
          "\" is no name; use 1 to 64 letters, digits and . _ - : / +, beginning with a letter or digit");
  }
}

/// Free text of the registry.
void check_text(const char* option, const std::string& text) {
  bool shown = !text.empty() && text.size() <= 200 && text.front() != ' ' && text.back() != ' ';
  for (std::string_view rest = text; shown && !rest.empty();) {
    const auto point = take_code_point(rest);
    shown = point && !acts_on_display(*point);
  }
  if (!shown) {
    wrong(
        std::string{option} + " \"" + log_text(text) +
        "\" is no text; use 1 to 200 bytes of UTF-8 without control characters and without a blank at its ends");
  }
}

Endpoint address_of(const char* option, const std::string& text, bool any_port) {
  const auto endpoint = endpoint_from_text(text);
  if (!endpoint || (endpoint->port == 0 && !any_port)) {
    wrong(std::string{option} + " \"" + log_text(text) +
          "\" is no address and port; write 192.0.2.1:7411 or [2001:db8::1]:7411");
  }
  return *endpoint;
}

/// Everything that can be wrong with the options is said before a folder is made.
void check(const AnchorInitOptions& o) {
  check_name(o.name);
  place_of(o.position);
  if (!is_number_within(o.uncertainty_km, 0, 1000)) {
    wrong("--uncertainty-km \"" + log_text(o.uncertainty_km) +
          "\" is no number from 0 to 1000: how far the machine may stand from the position");
  }
  check_text("--operator", o.operator_name);
  check_text("--network", o.network);
  const Endpoint address = address_of("--address", o.address, false);
  const Endpoint any{.family = address.family, .address = {}, .port = address.port};
  if (address == any)
    wrong("--address " + o.address + " is no address of one machine; name the one that agents reach");
  for (const std::string& text : o.listen) static_cast<void>(address_of("--listen", text, true));
}

std::string configuration(const AnchorInitOptions& o) {
  SampleText sample{sample_anchor_toml()};
  sample.set("anchor", "name", toml_quoted(o.name));
  std::string listen;
  for (const std::string& text : o.listen) listen += (listen.empty() ? "" : ", ") + toml_quoted(text);
  if (o.listen.empty()) {
    const Endpoint address = *endpoint_from_text(o.address);
    listen = toml_quoted(endpoint_text({.family = address.family, .address = {}, .port = address.port}));
  }
  sample.set("anchor", "listen", "[" + listen + "]");
  if (!o.state_dir.empty()) {
    std::error_code ignored;
    sample.set("anchor", "state_dir", toml_quoted(std::filesystem::absolute(o.state_dir, ignored).string()));
  }
  sample.set("coordinator", "address", toml_quoted(o.coordinator));
  sample.set("coordinator", "server_name", toml_quoted(o.server_name));
  return sample.text();
}

std::string row_of(const AnchorInitOptions& o, const std::string& public_key) {
  const Place place = place_of(o.position);
  return "name,public_key,lat,lon,uncertainty_km,operator,network,address,rendezvous\n" +
         csv_quoted_name(o.name) + "," + public_key + "," + place.lat + "," + place.lon + "," +
         o.uncertainty_km + "," + csv_quoted(o.operator_name) + "," + csv_quoted(o.network) + "," +
         csv_quoted(o.address) + "," + (o.rendezvous ? "yes" : "no") + "\n";
}

std::string report(const AnchorInitOptions& o, const std::string& public_key) {
  const std::string dir = o.dir.string();
  const std::string config = (o.dir / "anchor.toml").string();
  std::string out =
      "made " + dir + " for the anchor " + o.name +
      "\n  anchor.key   signs its reports: private\n  tls.key      for TLS: private\n"
      "  anchor.toml  its configuration\n  tls.csr      the request for its certificate\n"
      "  anchors.csv  its row for the coordinator\n"
      "next:\n  where the authority is (its folder: --dir), with tls.csr from here:\n    chiploc pki issue anchor " +
      o.name + " --dir ca --request tls.csr\n  put its answer here: the certificate as " +
      (o.dir / "tls.pem").string() + ", the authority's as " + (o.dir / "ca.pem").string() +
      "\n  where the coordinator is asked, with anchors.csv from here:\n"
      "    chiploc --config ada/cli.toml import --anchors anchors.csv     (ada: who you are there)\n  here:\n    chiploc-anchor --config " +
      config + "\n";
  if (o.rendezvous) {
    out += "agents that knock here are made with\n    chiploc-agent init ... --rendezvous " + o.address +
           "=" + public_key + "\n";
  }
  return out;
}

AnchorInitReport make(const AnchorInitOptions& o) {
  check(o);
  NewFolder folder = take(NewFolder::begin(o.dir));
  const auto put = [&](const char* name, const std::string& text) {
    take(folder.write(name, text, NewFolder::Readers::kAll));
  };
  const auto report_key = generate_key(SignatureAlgorithm::kEd25519);
  const std::string public_key = to_hex(*report_key->public_key().raw_ed25519());
  take(write_private_key(folder.path() / "anchor.key", *report_key), "anchor.key");
  const auto tls_key = generate_key(SignatureAlgorithm::kEs256);
  take(write_private_key(folder.path() / "tls.key", *tls_key), "tls.key");
  const RequestSubject subject{.common_name = o.name, .organizational_unit = "anchor"};
  put("tls.csr", take(make_request(subject, *tls_key), "tls.csr"));
  put("anchors.csv", row_of(o, public_key));
  put("anchor.toml", configuration(o));
  if (o.state_dir.empty()) take(folder.make_folder("state"));
  if (const auto config = load_anchor_config(folder.path() / "anchor.toml"); !config) {
    // What is left to be wrong came with an option: --coordinator, --server-name.
    std::string faults;
    for (const std::string& fault : config.error()) faults += (faults.empty() ? "" : "\n") + fault;
    wrong(faults);
  }
  take(folder.finish());
  return report(o, public_key);
}

}  // namespace

Result<AnchorInitReport, AnchorInitFault> init_anchor(const AnchorInitOptions& options) {
  try {
    return make(options);
  } catch (const Trouble& trouble) {
    return Fail{trouble.fault};
  }
}

}  // namespace chiploc
