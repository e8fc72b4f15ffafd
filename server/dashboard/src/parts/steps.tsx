// The steps of checking a round, as they come.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import * as api from '../api';
import { roundOfJson } from '../verify/json_round';
import { checkRound, kStepTitles, type Outcome } from '../verify/steps';
import { Problem } from './basics';

const kWords = { good: 'holds', wrong: 'FAILS', 'not looked at': 'not looked at' };

export function Steps({ outcomes }: { outcomes: readonly Outcome[] }): JSX.Element | null {
  if (outcomes.length === 0) return null;
  return (
    <ol class="steps" aria-label="Steps">
      {outcomes.map((one, i) => (
        <li class={one.outcome === 'good' ? 'good' : one.outcome === 'wrong' ? 'wrong' : ''} data-step={one.step} data-outcome={one.outcome} key={one.step}>
          <p><strong>{i + 1}. {one.title}</strong>: {kWords[one.outcome]}</p>
          {one.said.length > 0 && <ul>{one.said.map((line) => <li class="plain" key={line}>{line}</li>)}</ul>}
        </li>
      ))}
    </ol>
  );
}

/** Asks the coordinator for a verdict's evidence, and checks it here. */
export function CheckHere({ id }: { id: string }): JSX.Element {
  const [outcomes, setOutcomes] = useState<Outcome[]>([]);
  const [fault, setFault] = useState('');
  const [busy, setBusy] = useState(false);
  const check = async () => {
    setBusy(true);
    setOutcomes([]);
    setFault('');
    try {
      for await (const one of checkRound(roundOfJson(await api.evidenceOf(id), 'the answer'))) setOutcomes((old) => [...old, one]);
    } catch (wrong) {
      setFault(wrong instanceof Error ? wrong.message : String(wrong));
    }
    setBusy(false);
  };
  const whole = outcomes.length === kStepTitles.length && outcomes.every((one) => one.outcome === 'good');
  return (
    <>
      <p><button type="button" disabled={busy} onClick={() => void check()}>Check its evidence in this browser</button></p>
      <Problem text={fault} />
      <p role="status">{whole ? 'Every step holds.' : outcomes.some((one) => one.outcome === 'wrong') ? 'A step fails.' : ''}</p>
      <Steps outcomes={outcomes} />
    </>
  );
}
