// The forms in which evidence comes. A new one (a bundle with a log) joins the list at the end: it says whether files are its,
// and makes a StoredRound of them; the steps stay the same.

import { Wrong, text } from './bytes';
import { roundOfJson } from './json_round';
import { pem } from './keys';
import type { Files, StoredRound } from './round';

export interface EvidenceFormat {
  name: string;
  recognises(files: Files): boolean;
  /** Throws Wrong with the file's name. */
  read(files: Files): StoredRound;
}

const kLargestFile = 1024 * 1024;

/** The folder that `chiploc verdict show VERDICT --evidence DIR` writes (server/cli/evidence_folder.hpp). */
const evidenceFolder: EvidenceFormat = {
  name: 'evidence folder of chiploc verdict show',
  recognises: (files) => files.has('coordinator.pub.pem') || [...files.keys()].some((name) => /^ticket-\d\d\.bin$/.test(name)),
  read(files) {
    for (const [name, bytes] of files) {
      if (bytes.length > kLargestFile) throw new Wrong(`${name} has more than 1 MiB; no file of a round has`);
    }
    const need = (name: string): Uint8Array => {
      const found = files.get(name);
      if (!found) throw new Wrong(`there is no ${name}: drop the whole folder`);
      return found;
    };
    const matching = (pattern: RegExp) =>
      [...files.keys()].sort().flatMap((name) => {
        const match = pattern.exec(name);
        return match ? [{ name, index: Number(match[1]), rest: match[2] ?? '' }] : [];
      });
    const anchorKeys = new Map<string, Uint8Array>();
    for (const name of files.keys()) {
      const match = /^anchor-(.+)\.pub\.pem$/.exec(name);
      if (match?.[1]) anchorKeys.set(match[1], pem(text(need(name)), 'PUBLIC KEY', name));
    }
    // A second report of one anchor is report-NN-ANCHOR-2: the name that has a key is the anchor's.
    const anchorNamed = (rest: string) => (anchorKeys.has(rest) ? rest : rest.replace(/-\d+$/, ''));
    return {
      format: evidenceFolder.name,
      tickets: matching(/^ticket-(\d\d)\.bin$/).map(({ name, index }) => ({ name, index, bytes: need(name) })),
      reports: matching(/^report-(\d\d)-(.+)\.body$/).map(({ name, index, rest }) => ({
        name, index, anchor: anchorNamed(rest), body: need(name), signature: need(name.replace(/body$/, 'sig')),
      })),
      transcripts: matching(/^transcript-(\d\d)-(.+)\.bin$/).map(({ name, index }) => {
        const opening = files.get(name.replace(/^transcript/, 'opening').replace(/bin$/, 'sig'));
        return { name, index, bytes: need(name), opening: opening && opening.length > 0 ? opening : null };
      }),
      closeOrder: files.get('close-order.bin') ?? null,
      statements: [...files.keys()].filter((name) => /^statement(-\d+)?\.cose$/.test(name)).sort().map((name) => ({ name, bytes: need(name) })),
      unjudged: [...files.keys()].filter((name) => name.startsWith('unjudged-')),
      anchorKeys,
      coordinatorKey: pem(text(need('coordinator.pub.pem')), 'PUBLIC KEY', 'coordinator.pub.pem'),
      deviceCertificate: pem(text(need('device.pem')), 'CERTIFICATE', 'device.pem'),
      verdict: files.has('verdict.json') ? json(need('verdict.json'), 'verdict.json') : null,
    };
  },
};
function json(bytes: Uint8Array, name: string): unknown {
  try {
    return JSON.parse(text(bytes));
  } catch {
    throw new Wrong(`${name} is no JSON`);
  }
}

/** A verdict with its evidence, as the API gives it (GET /v1/verdicts/ID?with_evidence=true): one file, bytes as hexadecimal. */
const evidenceJson: EvidenceFormat = {
  name: "verdict with its evidence as the API's JSON",
  recognises: (files) => files.size === 1 && [...files.keys()].every((name) => name.endsWith('.json')),
  read(files) {
    const [name, bytes] = [...files][0]!;
    if (bytes.length > 16 * kLargestFile) throw new Wrong(`${name} has more than 16 MiB; no round has`);
    return roundOfJson(json(bytes, name), name);
  },
};

export const kFormats: readonly EvidenceFormat[] = [evidenceFolder, evidenceJson];

export function readEvidence(files: Files): StoredRound {
  const format = kFormats.find((one) => one.recognises(files));
  if (!format) {
    throw new Wrong(`these files are no evidence that this page knows; it reads: ${kFormats.map((one) => one.name).join(', ')}`);
  }
  return format.read(files);
}
