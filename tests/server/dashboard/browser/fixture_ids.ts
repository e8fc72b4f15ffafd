// Names in the fixtures, looked up so that they may be recorded anew.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { kFixtures } from './server';
import type { Chip, Verdict } from '../../../../server/dashboard/src/types';

const { chips } = JSON.parse(readFileSync(join(kFixtures, 'chips.json'), 'utf8')) as { chips: Chip[] };
export const chipIn = (state: string): Chip => chips.find((chip) => chip.last_verdict?.state === state)!;
export const verdictIn = (state: string): Verdict =>
  readdirSync(join(kFixtures, 'verdicts')).filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(kFixtures, 'verdicts', name), 'utf8')) as Verdict)
    .find((verdict) => verdict.state === state)!;
