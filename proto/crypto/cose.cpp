#include "proto/crypto/cose.hpp"

#include <string>

#include "proto/crypto/cbor_items.hpp"

namespace chiploc {
namespace {

using Kind = CborItem::Kind;
using Fault = StatementFault;

constexpr std::uint64_t kCoseSign1Tag = 18;
constexpr std::int64_t kAlgorithmLabel = 1;
constexpr std::int64_t kX5tLabel = 34;       // RFC 9360
constexpr std::int64_t kSha256HashId = -16;  // RFC 9054

ByteVector protected_header(SignatureAlgorithm algorithm, const Digest& certificate) {
  CborWriter out;
  out.map(2);
  out.number(kAlgorithmLabel), out.number(cose_id_of(algorithm));
  out.number(kX5tLabel), out.array(2), out.number(kSha256HashId), out.bytes(certificate.bytes);
  return out.written();
}

ByteVector cose_sign1(Bytes header, Bytes claims, Bytes signature) {
  CborWriter out;
  out.tag(kCoseSign1Tag);
  out.array(4);
  out.bytes(header);
  out.map(0);
  out.bytes(claims);
  out.bytes(signature);
  return out.written();
}

std::optional<std::int64_t> signed_value(const CborItem& item) {
  constexpr std::uint64_t kMax = 1'000'000;
  if (item.value > kMax) return std::nullopt;
  const auto magnitude = static_cast<std::int64_t>(item.value);
  if (item.kind == Kind::kUnsigned) return magnitude;
  if (item.kind == Kind::kNegative) return -1 - magnitude;
  return std::nullopt;
}

/// {1: alg, 34: [-16, bstr 32]}
std::optional<Fault> read_header(Bytes header, UncheckedStatement& out) {
  CborReader reader{header};
  const auto map = reader.expect(Kind::kMap, Fault::kMalformed);
  if (!map) return map.error();
  if (map->value != 2) return Fault::kUnexpectedHeader;

  const auto algorithm_label = reader.next();
  if (!algorithm_label) return algorithm_label.error();
  if (signed_value(*algorithm_label) != kAlgorithmLabel) return Fault::kUnexpectedHeader;
  const auto algorithm = reader.next();
  if (!algorithm) return algorithm.error();
  const auto algorithm_id = signed_value(*algorithm);
  const auto known = algorithm_id ? algorithm_from_cose_id(*algorithm_id) : std::nullopt;
  if (!known) return Fault::kWrongAlgorithm;
  out.algorithm = *known;

  const auto certificate_label = reader.next();
  if (!certificate_label) return certificate_label.error();
  if (signed_value(*certificate_label) != kX5tLabel) return Fault::kUnexpectedHeader;
  const auto pair = reader.expect(Kind::kArray, Fault::kUnexpectedHeader);
  if (!pair) return pair.error();
  if (pair->value != 2) return Fault::kUnexpectedHeader;
  const auto hash = reader.next();
  if (!hash) return hash.error();
  if (signed_value(*hash) != kSha256HashId) return Fault::kUnexpectedHeader;
  const auto digest = reader.expect(Kind::kBytes, Fault::kUnexpectedHeader);
  if (!digest) return digest.error();
  const auto certificate = Digest::from_bytes(digest->content);
  if (!certificate) return Fault::kUnexpectedHeader;
  out.certificate = *certificate;
  return reader.at_end() ? std::nullopt : std::optional{Fault::kMalformed};
}

/// Tag, array, header, unprotected map, claims, signature; not yet the claims' contents.
Result<UncheckedStatement, Fault> read_envelope(Bytes cose) {
  if (cose.size() > kStatementMax) return Fail{Fault::kTooLarge};
  CborReader reader{cose};
  const auto tag = reader.expect(Kind::kTag, Fault::kMalformed);
  if (!tag) return Fail{tag.error()};
  const auto array = reader.expect(Kind::kArray, Fault::kMalformed);
  if (!array) return Fail{array.error()};
  if (tag->value != kCoseSign1Tag || array->value != 4) return Fail{Fault::kMalformed};
  const auto header = reader.expect(Kind::kBytes, Fault::kMalformed);
  if (!header) return Fail{header.error()};
  const auto unprotected_map = reader.expect(Kind::kMap, Fault::kMalformed);
  if (!unprotected_map) return Fail{unprotected_map.error()};
  if (unprotected_map->value != 0) return Fail{Fault::kUnexpectedHeader};
  const auto claims = reader.expect(Kind::kBytes, Fault::kMalformed);
  if (!claims) return Fail{claims.error()};
  const auto signature = reader.expect(Kind::kBytes, Fault::kMalformed);
  if (!signature) return Fail{signature.error()};
  if (!reader.at_end()) return Fail{Fault::kMalformed};

  UncheckedStatement out;
  out.protected_header = header->content;
  out.claims = claims->content;
  out.signature = signature->content;
  if (const auto fault = read_header(out.protected_header, out)) return Fail{*fault};
  if (out.signature.size() != signature_size_of(out.algorithm)) return Fail{Fault::kMalformed};
  // As in the claims: what the reader let through still has to be the one encoding of what it means.
  if (!same_bytes(protected_header(out.algorithm, out.certificate), out.protected_header) ||
      !same_bytes(cose_sign1(out.protected_header, out.claims, out.signature), cose)) {
    return Fail{Fault::kNotDeterministic};
  }
  return out;
}

}  // namespace

ByteVector sig_structure(Bytes protected_header, Bytes payload) {
  CborWriter out;
  out.array(4);
  out.text("Signature1");
  out.bytes(protected_header);
  out.bytes({});  // external AAD
  out.bytes(payload);
  return out.written();
}

Result<ByteVector, KeyFault> sign_statement(const Statement& statement, const Digest& certificate_digest,
                                            const Signer& signer) {
  const auto claims = encode_claims(statement);
  if (!claims) {
    return Fail{KeyFault{KeyFault::Code::kMalformed,
                         "the statement cannot be encoded: " + std::string{name_of(claims.error())}}};
  }
  const ByteVector header = protected_header(signer.algorithm(), certificate_digest);
  const auto signature = signer.sign(sig_structure(header, *claims));
  if (!signature) return Fail{signature.error()};
  ByteVector cose = cose_sign1(header, *claims, *signature);
  if (cose.size() > kStatementMax) {
    return Fail{KeyFault{KeyFault::Code::kMalformed,
                         "the statement is larger than " + std::to_string(kStatementMax) + " bytes"}};
  }
  return cose;
}

Result<UncheckedStatement, StatementFault> parse_unchecked_statement(Bytes cose) {
  auto unchecked = read_envelope(cose);
  if (!unchecked) return unchecked;
  auto statement = parse_claims(unchecked->claims);
  if (!statement) return Fail{statement.error()};
  unchecked->statement = *std::move(statement);
  return unchecked;
}

Result<Statement, StatementFault> check_statement(Bytes cose, const PublicKey& key,
                                                  const Digest& certificate_digest) {
  const auto unchecked = read_envelope(cose);
  if (!unchecked) return Fail{unchecked.error()};
  if (unchecked->algorithm != key.algorithm()) return Fail{Fault::kWrongAlgorithm};
  if (!key.verify(sig_structure(unchecked->protected_header, unchecked->claims), unchecked->signature)) {
    return Fail{Fault::kBadSignature};
  }
  if (unchecked->certificate != certificate_digest) return Fail{Fault::kWrongCertificate};
  return parse_claims(unchecked->claims);
}

Result<ByteVector, StatementFault> statement_to_be_signed(Bytes cose) {
  const auto unchecked = read_envelope(cose);
  if (!unchecked) return Fail{unchecked.error()};
  return sig_structure(unchecked->protected_header, unchecked->claims);
}

}  // namespace chiploc
