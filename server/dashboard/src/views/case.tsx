// One case: what it is about, how urgent and why, its chips, what was said, and what one may do.

import type { JSX } from 'preact';
import * as api from '../api';
import { count, words } from '../format';
import { useLoad } from '../load';
import { Awaited, ChipLink, Facts, Heading, StatusBadge, Table, VerdictLink, When } from '../parts/basics';
import { CaseDeeds } from '../parts/case_deeds';
import { link } from '../router';
import type { CaseEntry, Session } from '../types';

function Entry({ entry }: { entry: CaseEntry }): JSX.Element {
  return (
    <li>
      <p><strong>{words(entry.kind)}</strong> <When at={entry.at} />{entry.who && <> by {entry.who}</>}</p>
      {entry.said && <p>{entry.said}</p>}
      {entry.text && <p>{entry.text}</p>}
      {entry.chip_id && <p>Chip <ChipLink id={entry.chip_id} /></p>}
      {entry.verdicts.length > 0 && <p>Verdicts {entry.verdicts.map((id) => <><VerdictLink id={id} /> </>)}</p>}
      {entry.file_sha256 && <p>File of SHA-256 <span class="id">{entry.file_sha256}</span></p>}
    </li>
  );
}

export function CaseView({ name, session }: { name: string; session: Session | null }): JSX.Element {
  const found = useLoad((signal) => api.caseInFull(name, signal), [name]);
  return (
    <>
      <Heading>Case {name}</Heading>
      <Awaited of={found}>
        {(one) => (
          <>
            <p class="lead">{one.about}</p>
            <Facts rows={[
              ['state', <>{one.state} since <When at={one.since} />{one.disputed_until && <>, until <When at={one.disputed_until} /> at the most</>}</>],
              ['kind', words(one.kind)],
              ['ended by', one.ended_by],
              ['order', one.order ? <a href={link('order', one.order)}>{one.order}</a> : '-'],
              ['licence', one.licence ?? '-'],
              ['site', one.site ?? '-'],
              ['assignee', one.assignee ?? 'nobody'],
              ['opened', <When at={one.opened} age />],
              ...(one.resolved_as ? [['resolved as', words(one.resolved_as)] as [string, string]] : []),
            ]} />
            <h2>How urgent, and why</h2>
            <Table caption={`Priority ${one.priority ?? 'none'}`} rows={one.priority_reasons} empty="It has no priority."
              columns={[
                { name: 'Points', number: true, cell: (reason) => count(reason.points) },
                { name: 'For', cell: (reason) => reason.text },
              ]} />
            <h2>Its chips</h2>
            <Table caption={`${count(one.chips)} stand in it, ${count(one.chips_ever)} ever came`} rows={one.chips_shown} empty="No chip stands in it."
              columns={[
                { name: 'Chip', cell: (chip) => <ChipLink id={chip.chip_id} serial={chip.serial} /> },
                { name: 'Status', cell: (chip) => <StatusBadge state={chip.state} /> },
                { name: 'Since', cell: (chip) => <When at={chip.since} /> },
                { name: 'Proof', cell: (chip) => <a href={link('chip', chip.chip_id)}>what proves it<span hidden> of {chip.serial}</span></a> },
              ]} />
            <h2>What was done and said</h2>
            <ol class="timeline">{one.timeline.map((entry) => <Entry entry={entry} key={entry.number} />)}</ol>
            <h2>What you may do</h2>
            <CaseDeeds one={one} session={session} done={found.again} />
          </>
        )}
      </Awaited>
    </>
  );
}
