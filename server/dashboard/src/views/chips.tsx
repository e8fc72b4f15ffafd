// Chips, found by serial number, licence, order or state.

import type { JSX } from 'preact';
import * as api from '../api';
import { count } from '../format';
import { useLoad } from '../load';
import { Awaited, ChipLink, Heading, Table, VerdictBadge, When } from '../parts/basics';
import { link } from '../router';
import { kVerdictLooks } from '../states';

export function ChipsView({ query }: { query: URLSearchParams }): JSX.Element {
  const asked = Object.fromEntries(query);
  const page = useLoad((signal) => api.chips({ licence: asked['licence'], of_order: asked['order'], site: asked['site'], states: asked['state'], page_size: 100, with_total: true }, signal), [query.toString()]);
  const find = (event: JSX.TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const chip = String(form.get('chip') ?? '').trim();
    const by = Object.fromEntries(['licence', 'order', 'site', 'state'].map((name) => [name, String(form.get(name) ?? '').trim()]));
    location.hash = chip ? link('chip', chip) : link('chips', '', by);
  };
  const field = (name: string, title: string) => (
    <label>{title}<input name={name} defaultValue={asked[name] ?? ''} autocomplete="off" size={12} /></label>
  );
  return (
    <>
      <Heading>Chips</Heading>
      <form class="filters" onSubmit={find} key={query.toString()}>
        {field('chip', 'Serial number or id')}{field('licence', 'Licence')}{field('order', 'Order')}{field('site', 'Site')}
        <label>Newest verdict<select name="state" defaultValue={asked['state'] ?? ''}>
          <option value="">any</option>{Object.keys(kVerdictLooks).map((state) => <option value={state} key={state}>{state}</option>)}
        </select></label>
        <button type="submit">Find</button>
      </form>
      <Awaited of={page}>
        {(found) => (
          <Table caption={`${found.total === undefined || found.total === null ? '' : `${count(found.total)} in all; `}${found.next_page_token ? 'the first 100' : 'all that fit'}`}
            rows={found.chips} empty="No chip is like that."
            columns={[
              { name: 'Chip', cell: (chip) => <ChipLink id={chip.chip_id} serial={chip.serial} /> },
              { name: 'Newest verdict', cell: (chip) => (chip.last_verdict ? <VerdictBadge state={chip.last_verdict.state} expires={chip.last_verdict.expires_at} /> : 'never measured') },
              { name: 'Decided', cell: (chip) => <When at={chip.last_verdict?.decided_at} /> },
              { name: 'Countries', cell: (chip) => chip.last_verdict?.countries.join(' ') || '-' },
              { name: 'Licence', cell: (chip) => chip.licence },
              { name: 'Order', cell: (chip) => (chip.order ? <a href={link('order', chip.order)}>{chip.order}</a> : '-') },
              { name: 'Site', cell: (chip) => chip.site ?? '-' },
            ]} />
        )}
      </Awaited>
    </>
  );
}
