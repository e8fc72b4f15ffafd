#include "server/grpc/certificate_gate.hpp"

#include <grpcpp/security/auth_context.h>

#include <utility>
#include <vector>

#include "server/net/tls.hpp"

namespace chiploc {
namespace {

class Processor final : public grpc::AuthMetadataProcessor {
 public:
  explicit Processor(const CertificateGate& gate) : gate_{gate} {}
  bool IsBlocking() const override { return false; }
  grpc::Status Process(const InputMetadata& /*metadata*/, grpc::AuthContext* context,
                       OutputMetadata* /*consumed*/, OutputMetadata* /*response*/) override {
    return gate_.check(*context);
  }

 private:
  const CertificateGate& gate_;
};

}  // namespace

grpc::Status CertificateGate::status_of(const Certificate& certificate) const {
  const auto entry = revocations_.revoked(certificate);
  if (!entry) return grpc::Status::OK;
  return {grpc::StatusCode::UNAUTHENTICATED, revoked_text(certificate, *entry)};
}

grpc::Status CertificateGate::check(const grpc::AuthContext& context) const {
  const auto certificate = peer_certificate(context);
  if (!certificate) return grpc::Status::OK;  // who shows none is refused where the role is asked for
  grpc::Status status = status_of(*certificate);
  if (!status.ok()) ++counters_.refused_revoked;
  return status;
}

std::shared_ptr<grpc::AuthMetadataProcessor> CertificateGate::processor() const {
  return std::make_shared<Processor>(*this);
}

CertificateGate::Stream CertificateGate::enter(const grpc::AuthContext& context, End end) {
  auto certificate = peer_certificate(context);
  if (!certificate) return {};
  std::uint64_t number = 0;
  {
    const std::scoped_lock lock{table_->mutex};
    number = ++table_->entered;
    table_->open.emplace(number, Open{*certificate, end});
  }
  // Asked only now: a list that changes from here on finds the stream.
  const grpc::Status status = status_of(*certificate);
  if (!status.ok()) end(status);
  return {table_, number};
}

void CertificateGate::list_changed() {
  std::vector<std::pair<End, grpc::Status>> cut;
  {
    const std::scoped_lock lock{table_->mutex};
    auto& open = table_->open;
    for (auto at = open.begin(); at != open.end();) {
      const grpc::Status status = status_of(at->second.certificate);
      if (status.ok()) {
        ++at;
        continue;
      }
      cut.emplace_back(std::move(at->second.end), status);
      at = open.erase(at);
    }
  }
  counters_.streams_revoked += cut.size();
  for (const auto& [end, status] : cut) end(status);
}

CertificateGate::Stream& CertificateGate::Stream::operator=(Stream&& other) noexcept {
  std::swap(table_, other.table_);
  std::swap(number_, other.number_);
  return *this;
}

CertificateGate::Stream::~Stream() {
  if (table_ == nullptr) return;
  const std::scoped_lock lock{table_->mutex};
  table_->open.erase(number_);
}

}  // namespace chiploc
