// The case queue: the most urgent first.

import type { JSX } from 'preact';
import * as api from '../api';
import { count, words } from '../format';
import { useLoad } from '../load';
import { Awaited, Heading, Table, When } from '../parts/basics';
import { link } from '../router';

const kStates: [string, string][] = [['open,disputed', 'to be worked on'], ['open', 'open'], ['disputed', 'disputed'], ['resolved', 'resolved'], ['', 'all']];

export function CasesView({ query }: { query: URLSearchParams }): JSX.Element {
  const state = query.get('state') ?? 'open,disputed';
  const kind = query.get('kind') ?? '';
  const cases = useLoad((signal) => api.cases({ states: state.split(','), kinds: kind, page_size: 100 }, signal), [state, kind]);
  const go = (name: string, value: string) => {
    const next = new URLSearchParams(query);
    next.set(name, value);
    location.hash = link('cases', '', Object.fromEntries(next));
  };
  const kinds = ['elsewhere', 'another_user', 'tampering', 'spoofing', 'blocking', 'misleading', 'unproven'];
  return (
    <>
      <Heading>Cases</Heading>
      <div class="filters">
        <label>State<select value={state} onChange={(event) => go('state', event.currentTarget.value)}>
          {kStates.map(([value, title]) => <option value={value} key={value}>{title}</option>)}
        </select></label>
        <label>Kind<select value={kind} onChange={(event) => go('kind', event.currentTarget.value)}>
          <option value="">all</option>
          {kinds.map((one) => <option value={one} key={one}>{words(one)}</option>)}
        </select></label>
      </div>
      <Awaited of={cases}>
        {(page) => (
          <Table caption={`The most urgent first${page.next_page_token ? '; there are more: chiploc case list' : ''}`} rows={page.cases} empty="No case is like that."
            columns={[
              { name: 'Case', cell: (one) => <a href={link('case', one.case)}>{one.case}</a> },
              { name: 'Priority', number: true, cell: (one) => one.priority ?? '-' },
              { name: 'About', cell: (one) => <>{one.about} <span class="faint">{words(one.kind)}</span></> },
              { name: 'State', cell: (one) => one.state },
              { name: 'Chips', number: true, cell: (one) => count(one.chips) },
              { name: 'Order', cell: (one) => (one.order ? <a href={link('order', one.order)}>{one.order}</a> : '-') },
              { name: 'Site', cell: (one) => one.site ?? '-' },
              { name: 'Opened', cell: (one) => <When at={one.opened} /> },
              { name: 'Of', cell: (one) => one.assignee ?? 'nobody' },
            ]} />
        )}
      </Awaited>
    </>
  );
}
