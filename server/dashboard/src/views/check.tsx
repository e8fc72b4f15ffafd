// This browser as a second verifier: evidence of a round, checked step by step, offline.

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Heading, Problem } from '../parts/basics';
import { Steps } from '../parts/steps';
import { dropped, read } from '../verify/dropped';
import { kFormats, readEvidence } from '../verify/formats';
import { hasEd25519 } from '../verify/keys';
import { checkRound, kStepTitles, type Outcome } from '../verify/steps';

export function CheckView(): JSX.Element {
  const [outcomes, setOutcomes] = useState<Outcome[]>([]);
  const [fault, setFault] = useState('');
  const [over, setOver] = useState(false);
  const [able, setAble] = useState(true);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    void hasEd25519().then(setAble);
  }, []);

  const check = async (files: Promise<File[]>) => {
    setOutcomes([]);
    setFault('');
    setBusy(true);
    try {
      const round = readEvidence(await read(await files));
      for await (const outcome of checkRound(round)) setOutcomes((old) => [...old, outcome]);
    } catch (wrong) {
      setFault(wrong instanceof Error ? wrong.message : String(wrong));
    }
    setBusy(false);
  };
  const failed = outcomes.find((one) => one.outcome === 'wrong');
  const whole = outcomes.length === kStepTitles.length && !failed;
  return (
    <>
      <Heading>Check evidence in this browser</Heading>
      <p class="lead">
        The folder that <code>chiploc verdict show VERDICT --evidence DIR</code> writes is checked here: every signature, digest and transcript.
        Nothing leaves this computer, and nothing that chiploc computed is trusted. It reads: {kFormats.map((one) => one.name).join(', ')}.
      </p>
      {!able && <p class="problem" role="alert">This browser's WebCrypto has no Ed25519. Take a newer one, or openssl as PROTOCOL.md says in section 9.</p>}
      <div class={`drop ${over ? 'over' : ''}`}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          if (event.dataTransfer) void check(dropped(event.dataTransfer));
        }}>
        <p>Drop the folder, or all of its files, here; or</p>
        <label>choose its files<input type="file" multiple disabled={busy} onChange={(event) => void check(Promise.resolve([...(event.currentTarget.files ?? [])]))} /></label>
      </div>
      <Problem text={fault} />
      <p role="status">
        {whole && <strong class="good">Every step holds.</strong>}
        {failed && <strong class="bad">The step "{failed.title}" fails: {failed.said.join(' ')}</strong>}
        {busy && 'Checking ...'}
      </p>
      <Steps outcomes={outcomes} />
      {whole && <p class="lead">What is left to believe: each anchor's word for its round trips and its place, and that the keys are whose they should be.</p>}
    </>
  );
}
