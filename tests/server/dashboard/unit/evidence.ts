// Evidence that a lab's real programs left behind, and ways to damage it.
import { readFileSync, readdirSync } from 'node:fs';
import { checkRound, type Outcome } from '../../../../server/dashboard/src/verify/steps';
import { readEvidence } from '../../../../server/dashboard/src/verify/formats';

const folder = new URL('../fixtures/evidence/', import.meta.url);

export function evidence(name: string): Map<string, Uint8Array> {
  const at = new URL(`${name}/`, folder);
  return new Map(readdirSync(at).map((file) => [file, new Uint8Array(readFileSync(new URL(file, at)))]));
}
/** The same with the bit at `at` of one file turned over; from the end if negative. */
export function flipped(files: Map<string, Uint8Array>, name: string, at: number): Map<string, Uint8Array> {
  const bytes = Uint8Array.from(files.get(name)!);
  const place = at < 0 ? bytes.length + at : at;
  bytes[place]! ^= 1;
  return new Map([...files, [name, bytes]]);
}
export async function outcomes(files: Map<string, Uint8Array>): Promise<Outcome[]> {
  const out: Outcome[] = [];
  for await (const one of checkRound(readEvidence(files))) out.push(one);
  return out;
}
/** The step that fails; "" if none does. */
export async function failing(files: Map<string, Uint8Array>): Promise<string> {
  return (await outcomes(files)).find((one) => one.outcome === 'wrong')?.step ?? '';
}
