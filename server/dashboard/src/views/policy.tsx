// The policy in force, what was in force before, and what another one would have said.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import * as api from '../api';
import { count, many } from '../format';
import { lineDiff } from '../line_diff';
import { useLoad } from '../load';
import { Awaited, ChipLink, Facts, Heading, Problem, Table, VerdictBadge, VerdictLink, When } from '../parts/basics';
import { added, changedRounds, kNoRounds, type ReplaySum } from '../replay_sum';
import type { Policy, PolicyRecord, ReplayPage, Session } from '../types';

function Diff({ before, after }: { before: string; after: string }): JSX.Element {
  const marks = { same: ' ', gone: '-', new: '+' };
  return (
    <pre tabIndex={0} aria-label="Differences, line by line">
      {lineDiff(before.trimEnd(), after.trimEnd()).map((line, i) => (
        <span key={i} class={line.kind === 'gone' ? 'bad' : line.kind === 'new' ? 'good' : undefined}>{`${marks[line.kind]} ${line.text}\n`}</span>
      ))}
    </pre>
  );
}

/** A policy that is in no force: where it differs, and what it would have said of stored rounds. */
function Trial({ policy }: { policy: Policy }): JSX.Element {
  const [text, setText] = useState(policy.policy);
  const [days, setDays] = useState(30);
  const [sum, setSum] = useState<ReplaySum | null>(null);
  const [running, setRunning] = useState<AbortController | null>(null);
  const [fault, setFault] = useState('');
  const run = async () => {
    const stop = new AbortController();
    setRunning(stop);
    setFault('');
    let all = kNoRounds, token: string | null = null;
    const since = new Date(Date.now() - days * 86_400_000).toISOString();
    setSum(all);
    try {
      do {
        const page: ReplayPage = await api.replayPolicy(text, since, token);
        all = added(all, page);
        setSum(all);
        token = page.next_page_token;
      } while (token && !stop.signal.aborted);
    } catch (wrong) {
      setFault(wrong instanceof Error ? wrong.message : String(wrong));
    }
    setRunning(null);
  };
  return (
    <>
      <label>Another policy, as TOML<textarea value={text} rows={8} spellcheck={false} onInput={(event) => setText(event.currentTarget.value)} /></label>
      {text.trimEnd() !== policy.policy.trimEnd() && <Diff before={policy.policy} after={text} />}
      <div class="filters">
        <label>Rounds of so many days<input type="number" min={1} max={3650} value={days} onInput={(event) => setDays(Math.max(1, event.currentTarget.valueAsNumber || 1))} /></label>
        <button type="button" disabled={running !== null} onClick={() => void run()}>What would it have said?</button>
        {running && <button type="button" onClick={() => running.abort()}>Stop</button>}
      </div>
      <Problem text={fault} />
      {sum && (
        <>
          <p role="status">{many(sum.rounds, 'round')} judged again{running ? ' so far' : ''}; {many(changedRounds(sum), 'round')} would have another state.</p>
          <Table caption="By state" rows={sum.moved} empty="No round was judged."
            columns={[
              { name: 'Was', cell: (one) => <VerdictBadge state={one.was} /> },
              { name: 'Would be', cell: (one) => <VerdictBadge state={one.would_be} /> },
              { name: 'Rounds', number: true, cell: (one) => count(one.rounds) },
            ]} />
          {sum.unjudged.length > 0 && <Table caption="Not judged" rows={sum.unjudged} empty="" columns={[{ name: 'Why', cell: (one) => one.why }, { name: 'Rounds', number: true, cell: (one) => count(one.rounds) }]} />}
          {sum.changes.length > 0 && (
            <Table caption="Chips that it would concern" rows={sum.changes} empty=""
              columns={[
                { name: 'Chip', cell: (one) => <ChipLink id={one.chip_id} serial={one.serial} /> },
                { name: 'Verdict', cell: (one) => <VerdictLink id={one.verdict_id} /> },
                { name: 'Was', cell: (one) => <VerdictBadge state={one.was} /> },
                { name: 'Would be', cell: (one) => <VerdictBadge state={one.would_be} /> },
              ]} />
          )}
        </>
      )}
    </>
  );
}

export function PolicyView({ session }: { session: Session | null }): JSX.Element {
  const policy = useLoad((signal) => api.policy(signal), []);
  const records = useLoad((signal) => api.policies(signal), []);
  return (
    <>
      <Heading>Policy</Heading>
      <Awaited of={policy}>
        {(now) => (
          <>
            <Facts rows={[
              ['in force', now.version],
              ['number', now.number === 0 ? 'of chiplocd.toml; none was activated' : <>{now.number}, since <When at={now.activated_at} /></>],
              ['SHA-256', <span class="id">{now.sha256}</span>],
            ]} />
            <pre tabIndex={0} aria-label="The policy in force">{now.policy}</pre>
            {Object.entries(now.sections).map(([name, section]) => (
              <details key={name}><summary>{name}, of {section.of}</summary><pre tabIndex={0} aria-label={`Section ${name}`}>{section.configured}</pre></details>
            ))}
            <h2>Another policy</h2>
            {session && session.role !== '' && !['auditor', 'admin'].includes(session.role) && <p class="faint">Your role, {session.role}, may not have rounds judged again.</p>}
            <Trial policy={now} />
          </>
        )}
      </Awaited>
      <h2>What was in force, and who changed it</h2>
      <Awaited of={records}>
        {(page) => (page.policies.length === 0 ? <p class="faint">No policy was ever activated.</p> : (
          <ol class="timeline">
            {page.policies.map((one: PolicyRecord, i) => (
              <li key={one.number}>
                <p><strong>{one.number}</strong> <When at={one.at} /> by {one.by}: {one.reason}</p>
                {one.differences.length > 0 ? <ul>{one.differences.map((line) => <li key={line}>{line}</li>)}</ul> : <p class="faint">{one.number === 1 ? 'The first; chiplocd.toml before.' : 'No differences are recorded.'}</p>}
                {page.policies[i + 1] && <details><summary>Line by line</summary><Diff before={page.policies[i + 1]!.policy} after={one.policy} /></details>}
              </li>
            ))}
          </ol>
        ))}
      </Awaited>
    </>
  );
}
