// The audit log: an entry before an answer leaves, and the log itself.
#include <charconv>
#include <deque>
#include <mutex>

#include "proto/base/bytes.hpp"
#include "server/service/audit.hpp"
#include "server/service/on_store.hpp"
#include "server/service/operator_use_cases.hpp"

namespace chiploc {
namespace {

/// Of the entry that the page before ended with; nullopt: the newest page.
Checked<std::optional<std::uint64_t>> read_entry_token(std::string_view token) {
  const auto key = read_key_token(token);
  if (!key) return Fail{key.error()};
  if (key->empty()) return std::optional<std::uint64_t>{};
  std::uint64_t number = 0;
  const char* end = key->data() + key->size();
  const auto [at, error] = std::from_chars(key->data(), end, number);
  if (error != std::errc{} || at != end)
    return Fail{ApiFault{ApiFaultCode::kBadField, "page_token: take the one that the page before gave"}};
  return std::optional{number};
}

/// A round's events on their way to somebody who sees what is sealed in them. The first of those is noted, on the store's
/// thread; what comes meanwhile, on the coordinator's, waits behind it. Nobody waits for anybody.
class HeldEvents : public std::enable_shared_from_this<HeldEvents> {
 public:
  using NoteLook = std::function<void(std::optional<AuditEntry>, const Completion<Done>&)>;
  using LookOf = std::function<std::optional<AuditEntry>(const v1::VerifyEvent&)>;
  HeldEvents(VerifyWatcher to, LookOf look_of, NoteLook note)
      : to_{std::move(to)}, look_of_{std::move(look_of)}, note_{std::move(note)} {}

  void event(v1::VerifyEvent event) {
    std::optional<AuditEntry> look;
    bool held = false;
    {
      const std::lock_guard lock{mutex_};
      if (state_ == State::kRefused) return;
      if (state_ == State::kUnnoted) look = look_of_(event);
      if (look) state_ = State::kNoting;
      held = state_ == State::kNoting;
      if (held) held_.push_back(std::move(event));
    }
    if (look) {
      note_(std::move(look),
            [self = shared_from_this()](const Answer<Done>& answer) { self->go_on(answer); });
    }
    if (!held) to_.event(std::move(event));
  }
  void end(const std::optional<ApiFault>& fault) {
    {
      const std::lock_guard lock{mutex_};
      if (state_ == State::kRefused) return;  // it was ended by that
      if (state_ == State::kNoting) {
        end_ = fault;
        ended_ = true;
        return;
      }
    }
    to_.end(fault);
  }

 private:
  enum class State : std::uint8_t { kUnnoted, kNoting, kNoted, kRefused };

  void go_on(const Answer<Done>& noted) {
    if (!noted) {
      {
        const std::lock_guard lock{mutex_};
        state_ = State::kRefused;
        held_.clear();
      }
      return to_.end(noted.error());
    }
    for (;;) {
      std::deque<v1::VerifyEvent> now;
      bool ends = false;
      {
        const std::lock_guard lock{mutex_};
        now.swap(held_);
        ends = now.empty() && ended_;
        if (now.empty()) state_ = State::kNoted;
      }
      if (ends) return to_.end(end_);
      if (now.empty()) return;
      for (v1::VerifyEvent& one : now) to_.event(std::move(one));
    }
  }

  const VerifyWatcher to_;
  const LookOf look_of_;
  const NoteLook note_;
  std::mutex mutex_;  // guards what follows
  State state_ = State::kUnnoted;
  std::deque<v1::VerifyEvent> held_;
  std::optional<ApiFault> end_;
  bool ended_ = false;
};

}  // namespace

std::optional<AuditEntry> OperatorUseCases::look_at(const Caller& caller, const std::string& subject,
                                                    const google::protobuf::Message& answer) const {
  return look_of(caller, subject, answer, parts_.now());
}

void OperatorUseCases::note_look(std::optional<AuditEntry> look, const Completion<Done>& done) {
  if (!look) return done(Done{});
  on_store<Done>(
      parts_.store, 1,
      [this, done](const Answer<Done>& noted) {
        if (noted) {
          ++counters_.looks;
          return done(Done{});
        }
        done(Fail{ApiFault{noted.error().code,
                           "the audit log could not be written, so nothing of the answer is shown; what it "
                           "would have changed is changed: " +
                               noted.error().text}});
      },
      [entry = *std::move(look)](Store& store) -> Answer<Done> {
        const auto noted = store.audit().note(entry);
        if (!noted) return Fail{fault_of(noted.error())};
        return Done{};
      });
}

VerifyWatcher OperatorUseCases::noted(const Caller& caller, std::string subject, VerifyWatcher watcher) {
  if (!caller.sees_all) return watcher;
  const auto held = std::make_shared<HeldEvents>(
      std::move(watcher),
      [this, caller, subject = std::move(subject)](const v1::VerifyEvent& event) {
        return look_at(caller, subject, event);
      },
      [this](std::optional<AuditEntry> look, const Completion<Done>& done) {
        note_look(std::move(look), done);
      });
  return {[held](v1::VerifyEvent event) { held->event(std::move(event)); },
          [held](const std::optional<ApiFault>& fault) { held->end(fault); }};
}

Answer<v1::ListAuditResponse> OperatorUseCases::list_audit(const v1::ListAuditRequest& request,
                                                           const Caller& /*caller*/) {
  const auto size =
      check_page_size(request.page_size(), parts_.limits.imports_page, parts_.limits.imports_page_max);
  if (!size) return Fail{size.error()};
  AuditQuery query;
  query.limit = *size;
  const auto name = check_text("name", request.name(), parts_.limits);
  if (!name) return Fail{name.error()};
  if (!name->empty()) query.name = *name;
  const auto since = check_time("since_unix_ns", request.since_unix_ns());
  if (!since) return Fail{since.error()};
  query.since = *since;
  const auto before = read_entry_token(request.page_token());
  if (!before) return Fail{before.error()};
  query.before = *before;
  const auto kept = parts_.reader.audit().audit_entries(query);
  if (!kept) return Fail{fault_of(kept.error())};
  v1::ListAuditResponse response;
  for (const AuditEntry& one : *kept) {
    v1::AuditRecord& record = *response.add_entries();
    record.set_number(one.number);
    record.set_at_unix_ns(one.at.since_epoch.count());
    record.set_name(one.by.name);
    if (one.by.certificate) record.set_certificate_sha256(string_of(one.by.certificate->bytes));
    record.set_role(one.role);
    record.set_issuer(one.issuer);
    record.set_account(one.account);
    record.set_method(one.method);
    record.set_subject(one.subject);
    record.set_reason(one.reason);
    record.set_records(one.records);
  }
  if (kept->size() == *size && kept->back().number > 1)
    response.set_next_page_token(key_token(std::to_string(kept->back().number)));
  return response;
}

}  // namespace chiploc
