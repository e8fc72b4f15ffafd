// One chip: what it is held for, what proves it and what would resolve it, its regions over time, its history.

import type { JSX } from 'preact';
import * as api from '../api';
import { useLoad } from '../load';
import { Awaited, Facts, Heading, StatusBadge, Table, VerdictLink, When } from '../parts/basics';
import { RegionChart } from '../parts/region_chart';
import { link } from '../router';
import { statusLook } from '../states';
import type { ChipStatus } from '../types';
import { VerdictInFull } from './verdict';

function Status({ status }: { status: ChipStatus }): JSX.Element {
  const absences = [...(status.absences ?? []), ...(status.past_absences ?? [])];
  return (
    <>
      <p><StatusBadge state={status.state} /> since <When at={status.since} />: {statusLook(status.state).text}</p>
      <Facts rows={[
        ['why', status.why],
        ['rests on', status.rests_on.length > 0 ? status.rests_on.map((id) => <><VerdictLink id={id} /> </>) : 'no verdict'],
        ['ends', status.ended_by],
        ['next', status.next ? <><StatusBadge state={status.next} /> <When at={status.next_at} age />, if nothing happens</> : '-'],
      ]} />
      {absences.length > 0 && (
        <Table caption="Declared absences" rows={absences} empty=""
          columns={[
            { name: 'From', cell: (one) => <When at={one.from} /> }, { name: 'Until', cell: (one) => <When at={one.until} /> },
            { name: 'Kind', cell: (one) => one.kind }, { name: 'Reason', cell: (one) => one.reason ?? '-' },
          ]} />
      )}
    </>
  );
}

export function ChipView({ name }: { name: string }): JSX.Element {
  const found = useLoad((signal) => api.chip(name, signal), [name]);
  const id = found.value?.chip_id ?? '';
  const verdicts = useLoad(async (signal) => (id ? api.verdicts({ chip: id, page_size: 50 }, signal) : null), [id]);
  const changes = useLoad(async (signal) => (id ? api.statusChanges({ chip: id, page_size: 100 }, signal) : null), [id]);
  return (
    <>
      <Heading>Chip {found.value?.serial || name}</Heading>
      <Awaited of={found}>
        {(chip) => (
          <>
            {chip.status && <Status status={chip.status} />}
            <p><a href={link('round', chip.chip_id)}>Measure it now</a></p>
            <h2>What its newest verdict says</h2>
            {chip.last_verdict ? <VerdictInFull verdict={chip.last_verdict} /> : <p>It was never measured.</p>}
            <h2>Its regions over time</h2>
            <Awaited of={verdicts}>{(page) => <RegionChart verdicts={page?.verdicts ?? []} />}</Awaited>
            <h2>What it was held for</h2>
            <Awaited of={changes}>
              {(page) => (
                <Table caption="Changes of its status, the newest first" rows={page?.changes ?? []} empty="Its status has not changed."
                  columns={[
                    { name: 'At', cell: (row) => <When at={row.at} /> },
                    { name: 'From', cell: (row) => <StatusBadge state={row.from} /> },
                    { name: 'To', cell: (row) => <StatusBadge state={row.to} /> },
                    { name: 'Why', cell: (row) => row.why },
                  ]} />
              )}
            </Awaited>
            <h2>In the registry</h2>
            <Facts rows={[
              ['chip', <span class="id">{chip.chip_id}</span>], ['serial', chip.serial], ['maker', chip.maker], ['model', chip.model],
              ['ECCN', chip.eccn ?? '-'], ['licence', chip.licence], ['site', chip.site ?? '-'],
              ['order', chip.order ? <a href={link('order', chip.order)}>{chip.order}</a> : '-'], ['delivery', chip.delivery ?? '-'],
              ['reach', chip.reach], ['last knock', <><When at={chip.last_knock_at} /> <span class="faint">unsigned</span></>],
            ]} />
          </>
        )}
      </Awaited>
    </>
  );
}
