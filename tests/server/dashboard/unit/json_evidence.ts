// The evidence of a folder as the API's JSON has it: the same bytes in another form, by the keys of evidence_json() in
// server/service.
import { hex } from '../../../../server/dashboard/src/verify/bytes';
import { pem } from '../../../../server/dashboard/src/verify/keys';
import type { Verdict } from '../../../../server/dashboard/src/types';

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

export function jsonOfFolder(files: ReadonlyMap<string, Uint8Array>): Record<string, unknown> {
  const named = (pattern: RegExp) => [...files.keys()].filter((name) => pattern.test(name)).sort();
  const bytes = (name: string) => hex(files.get(name)!);
  const raw = (name: string) => hex(pem(text(files.get(name)!), 'PUBLIC KEY', name).subarray(-32));
  const verdict = JSON.parse(text(files.get('verdict.json')!)) as Verdict;
  return {
    ...verdict,
    evidence: {
      intent: JSON.parse(text(files.get('intent.json')!)),
      tickets: named(/^ticket-/).map(bytes),
      reports: named(/^report-.*body$/).map((name) => ({ body: bytes(name), signature: bytes(name.replace(/body$/, 'sig')) })),
      close_order: files.has('close-order.bin') ? bytes('close-order.bin') : null,
      statements: named(/^statement.*cose$/).map(bytes),
      unjudged_statements: [],
      device_certificate: hex(pem(text(files.get('device.pem')!), 'CERTIFICATE', 'device.pem')),
      device_issuers: [],
      coordinator_public: raw('coordinator.pub.pem'),
      anchor_publics: Object.fromEntries(verdict.anchors.map((anchor) => [anchor.anchor_id, raw(`anchor-${anchor.anchor}.pub.pem`)])),
      knocks: [],
    },
  };
}
