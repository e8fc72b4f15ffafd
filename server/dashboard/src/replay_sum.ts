// What another policy would have said: the pages of a replay, added up.

import type { ReplayPage, VerdictState } from './types';

export interface ReplaySum {
  rounds: number;
  moved: { was: VerdictState; would_be: VerdictState; rounds: number }[];
  unjudged: { why: string; rounds: number }[];
  changes: ReplayPage['changes'];
}
export const kNoRounds: ReplaySum = { rounds: 0, moved: [], unjudged: [], changes: [] };
const kMostChanges = 500;

export function added(sum: ReplaySum, page: ReplayPage): ReplaySum {
  const into = <T extends { rounds: number }>(old: T[], more: readonly T[], key: (one: T) => string): T[] => {
    const out = new Map(old.map((one) => [key(one), { ...one }]));
    for (const one of more) {
      const same = out.get(key(one));
      if (same) same.rounds += one.rounds;
      else out.set(key(one), { ...one });
    }
    return [...out.values()];
  };
  return {
    rounds: [...page.moved, ...page.unjudged].reduce((all, one) => all + one.rounds, sum.rounds),
    moved: into(sum.moved, page.moved, (one) => `${one.was} ${one.would_be}`),
    unjudged: into(sum.unjudged, page.unjudged, (one) => one.why),
    changes: [...sum.changes, ...page.changes].slice(0, kMostChanges),
  };
}
export const changedRounds = (sum: ReplaySum) =>
  sum.moved.reduce((all, one) => all + (one.was === one.would_be ? 0 : one.rounds), 0);
