#include "tests/server/http/http_world.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "proto/crypto/issue.hpp"
#include "server/http/http_fault.hpp"

namespace chiploc::http_world {
namespace {

/// For clients, which run on any thread: Catch's own assertions are for the test's.
void must(bool holds) {
  if (holds) return;
  std::fputs("a client of the test cannot be made\n", stderr);
  std::abort();
}

constexpr int kPatienceSeconds = 60;

Pair issue(const CertificateAuthority& ca, const std::string& name, CertificatePurpose purpose) {
  const auto key = generate_key(SignatureAlgorithm::kEs256);
  const auto certificate = ca.issue({.common_name = name,
                                     .organizational_unit = "reader",
                                     .serial_number = {},
                                     .dns_names = {"localhost"},
                                     .ip_addresses = {},
                                     .purpose = purpose,
                                     .from = wall_from_unix_seconds(1'700'000'000),
                                     .days = 9'000},
                                    key->public_key());
  REQUIRE(certificate);
  const auto der = certificate->der();
  return {certificate->pem(), key->private_pem(), std::string{der.begin(), der.end()}};
}

CertificateAuthority make_authority() {
  auto ca = CertificateAuthority::create("root", SignatureAlgorithm::kEs256,
                                         wall_from_unix_seconds(1'700'000'000), 9'500);
  REQUIRE(ca);
  return *std::move(ca);
}

void use(SSL_CTX* context, const Pair& own) {
  BIO* certificate = BIO_new_mem_buf(own.certificate.data(), static_cast<int>(own.certificate.size()));
  BIO* key = BIO_new_mem_buf(own.key.data(), static_cast<int>(own.key.size()));
  X509* x509 = PEM_read_bio_X509(certificate, nullptr, nullptr, nullptr);
  EVP_PKEY* pkey = PEM_read_bio_PrivateKey(key, nullptr, nullptr, nullptr);
  must(SSL_CTX_use_certificate(context, x509) == 1);
  must(SSL_CTX_use_PrivateKey(context, pkey) == 1);
  X509_free(x509);
  EVP_PKEY_free(pkey);
  BIO_free(certificate);
  BIO_free(key);
}

void trust(SSL_CTX* context, const std::string& pem) {
  BIO* text = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  X509* x509 = PEM_read_bio_X509(text, nullptr, nullptr, nullptr);
  must(X509_STORE_add_cert(SSL_CTX_get_cert_store(context), x509) == 1);
  X509_free(x509);
  BIO_free(text);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
}

std::string last_fault() {
  const unsigned long code = ERR_peek_last_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  ERR_clear_error();
  return reason == nullptr ? "" : reason;
}

}  // namespace

const Authority& authority() {
  static const Authority made = [] {
    const auto ca = make_authority();
    const auto other = make_authority();
    return Authority{ca.certificate().pem(), issue(ca, "localhost", CertificatePurpose::kServerAndClient),
                     issue(ca, "ada", CertificatePurpose::kClient),
                     issue(other, "mallory", CertificatePurpose::kClient)};
  }();
  return made;
}

std::string Answer::field(const std::string& name) const {
  const auto at = head.find("\r\n" + name + ": ");
  if (at == std::string::npos) return "";
  const auto begin = at + name.size() + 4;
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

Client::Client(int port, const ClientOptions& options) {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  must(socket_ >= 0);
  const timeval patience{kPatienceSeconds, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (options.receive_bytes > 0)
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &options.receive_bytes, sizeof options.receive_bytes);
  sockaddr_in from{};
  from.sin_family = AF_INET;
  must(::inet_pton(AF_INET, options.address.c_str(), &from.sin_addr) == 1);
  must(::bind(socket_, reinterpret_cast<const sockaddr*>(&from), sizeof from) == 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  must(::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);

  // OpenSSL writes without MSG_NOSIGNAL, and some of these connections are refused while they write.
  std::signal(SIGPIPE, SIG_IGN);
  context_ = SSL_CTX_new(TLS_client_method());
  if (options.only_tls12) SSL_CTX_set_max_proto_version(context_, TLS1_2_VERSION);
  if (!options.ciphersuites.empty())
    must(SSL_CTX_set_ciphersuites(context_, options.ciphersuites.c_str()) == 1);
  trust(context_, authority().ca);
  if (options.own != nullptr) use(context_, *options.own);
  ssl_ = SSL_new(context_);
  SSL_set1_host(ssl_, "localhost");
  if (!options.protocols.empty()) {
    const std::string list = static_cast<char>(options.protocols.size()) + options.protocols;
    must(SSL_set_alpn_protos(ssl_, reinterpret_cast<const unsigned char*>(list.data()),
                             static_cast<unsigned>(list.size())) == 0);
  }
  SSL_set_fd(ssl_, socket_);
  ERR_clear_error();
  connected_ = SSL_connect(ssl_) == 1;
  if (!connected_) fault_ = last_fault();
}

Client::~Client() {
  SSL_free(ssl_);
  SSL_CTX_free(context_);
  if (socket_ >= 0) ::close(socket_);
}

bool Client::send(std::string_view bytes) {
  ERR_clear_error();
  while (!bytes.empty()) {
    const int size = SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()));
    if (size <= 0) {
      fault_ = last_fault();
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

bool Client::more() {
  char piece[16'384];
  ERR_clear_error();
  const int size = SSL_read(ssl_, piece, sizeof piece);
  if (size > 0) {
    received_.append(piece, static_cast<std::size_t>(size));
    return true;
  }
  ended_in_order_ = SSL_get_error(ssl_, size) == SSL_ERROR_ZERO_RETURN;
  fault_ = last_fault();
  return false;
}

std::string Client::read_until(std::string_view end) {
  std::size_t at = 0;
  while ((at = received_.find(end)) == std::string::npos) {
    if (!more()) return std::exchange(received_, {});
  }
  std::string out = received_.substr(0, at + end.size());
  received_.erase(0, at + end.size());
  return out;
}

std::string Client::read_all() {
  while (more()) {
  }
  return std::exchange(received_, {});
}

Answer Client::answer(bool head_only) {
  Answer out;
  out.head = read_until("\r\n\r\n");
  if (out.head.size() < 12 || out.head.substr(0, 9) != "HTTP/1.1 ") return out;
  out.status = std::stoi(out.head.substr(9, 3));
  const std::string length = out.field("content-length");
  if (head_only || length.empty() || out.status == 204 || out.status == 304) return out;
  while (received_.size() < std::stoul(length)) {
    if (!more()) return out;
  }
  out.body = received_.substr(0, std::stoul(length));
  received_.erase(0, out.body.size());
  return out;
}

Answer Client::ask(const std::string& line, const std::string& fields, const std::string& body) {
  send(line + " HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n" + body);
  return answer(line.substr(0, 5) == "HEAD ");
}

void Client::close() {
  SSL_shutdown(ssl_);
  read_all();
  ::close(socket_);
  socket_ = -1;
}

Served::Served(HttpHandler handler, const Change& change) {
  HttpServerOptions options;
  options.address = "127.0.0.1:0";
  options.tls = {authority().ca, authority().server.certificate, authority().server.key};
  options.steady_now = [this] { return SteadyTime{std::chrono::nanoseconds{now_ns.load()}}; };
  if (change) change(options);
  auto started = HttpServer::start(std::move(options), std::move(handler));
  INFO((started ? std::string{} : started.error()));
  REQUIRE(started);
  server = std::make_unique<HttpServer>(*std::move(started));
}

void Served::until(const std::function<bool()>& holds) {
  const auto given_up = std::chrono::steady_clock::now() + std::chrono::seconds{kPatienceSeconds};
  while (!holds()) {
    if (std::chrono::steady_clock::now() > given_up) FAIL("what was waited for does not happen");
    server->tick();
    std::this_thread::yield();
  }
}

HttpReply text(std::string body, HttpFields fields) {
  HttpReply reply;
  reply.fields = std::move(fields);
  reply.fields.emplace_back("content-type", "text/plain; charset=utf-8");
  reply.body = std::move(body);
  return reply;
}

HttpHandler echo() {
  return [](const std::shared_ptr<HttpExchange>& exchange) {
    const HttpRequest& request = exchange->request();
    std::string out = request.method + " " + request.path;
    for (const auto& [name, value] : request.query) out += " " + name + "=" + value;
    if (!request.body.empty()) out += " [" + request.body + "]";
    if (request.certificate) out += " certificate";
    exchange->reply(text(std::move(out)));
  };
}

}  // namespace chiploc::http_world
