// One verdict: what was decided, why, and on what.

import type { JSX } from 'preact';
import * as api from '../api';
import { km, many, ms, percent, place, words } from '../format';
import { useLoad } from '../load';
import { Awaited, ChipLink, Facts, Heading, Table, VerdictBadge, When } from '../parts/basics';
import { CheckHere } from '../parts/steps';
import { AnchorTable, VerdictPicture } from '../parts/verdict_picture';
import { link } from '../router';
import { verdictLook } from '../states';
import type { Verdict } from '../types';

function Proof({ verdict }: { verdict: Verdict }): JSX.Element {
  const { region } = verdict;
  return (
    <Facts rows={[
      ['speed', `nothing is faster than ${Math.round(verdict.speed_km_s).toLocaleString('en-GB')} km/s (${verdict.speed_name})`],
      ['may be wrong', `holds with any ${many(verdict.fault_budget, 'perspective')} wrong; the most it can bear is ${verdict.fault_budget_max}`],
      ['hinges on', verdict.hinges.length > 0 ? verdict.hinges.join(', ') : 'no single anchor'],
      ['region', region ? `within ${km(region.radius_km)} of ${place(region.centre)}` : 'none was proved, or your role does not see it'],
      ['countries', verdict.countries.length > 0 ? verdict.countries.join(', ') : '-'],
      ['licensed', verdict.licensed.join(', ') || 'nowhere'],
      ['margin', verdict.margin_km === null ? '-' : `at least ${km(verdict.margin_km)} to the nearest land that would change this`],
      ['excluded', verdict.prohibited_margins.map((one) => `${one.territory}, by ${km(one.distance_km)}`).join('; ') || '-'],
    ]} />
  );
}
function Suggested({ verdict }: { verdict: Verdict }): JSX.Element | null {
  const { estimate, posterior } = verdict;
  if (!estimate && !posterior) return null;
  return (
    <>
      <h2>What delays suggest, and do not prove</h2>
      <p class="lead faint">Whoever adds delay can shift this. No state rests on it.</p>
      <Facts rows={[
        ...(estimate ? [
          ['fit', estimate.converged ? `${place(estimate.place)}, nearest country ${estimate.nearest_country}` : 'none'] as [string, string],
          ['spread', `${km(estimate.east_sd_km)} east, ${km(estimate.north_sd_km)} north (1 sd)`] as [string, string],
        ] : []),
        ...(posterior ? [
          ['countries', posterior.countries.map((one) => `${one.country} ${percent(one.probability)}`).join(', ')] as [string, string],
          ['common delay', `${posterior.common_delay_ms.toFixed(1)} ms beyond what is usual`] as [string, string],
        ] : []),
      ]} />
    </>
  );
}
function Resolves({ verdict }: { verdict: Verdict }): JSX.Element | null {
  if (verdict.would_resolve.length === 0 && verdict.resolutions.length === 0) return null;
  return (
    <>
      <h2>What would resolve it</h2>
      <ul>{verdict.would_resolve.map((text) => <li key={text}>{text}</li>)}</ul>
      {verdict.resolutions.length > 0 && (
        <Table caption="By round trips, the cheapest first" rows={verdict.resolutions.flatMap((one) => one.by.map((by) => ({ one, by })))} empty=""
          columns={[
            { name: 'Anchor', cell: ({ by }) => by.anchor ?? `a new one near ${place(by.near)}` },
            { name: 'In', cell: ({ by }) => by.country ?? '-' },
            { name: 'Round trip below', number: true, cell: ({ by }) => ms(by.rtt_below_ns) },
            { name: 'Usual there', number: true, cell: ({ by }) => ms(by.rtt_usual_ns) },
            { name: 'Would exclude', cell: ({ one }) => one.excludes.join(', ') || 'makes the region smaller' },
          ]} />
      )}
    </>
  );
}
function Silent({ verdict }: { verdict: Verdict }): JSX.Element | null {
  const { silence } = verdict;
  if (!silence) return null;
  return (
    <>
      <h2>Why it may be silent</h2>
      <ul>{silence.causes.map((cause) => <li key={cause.code}>{cause.text} <span class="faint">{words(cause.code)}</span></li>)}</ul>
      <Facts rows={[
        ['came to', words(silence.reached)],
        ['last knock', <><When at={silence.last_knock_at} /> <span class="faint">unsigned</span></>],
        ['last proof of its key', <When at={silence.last_proof_at} />],
        ['pings answered', `${silence.pings_answered} of ${silence.pings_sent}`],
      ]} />
    </>
  );
}

/** All that a verdict says, under whatever heading. */
export function VerdictInFull({ verdict }: { verdict: Verdict }): JSX.Element {
  return (
    <>
      <p><VerdictBadge state={verdict.state} expires={verdict.expires_at} /> {verdictLook(verdict.state).text}; decided <When at={verdict.decided_at} />, good until <When at={verdict.expires_at} /></p>
      <ul>{verdict.reasons.map((reason) => <li key={reason.code}>{reason.text} <span class="faint">{words(reason.code)}</span></li>)}</ul>
      <VerdictPicture verdict={verdict} />
      <h2>What is proved</h2>
      <Proof verdict={verdict} />
      {verdict.holders.length > 0 && (
        <Table caption="Two holders of the key showed" rows={verdict.holders} empty=""
          columns={[
            { name: 'Region', cell: (one) => (one.region ? `within ${km(one.region.radius_km)} of ${place(one.region.centre)}` : 'nowhere is excluded') },
            { name: 'Countries', cell: (one) => one.countries.join(' ') },
            { name: 'From', cell: (one) => <When at={one.from} /> }, { name: 'To', cell: (one) => <When at={one.to} /> },
          ]} />
      )}
      <h2>Round trips</h2>
      <AnchorTable verdict={verdict} />
      <Silent verdict={verdict} />
      <Suggested verdict={verdict} />
      <Resolves verdict={verdict} />
    </>
  );
}

export function VerdictView({ id }: { id: string }): JSX.Element {
  const found = useLoad((signal) => api.verdict(id, signal), [id]);
  return (
    <>
      <Heading>Verdict {id.slice(0, 8)}</Heading>
      <Awaited of={found}>
        {(verdict) => (
          <>
            <p>Of chip <ChipLink id={verdict.chip_id} serial={verdict.serial} />, licence {verdict.licence ?? '-'} of {verdict.licence_holder ?? '-'}</p>
            <VerdictInFull verdict={verdict} />
            <h2>Record</h2>
            <Facts rows={[
              ['verdict', <span class="id">{verdict.verdict_id}</span>],
              ['round', <span class="id">{verdict.round_id}</span>],
              ['software', verdict.software_version], ['borders', verdict.borders_version], ['policy', verdict.policy_version],
              ['requested by', verdict.requested_by ? <>{verdict.requested_by.name} at <When at={verdict.requested_by.at} /></> : '-'],
            ]} />
            <h2>Evidence</h2>
            <CheckHere id={verdict.verdict_id} />
            <p>Its evidence as files: <code>chiploc verdict show {verdict.verdict_id.slice(0, 12)} --evidence DIR</code>; drop DIR on <a href={link('check')}>Check evidence</a>, and this browser checks it by itself.</p>
          </>
        )}
      </Awaited>
    </>
  );
}
