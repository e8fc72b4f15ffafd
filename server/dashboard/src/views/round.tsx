// A round now: its progress as it comes, anchor by anchor; the verdict last.

import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import * as api from '../api';
import { count, ms } from '../format';
import { Heading, Problem, Table } from '../parts/basics';
import { link } from '../router';
import type { RoundEvent, Session, Verdict } from '../types';
import { VerdictInFull } from './verdict';

type Progress = Extract<RoundEvent, { event: 'progress' }>;
const kStages = ['preparing', 'waiting', 'open', 'pinging', 'reported'];

export function RoundView({ chip, session }: { chip: string; session: Session | null }): JSX.Element {
  const [started, setStarted] = useState<Extract<RoundEvent, { event: 'started' }> | null>(null);
  const [progress, setProgress] = useState<Map<string, Progress>>(new Map());
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const [fault, setFault] = useState('');
  const [running, setRunning] = useState(false);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);

  const take = (event: RoundEvent) => {
    if (event.event === 'started') {
      setStarted(event);
    } else if (event.event === 'progress') {
      setProgress((old) => new Map(old).set(event.anchor, event));
    } else if (event.event === 'verdict') {
      setVerdict(event.verdict);
    } else if (event.event === 'problem') {
      setFault(event.problem.detail || event.problem.title);
    }
  };
  const run = async () => {
    const ending = new AbortController();
    stop.current = ending;
    setRunning(true);
    setStarted(null);
    setProgress(new Map());
    setVerdict(null);
    setFault('');
    let last = '';
    try {
      for await (const event of api.verify(chip, ending.signal)) {
        last = event.event;
        take(event);
      }
      if (last !== 'verdict' && last !== 'problem') {
        setFault('The coordinator ended the answer before there was a verdict. The round goes on without this page; look at the chip in a minute.');
      }
    } catch (wrong) {
      if (!ending.signal.aborted) setFault(wrong instanceof Error ? wrong.message : String(wrong));
    }
    setRunning(false);
  };
  const rows = started ? started.anchors.map((anchor) => ({ anchor, at: progress.get(anchor) })) : [...progress].map(([anchor, at]) => ({ anchor, at }));
  const mayNot = session && session.role !== '' && !['verifier', 'admin', 'analyst'].includes(session.role);
  return (
    <>
      <Heading>A round now</Heading>
      <p>Of chip <a class="id" href={link('chip', chip)}>{chip}</a>. {mayNot && `Your role, ${session.role}, may not start rounds.`}</p>
      <div class="filters">
        <button type="button" disabled={running || Boolean(mayNot)} onClick={() => void run()}>Measure it now</button>
        {running && <button type="button" onClick={() => stop.current?.abort()}>Stop watching</button>}
      </div>
      <Problem text={fault} />
      {started && <p>{started.knock_wait_ms > 0 ? `It waits up to ${(started.knock_wait_ms / 1000).toFixed(0)} s for the chip's knock. ` : ''}{started.knock_note}</p>}
      <p role="status">{running ? `${count([...progress.values()].filter((one) => one.stage === 'reported').length)} of ${count(rows.length)} anchors have reported` : verdict ? `The verdict is ${verdict.state}.` : ''}</p>
      {rows.length > 0 && (
        <Table caption="Anchors of this round" rows={rows} empty=""
          columns={[
            { name: 'Anchor', cell: (row) => row.anchor },
            { name: 'Stage', cell: (row) => <>{row.at?.stage ?? 'preparing'} <progress max={kStages.length - 1} value={Math.max(0, kStages.indexOf(row.at?.stage ?? ''))} aria-label={`${row.anchor}: ${row.at?.stage ?? 'preparing'}`} /></> },
            { name: 'Pings', number: true, cell: (row) => count(row.at?.pings_sent ?? 0) },
            { name: 'Answers', number: true, cell: (row) => count(row.at?.pongs_received ?? 0) },
            { name: 'Least round trip', number: true, cell: (row) => ms(row.at?.rtt_min_ns ?? null) },
            { name: 'Remarks', cell: (row) => [row.at?.twice ? 'runs twice' : '', row.at?.refusal ? `the chip seems to refuse: ${row.at.refusal}` : ''].filter(Boolean).join('; ') },
          ]} />
      )}
      {verdict && <><h2>Its verdict</h2><VerdictInFull verdict={verdict} /></>}
    </>
  );
}
