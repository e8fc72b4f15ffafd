#pragma once
// For the crypto target's own sources only.
#include <string>
#include <vector>

#include "proto/crypto/certificate.hpp"
#include "proto/crypto/openssl_handles.hpp"

namespace chiploc {

using NamesPtr = OpensslPtr<GENERAL_NAMES, GENERAL_NAMES_free>;

/// Subject alternative names of these hosts. Fails with a sentence: no DNS name, no IP address.
Result<NamesPtr, std::string> alternative_names(const std::vector<std::string>& dns_names,
                                                const std::vector<std::string>& ip_addresses);
/// The DNS names and IP addresses among them, in their order; IPv6 in its shortest form.
std::vector<std::string> hosts_of(const GENERAL_NAMES* names);

/// The only value of an attribute of a subject; "" if there is none or several, so that nobody can hide a
/// second.
std::string only_value(const X509_NAME* name, int nid);
/// One entry of a subject; empty if it cannot be read, or has a zero in it.
std::string text_of_entry(const X509_NAME* name, int index);
/// A name for people (RFC 2253).
std::string text_of_name(const X509_NAME* name);
/// The key that a certificate or request has. Fails as PublicKey does.
Result<PublicKey, KeyFault> key_of(X509_PUBKEY* key);

}  // namespace chiploc
