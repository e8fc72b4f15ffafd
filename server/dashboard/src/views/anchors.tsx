// Anchors: whether each is well, and which contradict what is registered of them.

import type { JSX } from 'preact';
import * as api from '../api';
import { count, km, many, place } from '../format';
import { useLoad } from '../load';
import { Awaited, Heading, Table, When } from '../parts/basics';
import type { Anchor } from '../types';

const kSoonMs = 7 * 86_400_000;

/** What is the matter with one, in words; empty: it is well. */
export function problemsOf(anchor: Anchor, now: number): string[] {
  const out: string[] = [];
  if (!anchor.connected) out.push('not connected');
  if (anchor.place_problem) out.push(`its place contradicts the mesh: ${anchor.place_problem}`);
  if (anchor.twice_seen_at) out.push(`runs twice: ${anchor.twice_addresses.join(', ')}`);
  if (anchor.spool_dropped > 0) out.push(`${count(anchor.spool_dropped)} reports dropped`);
  if (anchor.certificate_until) {
    const left = new Date(anchor.certificate_until).getTime() - now;
    if (left <= 0) out.push('its certificate has ended');
    else if (left < kSoonMs) out.push('its certificate ends soon');
  }
  return out;
}

export function AnchorsView(): JSX.Element {
  const anchors = useLoad((signal) => api.anchors(signal), []);
  const now = Date.now();
  return (
    <>
      <Heading>Anchors</Heading>
      <Awaited of={anchors}>
        {(page) => {
          const rows = [...page.anchors].sort((a, b) => problemsOf(b, now).length - problemsOf(a, now).length);
          const unwell = rows.filter((anchor) => problemsOf(anchor, now).length > 0).length;
          const contradicted = rows.filter((anchor) => anchor.place_problem).length;
          return (
            <>
              <ul class="tiles">
                <li><span class="figure">{count(rows.filter((a) => a.connected).length)}</span>of {many(rows.length, 'anchor')} connected</li>
                <li><span class="figure">{count(unwell)}</span>not well</li>
                <li><span class="figure">{count(contradicted)}</span>contradicted by the mesh</li>
                <li><span class="figure">{count(new Set(rows.map((a) => `${a.operator_name}`)).size)}</span>operators: as many perspectives at most</li>
              </ul>
              <Table caption="Those that are not well first" rows={rows} empty="There are no anchors."
                columns={[
                  { name: 'Anchor', cell: (a) => a.anchor },
                  { name: 'Well', cell: (a) => {
                    const problems = problemsOf(a, now);
                    return problems.length === 0 ? <span class="good">yes</span> : <span class="bad">no: {problems.join('; ')}</span>;
                  } },
                  { name: 'Place', cell: (a) => <>{place(a.place)}, within {km(a.uncertainty_km)}</> },
                  { name: 'Operator', cell: (a) => a.operator_name },
                  { name: 'Network', cell: (a) => a.network },
                  { name: 'Last seen', cell: (a) => <When at={a.last_seen_at} age /> },
                  { name: 'Certificate until', cell: (a) => <When at={a.certificate_until} /> },
                  { name: 'Refused', cell: (a) => Object.entries(a.refused).map(([why, n]) => `${why} ${count(n)}`).join(', ') || '-' },
                  { name: 'Version', cell: (a) => a.software_version || '-' },
                ]} />
            </>
          );
        }}
      </Awaited>
    </>
  );
}
