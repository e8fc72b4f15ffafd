// One order: delivered, measured, drifted, and whether the rest of it is held.

import type { JSX } from 'preact';
import * as api from '../api';
import { count, many } from '../format';
import { useLoad } from '../load';
import { Awaited, Facts, Heading, StatusBadge, Table, VerdictBadge, When } from '../parts/basics';
import { link } from '../router';
import { statusLook } from '../states';
import type { OrderHold, OrderInFull } from '../types';

/** Shares of the whole order, as one bar. The tables say the same. */
function Progress({ order, hold }: { order: OrderInFull; hold: OrderHold }): JSX.Element {
  const accused = ['drifted', 'prohibited', 'tampered', 'disputed'].reduce((sum, state) => sum + (hold.chips_by_status[state] ?? 0), 0);
  const good = hold.chips_by_status['compliant'] ?? 0;
  const parts: [string, string, number][] = [
    ['good', 'proved', good], ['bad', 'accused', accused], ['open', 'measured, neither', Math.max(0, hold.measured - good - accused)],
    ['none', 'not measured', Math.max(0, hold.chips - hold.measured)],
  ];
  const most = Math.max(1, order.quantity);
  let at = 0;
  return (
    <>
      <div class="bar" role="img" aria-label={`Of ${order.quantity} ordered: ${parts.map(([, name, n]) => `${n} ${name}`).join(', ')}, ${Math.max(0, order.quantity - order.delivered)} not delivered`}>
        <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
          {parts.map(([tone, name, n]) => {
            const x = at;
            at += (100 * n) / most;
            return <rect class={tone} fill="currentColor" x={x} width={(100 * n) / most} height="10" key={name} />;
          })}
        </svg>
      </div>
      <ul class="legend">{parts.map(([tone, name, n]) => <li key={name}><strong class={tone}>{count(n)}</strong> {name}</li>)}
        <li><strong>{count(Math.max(0, order.quantity - order.delivered))}</strong> not delivered yet</li></ul>
    </>
  );
}
const states = (chips: Record<string, number>) => Object.entries(chips).filter(([, n]) => n > 0);

export function OrderView({ name }: { name: string }): JSX.Element {
  const found = useLoad((signal) => api.order(name, signal), [name]);
  return (
    <>
      <Heading>Order {name}</Heading>
      <Awaited of={found}>
        {(order) => (
          <>
            {order.hold && (
              <>
                <p class={order.hold.hold === 'hold' ? 'problem' : 'notice'}>
                  <strong>{order.hold.hold === 'hold' ? 'On hold' : order.hold.hold}</strong> since <When at={order.hold.since} />: {order.hold.why} {order.hold.ended_by}
                </p>
                <Progress order={order} hold={order.hold} />
                <h2>By site</h2>
                <Table caption={`${many(order.hold.measured, 'chip')} of ${count(order.hold.chips)} measured`} rows={order.hold.sites} empty="No chips yet."
                  columns={[
                    { name: 'Site', cell: (site) => site.site ?? '-' },
                    { name: 'Chips', number: true, cell: (site) => count(site.chips) },
                    { name: 'Measured', number: true, cell: (site) => count(site.measured) },
                    { name: 'Held for', cell: (site) => states(site.chips_by_status).map(([state, n]) => <><span class={statusLook(state).tone}>{count(n)}</span> <StatusBadge state={state} /> </>) },
                  ]} />
              </>
            )}
            <h2>Delivered</h2>
            <Table caption={`${count(order.delivered)} of ${count(order.quantity)} delivered`} rows={order.delivered_at} empty="Nothing was delivered yet."
              columns={[
                { name: 'Site', cell: (row) => row.site },
                { name: 'Deliveries', number: true, cell: (row) => count(row.deliveries) },
                { name: 'Quantity', number: true, cell: (row) => count(row.quantity) },
                { name: 'Newest verdicts', cell: (row) => states(row.chips_by_state).map(([state, n]) => <>{count(n)} <VerdictBadge state={state} /> </>) },
              ]} />
            <p><a href={link('chips', '', { order: order.order })}>Its chips</a></p>
            {order.hold && order.hold.proposals.length > 0 && (
              <Table caption="Parties that are proposed to be watched" rows={order.hold.proposals} empty=""
                columns={[{ name: 'Party', cell: (row) => row.party }, { name: 'Entity', cell: (row) => row.entity }, { name: 'State', cell: (row) => row.state }, { name: 'Since', cell: (row) => <When at={row.since} /> }]} />
            )}
            <h2>In the registry</h2>
            <Facts rows={[
              ['licence', order.licence], ['exporter', order.exporter], ['buyer', order.buyer], ['end user', order.end_user],
              ['operator', order.operator ?? '-'], ['placed', order.placed],
            ]} />
          </>
        )}
      </Awaited>
    </>
  );
}
