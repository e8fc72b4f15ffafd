// What one round left behind, whatever form it came in. formats.ts fills it; steps.ts checks it.

/** The files of one drop: plain names, without folders. */
export type Files = ReadonlyMap<string, Uint8Array>;

export interface ReportFile {
  name: string;    // "report-00-fra1.body"
  index: number;   // of the anchor in the round
  anchor: string;
  body: Uint8Array;
  signature: Uint8Array;
}
export interface TranscriptFile {
  name: string;
  index: number;
  bytes: Uint8Array;
  opening: Uint8Array | null;  // the device's signature that opened the session; null: of protocol 1
}
export interface StoredRound {
  format: string;
  tickets: { name: string; index: number; bytes: Uint8Array }[];
  reports: ReportFile[];
  transcripts: TranscriptFile[];
  closeOrder: Uint8Array | null;
  statements: { name: string; bytes: Uint8Array }[];
  unjudged: string[];
  anchorKeys: Map<string, Uint8Array>;  // by name; SubjectPublicKeyInfo
  coordinatorKey: Uint8Array;
  deviceCertificate: Uint8Array;        // DER
  /** What the coordinator says followed. Nothing is checked by it; it is held against what is signed. */
  verdict: unknown;
}
