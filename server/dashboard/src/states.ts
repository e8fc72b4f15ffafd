// What verdicts and statuses are called and look like. Never colour alone: each has a shape and a word.

import type { ChipState, VerdictState } from './types';

export type Tone = 'good' | 'open' | 'bad' | 'none';
export type Shape = 'circle' | 'ring' | 'square' | 'triangle' | 'diamond' | 'cross' | 'bar' | 'hexagon';
export interface Look {
  tone: Tone;
  shape: Shape;
  text: string;
}

export const kVerdictLooks: Record<VerdictState, Look> = {
  VERIFIED: { tone: 'good', shape: 'circle', text: 'proved to be inside the licensed territory' },
  CLEARED: { tone: 'good', shape: 'ring', text: 'proved to be outside every prohibited territory' },
  UNRESOLVED: { tone: 'open', shape: 'square', text: 'not proved either way' },
  OUTSIDE: { tone: 'bad', shape: 'triangle', text: 'proved to be outside the licensed territory' },
  PROHIBITED: { tone: 'bad', shape: 'diamond', text: 'proved to be inside prohibited territory' },
  SILENT: { tone: 'open', shape: 'bar', text: 'did not answer' },
  INVALID: { tone: 'bad', shape: 'cross', text: 'the evidence fails' },
};
export const kStatusLooks: Record<ChipState, Look> = {
  pending: { tone: 'none', shape: 'ring', text: 'nothing is due yet' },
  compliant: { tone: 'good', shape: 'circle', text: 'a proof is in force' },
  unproven: { tone: 'open', shape: 'square', text: 'answers, and proves nothing for too long' },
  overdue: { tone: 'open', shape: 'hexagon', text: 'no verdict for too long' },
  silent: { tone: 'open', shape: 'bar', text: 'does not answer' },
  drifted: { tone: 'bad', shape: 'triangle', text: 'proved to be outside its licence' },
  prohibited: { tone: 'bad', shape: 'diamond', text: 'proved to be in prohibited territory' },
  tampered: { tone: 'bad', shape: 'cross', text: 'evidence of tampering' },
  disputed: { tone: 'open', shape: 'diamond', text: 'accused, and disputed' },
  absent: { tone: 'none', shape: 'ring', text: 'declared to be absent' },
};
const kUnknown: Look = { tone: 'none', shape: 'ring', text: 'a state that this page does not know' };
export const kExpired: Look = { tone: 'none', shape: 'ring', text: 'the newest verdict has expired' };

export const verdictLook = (state: string): Look => kVerdictLooks[state as VerdictState] ?? kUnknown;
export const statusLook = (state: string): Look => kStatusLooks[state as ChipState] ?? kUnknown;

/** What a mark of several chips shows: the gravest. Later is graver. "" stands for chips without a verdict that is good. */
export const kMapStates = ['', 'VERIFIED', 'CLEARED', 'UNRESOLVED', 'SILENT', 'INVALID', 'OUTSIDE', 'PROHIBITED'] as const;
export type MapState = (typeof kMapStates)[number];
export const mapLook = (state: MapState): Look => (state === '' ? kExpired : kVerdictLooks[state]);
export const mapName = (state: MapState) => (state === '' ? 'none in force' : state);

/** A shape as an SVG path, and for Path2D: about (0, 0), within a radius of 1. */
export const kShapePaths: Record<Shape, string> = {
  circle: 'M1 0A1 1 0 1 1 -1 0A1 1 0 1 1 1 0Z',
  ring: 'M1 0A1 1 0 1 1 -1 0A1 1 0 1 1 1 0ZM.5 0A.5 .5 0 1 0 -.5 0A.5 .5 0 1 0 .5 0Z',
  square: 'M-.85 -.85H.85V.85H-.85Z',
  triangle: 'M0 -1L.95 .8H-.95Z',
  diamond: 'M0 -1L1 0L0 1L-1 0Z',
  cross: 'M-.9 -.5L-.5 -.9L0 -.4L.5 -.9L.9 -.5L.4 0L.9 .5L.5 .9L0 .4L-.5 .9L-.9 .5L-.4 0Z',
  bar: 'M-1 -.38H1V.38H-1Z',
  hexagon: 'M1 0L.5 .87H-.5L-1 0L-.5 -.87H.5Z',
};
