// What orders are held for: order hold, lift, override and decide.
#include <utility>

#include "server/cli/case_text.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/interrupt.hpp"
#include "server/service/case_json.hpp"
#include "server/text/moments.hpp"

namespace chiploc {
namespace {

const std::vector<OutputFormat> kHoldFormats{OutputFormat::kTable, OutputFormat::kJson, OutputFormat::kNdjson,
                                             OutputFormat::kCsv};
const std::vector<OutputFormat> kHoldDeedFormats{OutputFormat::kTable, OutputFormat::kJson,
                                                 OutputFormat::kNdjson};
constexpr unsigned kHoldPage = 1'000;

class OrderHoldCommand : public RemoteCommand {
 public:
  OrderHoldCommand()
      : RemoteCommand{
            {.path = "order hold",
             .text = "Which orders are on hold and why; of one also what became of it",
             .footer = R"(Without an order those that are on hold or lifted; --state open shows the others.

Examples:
  chiploc order hold
  chiploc order hold O-7
  chiploc order hold --state hold --entity "Example Hosting" -o csv)",
             .formats = kHoldFormats}} {}

  void add_options(CLI::App& line, CompletionHints& hints) override {
    hints[line.add_option("order", order_, "Its id, in any case of letters")].names = NameHint::kOrders;
    const std::vector<std::string> states{"open", "hold", "lifted"};
    CLI::Option* state = line.add_option("--state", states_, "Only in these states: one, a,b or repeated");
    state->delimiter(',')->transform(CLI::IsMember(states, CLI::ignore_case))->allow_extra_args(false);
    hints[state].choices = states;
    hints[line.add_option("--licence", licence_, "Only under this licence")].names = NameHint::kLicences;
    hints[line.add_option("--entity", entity_, "Only those that name this entity, in any role")].names =
        NameHint::kEntities;
  }

 private:
  CommandResult ask(CommandContext& context) override {
    return order_.empty() ? list(context) : show(context);
  }
  CommandResult list(CommandContext& context);
  CommandResult show(CommandContext& context);
  std::string order_, licence_, entity_;
  std::vector<std::string> states_;
};

CommandResult OrderHoldCommand::list(CommandContext& context) {
  v1::ListOrderHoldsRequest request;
  request.set_page_size(kHoldPage);
  for (const std::string& state : states_) request.add_states(order_state_named(state));
  if (states_.empty()) {
    request.add_states(v1::ORDER_ON_HOLD);
    request.add_states(v1::ORDER_LIFTED);
  }
  request.set_licence(licence_);
  request.set_entity(entity_);
  RecordWriter writer{context.out, context.format, hold_columns(), context.out_colour};
  do {
    const auto page = context.client.list_order_holds(request);
    if (!page) return Fail{page.error()};
    for (const auto& hold : page->orders()) writer.add(hold_cells(hold), json_of(hold));
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  writer.finish("no such orders");
  return ExitCode::kFine;
}

CommandResult OrderHoldCommand::show(CommandContext& context) {
  if (!states_.empty() || !licence_.empty() || !entity_.empty())
    return Fail{
        CliFault{ExitCode::kUsage, "an order is asked for, or a list of orders; leave the other out"}};
  v1::GetOrderRequest request;
  request.set_order(order_);
  const auto answer = context.client.order(request);
  if (!answer) return Fail{answer.error()};
  if (!answer->has_hold()) {
    return Fail{CliFault{ExitCode::kNotFound, "nothing was ever counted of order " +
                                                  printable(answer->order().order()) +
                                                  ": none of its chips is registered"}};
  }
  if (context.format == OutputFormat::kTable) {
    context.out << "order          " << printable(answer->order().order()) << '\n';
    write_hold(context.out, answer->hold());
    if (!answer->changes().empty()) context.out << '\n';
    write_hold_changes(context.out, answer->changes());
    return ExitCode::kFine;
  }
  if (context.format != OutputFormat::kCsv) {
    write_json(context.out, context.format, hold_record(answer->hold(), answer->changes()));
    return ExitCode::kFine;
  }
  RecordWriter writer{context.out, context.format, hold_columns(), false};
  writer.add({}, json_of(answer->hold()));
  writer.finish("");
  return ExitCode::kFine;
}

/// A command that has something happen to one order, and shows how that stands after it.
class OrderDeed : public RemoteCommand {
 public:
  using RemoteCommand::RemoteCommand;
  void add_options(CLI::App& line, CompletionHints& hints) override {
    hints[line.add_option("order", order_, "Its id, in any case of letters")->required()].names =
        NameHint::kOrders;
    add_own_options(line, hints);
    line.add_option("--reason", reason_, "Why; kept with it")->required();
  }

 protected:
  template <class Request, class Response>
  CommandResult send(CommandContext& context, Request request,
                     Client::Answer<Response> (Client::*call)(const Request&), const std::string& done) {
    request.set_order(order_);
    request.set_reason(reason_);
    const std::string look = "whether it was done, 'chiploc order hold " + order_ + "' says";
    on_interrupt_say(look);
    const auto answer = (context.client.*call)(request);
    if (!answer) {
      CliFault fault = answer.error();
      if (fault.answer_lost) fault.text += "; " + look;
      return Fail{std::move(fault)};
    }
    if (context.format == OutputFormat::kTable) {
      context.out << done << ", on record\n";
      write_hold(context.out, answer->hold());
    } else {
      write_json(context.out, context.format, json_of(answer->hold()));
    }
    return ExitCode::kFine;
  }
  std::string order_, reason_;

 private:
  virtual void add_own_options(CLI::App& line, CompletionHints& hints) = 0;
};

class OrderLift final : public OrderDeed {
 public:
  OrderLift()
      : OrderDeed{
            {.path = "order lift",
             .text = "Take the hold of an order back for a time (auditors, admins)",
             .footer =
                 R"(Until then the same chips do not hold it again; others do. How long at most: lift_most_hours of [orders].

Example:
  chiploc order lift O-7 --until 30d --reason "the site was visited, ticket 4711")",
             .formats = kHoldDeedFormats}} {}

 private:
  void add_own_options(CLI::App& line, CompletionHints& /*hints*/) override {
    line.add_option("--until", until_, "The end: 2026-12-24, 2026-12-24T12:30, or 30d for in thirty days")
        ->required();
  }
  CommandResult ask(CommandContext& context) override {
    const auto until = parse_coming_moment(until_, context.now);
    if (!until) return Fail{CliFault{ExitCode::kUsage, "--until: " + until.error()}};
    v1::LiftOrderHoldRequest request;
    request.set_until_unix_ns(until->since_epoch.count());
    return send(context, request, &Client::lift_order_hold,
                "the hold is lifted until " + short_time(request.until_unix_ns()));
  }
  std::string until_;
};

class OrderOverride final : public OrderDeed {
 public:
  OrderOverride()
      : OrderDeed{
            {.path = "order override",
             .text = "Let one delivery in although its order is on hold (registrars, admins)",
             .footer =
                 R"(Of this hold alone. An import may say the same itself, in the delivery's override_reason.

Example:
  chiploc order override O-7 D-44 --reason "was on its way before the hold")",
             .formats = kHoldDeedFormats}} {}

 private:
  void add_own_options(CLI::App& line, CompletionHints& hints) override {
    hints[line.add_option("delivery", delivery_, "The delivery's id, to the letter")->required()].names =
        NameHint::kDeliveries;
  }
  CommandResult ask(CommandContext& context) override {
    v1::OverrideDeliveryRequest request;
    request.set_delivery(delivery_);
    return send(context, request, &Client::override_delivery,
                "delivery " + printable(delivery_) + " may come in");
  }
  std::string delivery_;
};

class OrderDecide final : public OrderDeed {
 public:
  OrderDecide()
      : OrderDeed{
            {.path = "order decide",
             .text = "Accept or decline that a party of an order is to be watched (auditors, admins)",
             .footer =
                 R"(The watch list itself is the registry's: import the entity with watch_since and watch_reason.

Example:
  chiploc order decide O-7 --party buyer --accept --reason "as with O-3")",
             .formats = kHoldDeedFormats}} {}

 private:
  void add_own_options(CLI::App& line, CompletionHints& hints) override {
    const std::vector<std::string> parties{"buyer", "end_user"};
    CLI::Option* party = line.add_option("--party", party_, "buyer or end_user");
    party->required()->transform(CLI::IsMember(parties, CLI::ignore_case));
    hints[party].choices = parties;
    CLI::Option* accept = line.add_flag("--accept", accept_, "It is to be on the watch list");
    line.add_flag("--decline", decline_, "It is not")->excludes(accept);
  }
  CommandResult ask(CommandContext& context) override {
    if (accept_ == decline_)
      return Fail{CliFault{ExitCode::kUsage, "--accept or --decline: say one of them"}};
    v1::DecideProposalRequest request;
    request.set_party(party_);
    request.set_accept(accept_);
    return send(context, request, &Client::decide_proposal, accept_ ? "accepted" : "declined");
  }
  std::string party_;
  bool accept_ = false, decline_ = false;
};

}  // namespace

CommandList hold_commands() {
  CommandList list;
  list.push_back(std::make_unique<OrderHoldCommand>());
  list.push_back(std::make_unique<OrderLift>());
  list.push_back(std::make_unique<OrderOverride>());
  list.push_back(std::make_unique<OrderDecide>());
  return list;
}

}  // namespace chiploc
