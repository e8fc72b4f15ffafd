// What changed: the day at a glance, and every change of a status.

import type { JSX } from 'preact';
import * as api from '../api';
import { count, many, words } from '../format';
import { useLoad } from '../load';
import { Awaited, ChipLink, Heading, StatusBadge, Table, VerdictLink, When } from '../parts/basics';
import { link } from '../router';

export function ChangesView(): JSX.Element {
  const summary = useLoad((signal) => api.summary(signal), []);
  const changes = useLoad((signal) => api.statusChanges({ page_size: 100 }, signal), []);
  return (
    <>
      <Heading>What changed</Heading>
      <Awaited of={summary}>
        {(day) => (
          <>
            <p>As of <When at={day.at} />; changes since <When at={day.since} />. {many(day.chips, 'chip')}, {count(day.never_measured)} never measured.</p>
            <Table caption="Chips by what they are held for" empty="" rows={Object.entries(day.statuses).filter(([, row]) => row.chips + row.entered + row.left > 0)}
              columns={[
                { name: 'Status', cell: ([state]) => <StatusBadge state={state} /> },
                { name: 'Chips', number: true, cell: ([, row]) => count(row.chips) },
                { name: 'Came', number: true, cell: ([, row]) => (row.entered ? `+${count(row.entered)}` : '') },
                { name: 'Went', number: true, cell: ([, row]) => (row.left ? `-${count(row.left)}` : '') },
              ]} />
            <h2>Waits for somebody</h2>
            <Table caption={`Open cases, ${day.open_cases_total} in all`} empty="No case is open." rows={day.open_cases}
              columns={[
                { name: 'Case', cell: (row) => <a href={link('case', row.case)}>{row.case}</a> },
                { name: 'Priority', number: true, cell: (row) => row.priority ?? '-' },
                { name: 'About', cell: (row) => row.about },
                { name: 'Chips', number: true, cell: (row) => count(row.chips) },
                { name: 'Of', cell: (row) => row.assignee ?? 'nobody' },
              ]} />
            <Table caption={`Orders on hold, ${day.orders_on_hold_total} in all`} empty="No order is on hold." rows={day.orders_on_hold}
              columns={[
                { name: 'Order', cell: (row) => <a href={link('order', row.order)}>{row.order}</a> },
                { name: 'Since', cell: (row) => <When at={row.since} /> },
                { name: 'Why', cell: (row) => row.why },
              ]} />
            <Table caption={`Runs out soon, ${day.runs_out_total} in all`} empty="Nothing runs out soon." rows={day.runs_out}
              columns={[
                { name: 'What', cell: (row) => words(row.what) },
                { name: 'Name', cell: (row) => row.name },
                { name: 'When', cell: (row) => <When at={row.at} age /> },
              ]} />
            <Table caption={`Anchors that are not well, ${day.anchors_unwell_total} of ${day.anchors}`} empty={`All ${day.anchors} anchors are well.`} rows={day.anchors_unwell}
              columns={[
                { name: 'Anchor', cell: (row) => <a href={link('anchors')}>{row.anchor}</a> },
                { name: 'Problems', cell: (row) => row.problems.join('; ') },
              ]} />
          </>
        )}
      </Awaited>
      <h2>Changes of statuses</h2>
      <Awaited of={changes}>
        {(page) => (
          <Table caption={`The newest first${page.next_page_token ? '; there are more: chiploc chip changes' : ''}`} empty="No status has changed." rows={page.changes}
            columns={[
              { name: 'At', cell: (row) => <When at={row.at} /> },
              { name: 'Chip', cell: (row) => <ChipLink id={row.chip_id} serial={row.serial} /> },
              { name: 'From', cell: (row) => <StatusBadge state={row.from} /> },
              { name: 'To', cell: (row) => <StatusBadge state={row.to} /> },
              { name: 'Why', cell: (row) => row.why },
              { name: 'Rests on', cell: (row) => row.rests_on.map((id) => <><VerdictLink id={id} /> </>) },
            ]} />
        )}
      </Awaited>
    </>
  );
}
