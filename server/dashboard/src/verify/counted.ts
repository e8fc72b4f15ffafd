// Which round trip counts, and what it proves: PROTOCOL.md, "Which sample counts".

import type { Sample } from './protobuf';

/** What an anchor's oscillator may have taken off a round trip by running slow. */
const kOscillator = 1 + 500e-6;

/** The first sample, from the shortest up, that leaves no instant in which all so far were in flight; null: none is borne out. */
export function counted(samples: readonly Sample[]): Sample | null {
  const order = samples.map((sample, i) => ({ sample, i })).sort((a, b) => a.sample.rttNs - b.sample.rttNs || a.i - b.i);
  let from = -Infinity, to = Infinity;
  for (const { sample } of order) {
    if (sample.receivedNs <= sample.sentNs) continue;
    from = Math.max(from, sample.sentNs);
    to = Math.min(to, sample.receivedNs);
    if (from > to) return sample;
  }
  return null;
}
export const boundKm = (rttNs: number, speedKmS: number) => (speedKmS * rttNs * kOscillator) / 2e9;
