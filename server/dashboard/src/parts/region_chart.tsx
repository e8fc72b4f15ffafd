// How far a chip's proved region reached, verdict by verdict: a step line, with each verdict's shape on it. The table beside it
// says the same.

import type { JSX } from 'preact';
import { km } from '../format';
import { kShapePaths, verdictLook } from '../states';
import { utc } from '../time';
import type { Verdict } from '../types';
import { Table, VerdictBadge, VerdictLink, When } from './basics';

const kWidth = 900, kHeight = 220, kLeft = 78, kRight = 14, kTop = 14, kBottom = 30;

export interface ChartPoint {
  x: number;
  y: number;
  verdict: Verdict;
}
export interface Chart {
  points: ChartPoint[];
  ticks: { y: number; km: number }[];
}
/** Oldest first, on a logarithmic scale; what proved no region stands on the top line, "anywhere". */
export function chartOf(verdicts: readonly Verdict[]): Chart {
  const order = [...verdicts].sort((a, b) => a.decided_at.localeCompare(b.decided_at));
  const times = order.map((one) => new Date(one.decided_at).getTime());
  const from = times[0] ?? 0, span = Math.max(1, (times[times.length - 1] ?? 1) - from);
  const radii = order.flatMap((one) => (one.region ? [Math.max(1, one.region.radius_km)] : []));
  const low = Math.floor(Math.log10(Math.min(100, ...radii))), high = Math.max(low + 1, Math.log10(20_015));
  const yOf = (radius: number) => kTop + (1 - (Math.log10(Math.max(1, radius)) - low) / (high - low)) * (kHeight - kTop - kBottom);
  const ticks = [];
  for (let power = low; power <= high; ++power) ticks.push({ km: 10 ** power, y: yOf(10 ** power) });
  return {
    points: order.map((verdict, i) => ({
      x: kLeft + ((times[i]! - from) / span) * (kWidth - kLeft - kRight),
      y: verdict.region ? yOf(verdict.region.radius_km) : kTop,
      verdict,
    })),
    ticks,
  };
}

export function RegionChart({ verdicts }: { verdicts: readonly Verdict[] }): JSX.Element {
  if (verdicts.length === 0) return <p class="faint">It was never measured.</p>;
  const chart = chartOf(verdicts);
  const first = chart.points[0]!, last = chart.points[chart.points.length - 1]!;
  const line = chart.points.map((point, i) => `${i === 0 ? 'M' : 'H'}${point.x.toFixed(1)}${i === 0 ? ` ${point.y.toFixed(1)}` : `V${point.y.toFixed(1)}`}`).join('');
  return (
    <>
      <svg class="picture" viewBox={`0 0 ${kWidth} ${kHeight}`} role="img" aria-label="Radius of the proved region over time; the table below has every value">
        {chart.ticks.map((tick) => (
          <g key={tick.km}>
            <line class="p-axis" x1={kLeft} x2={kWidth - kRight} y1={tick.y} y2={tick.y} />
            <text x={kLeft - 8} y={tick.y + 4} text-anchor="end">{tick.km.toLocaleString('en-GB')} km</text>
          </g>
        ))}
        <path class="p-line" d={line} />
        {chart.points.map(({ x, y, verdict }) => {
          const look = verdictLook(verdict.state);
          return (
            <g class={look.tone} transform={`translate(${x.toFixed(1)} ${y.toFixed(1)}) scale(6)`} key={verdict.verdict_id}>
              <path d={kShapePaths[look.shape]} fill="currentColor" fill-rule="evenodd"><title>{utc(verdict.decided_at)}: {verdict.state}</title></path>
            </g>
          );
        })}
        <text x={kLeft} y={kHeight - 9}>{utc(first.verdict.decided_at)}</text>
        {chart.points.length > 1 && <text x={kWidth - kRight} y={kHeight - 9} text-anchor="end">{utc(last.verdict.decided_at)}</text>}
      </svg>
      <Table caption="Verdicts, the newest first" rows={[...chart.points].reverse()} empty=""
        columns={[
          { name: 'Decided', cell: ({ verdict }) => <When at={verdict.decided_at} /> },
          { name: 'Verdict', cell: ({ verdict }) => <VerdictLink id={verdict.verdict_id} /> },
          { name: 'State', cell: ({ verdict }) => <VerdictBadge state={verdict.state} /> },
          { name: 'Region within', number: true, cell: ({ verdict }) => (verdict.region ? km(verdict.region.radius_km) : 'none') },
          { name: 'Countries', cell: ({ verdict }) => verdict.countries.join(' ') || '-' },
          { name: 'Why', cell: ({ verdict }) => verdict.reasons.map((reason) => reason.text).join(' ') },
        ]} />
    </>
  );
}
