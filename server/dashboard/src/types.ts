// The JSON that chiplocd gives: the same that `chiploc ... -o json` prints (server/service/*_json.cpp). Only what the page
// reads is named here. What a role may not see is null, or an empty list.

export type VerdictState = 'VERIFIED' | 'CLEARED' | 'UNRESOLVED' | 'OUTSIDE' | 'PROHIBITED' | 'SILENT' | 'INVALID';
export type ChipState =
  | 'pending' | 'compliant' | 'unproven' | 'overdue' | 'silent' | 'drifted' | 'prohibited' | 'tampered' | 'disputed' | 'absent';

export interface Place {
  lat_deg: number;
  lon_deg: number;
}
/** A geometry as RFC 7946 has it, as it came; geo/sphere.ts turns it into what d3 draws. */
export type SentGeometry = GeoJSON.Geometry;

export interface Region {
  centre: Place;
  radius_km: number;
  geometry: SentGeometry | null;
}
export interface Reason {
  code: string;
  text: string;
}
export interface AnchorEvidence {
  anchor: string;
  anchor_id: string;
  answered: boolean;
  used: boolean;
  samples: number;
  rtt_min_ns: number | null;
  counted_sequence: number | null;
  rtt_least_ns: number | null;
  rtt_next_ns: number | null;
  bound_km: number | null;
  source: string;
  note: string;
  residual_km: number | null;
  place: Place | null;
}
export interface Estimate {
  converged: boolean;
  place: Place;
  offset_km: number;
  east_sd_km: number;
  north_sd_km: number;
  correlation: number;
  nearest_country: string;
  calibration: string;
}
export interface Posterior {
  place: Place;
  radius95_km: number;
  countries: { country: string; probability: number }[];
  common_delay_ms: number;
  relay_score: number;
  relay_delay_ms: number;
  method: string;
}
export interface Resolution {
  anchors: number;
  near: Place;
  rtt_below_ns: number | null;
  kind: string | null;
  excludes: string[];
  settles: boolean;
  by: { anchor: string | null; near: Place; country: string | null; rtt_below_ns: number | null; rtt_usual_ns: number }[];
}
export interface Silence {
  reached: string;
  causes: Reason[];
  waited_ns: number;
  last_knock_at: string | null;
  last_proof_at: string | null;
  pings_sent: number;
  pings_answered: number;
}
export interface KeyHolder {
  round_id: string;
  region: Region | null;
  countries: string[];
  anchors: AnchorEvidence[];
  from: string | null;
  to: string | null;
}
export interface Verdict {
  verdict_id: string;
  round_id: string;
  chip_id: string;
  serial: string | null;
  licence: string | null;
  licence_holder: string | null;
  state: VerdictState;
  reasons: Reason[];
  reason_codes: string[];
  speed_km_s: number;
  speed_name: string;
  fault_budget: number;
  fault_budget_max: number;
  hinges: string[];
  countries: string[];
  licensed: string[];
  prohibited: string[];
  margin_km: number | null;
  prohibited_margins: { territory: string; distance_km: number }[];
  region: Region | null;
  estimate: Estimate | null;
  posterior: Posterior | null;
  anchors: AnchorEvidence[];
  would_resolve: string[];
  resolution: Resolution | null;
  resolutions: Resolution[];
  silence: Silence | null;
  holders: KeyHolder[];
  decided_at: string;
  expires_at: string;
  software_version: string;
  borders_version: string;
  area_sha256: Record<string, string>;
  policy_version: string;
  requested_by?: { name: string; at: string | null } | null;
}

export interface ChipStatus {
  state: ChipState;
  since: string;
  rests_on: string[];
  why: string;
  ended_by: string;
  next_at: string | null;
  next: ChipState | null;
  in_dispute: ChipState | null;
  absences?: Absence[];
  past_absences?: Absence[];
}
export interface Absence {
  from: string;
  until: string;
  kind: string;
  reason: string | null;
}
export interface StatusChange {
  at: string;
  chip_id: string;
  serial: string;
  licence: string;
  from: ChipState;
  to: ChipState;
  rests_on: string[];
  why: string;
}
export interface Chip {
  chip_id: string;
  device_id: string;
  serial: string;
  maker: string;
  model: string;
  licence: string;
  reach: string;
  rounds: number;
  eccn: string | null;
  order: string | null;
  delivery: string | null;
  site: string | null;
  last_verdict: Verdict | null;
  // Of one chip that was asked for:
  last_knock_at?: string | null;
  last_of_state?: { state: VerdictState; decided_at: string; verdict_id: string }[];
  status?: ChipStatus | null;
}

export type CaseState = 'open' | 'disputed' | 'resolved';
export type CaseEnd = 'confirmed' | 'mistaken' | 'explained' | 'moved_back';
export interface Case {
  case: string;
  kind: string;
  state: CaseState;
  priority: number | null;
  order: string | null;
  licence: string | null;
  site: string | null;
  chips: number;
  chips_ever: number;
  opened: string | null;
  since: string | null;
  assignee: string | null;
  disputed_until: string | null;
  resolved_as: string | null;
  about: string;
  ended_by: string;
  entries: number;
}
export interface CaseEntry {
  number: number;
  at: string;
  kind: string;
  state: CaseState;
  who: string | null;
  text: string | null;
  said: string | null;
  chip_id: string | null;
  verdicts: string[];
  file_sha256: string | null;
}
export interface CaseInFull extends Case {
  priority_reasons: { points: number; text: string }[];
  chips_shown: { chip_id: string; serial: string | null; state: ChipState; since: string }[];
  timeline: CaseEntry[];
}

export interface Order {
  order: string;
  licence: string;
  exporter: string;
  buyer: string;
  end_user: string;
  operator: string | null;
  placed: string;
  quantity: number;
  delivered: number;
  chips: number;
}
export interface OrderHold {
  order: string;
  hold: string;
  since: string | null;
  cause: string | null;
  why: string;
  ended_by: string;
  next_at: string | null;
  chips: number;
  measured: number;
  chips_by_status: Record<string, number>;
  sites: { site: string | null; chips: number; measured: number; chips_by_status: Record<string, number> }[];
  overrides: string[];
  proposals: { party: string; entity: string; state: string; since: string }[];
}
export interface OrderInFull extends Order {
  delivered_at: { site: string; deliveries: number; quantity: number; chips: number; chips_by_state: Record<string, number> }[];
  hold: OrderHold | null;
}

export interface Anchor {
  anchor: string;
  anchor_id: string;
  place: Place;
  uncertainty_km: number;
  operator_name: string;
  network: string;
  address: string;
  rendezvous: boolean;
  connected: boolean;
  software_version: string;
  last_seen_at: string | null;
  spool_dropped: number;
  place_problem: string;
  certificate_until: string | null;
  refused: Record<string, number>;
  twice_seen_at: string | null;
  twice_addresses: string[];
}
export interface Policy {
  sha256: string;
  version: string;
  number: number;
  activated_at: string | null;
  policy: string;
  sections: Record<string, { of: string; configured: string }>;
}
export interface PolicyRecord {
  number: number;
  at: string;
  by: string;
  reason: string;
  sha256: string;
  differences: string[];
  policy: string;
}
/** What another policy would have said, of one page of stored rounds. */
export interface ReplayPage {
  moved: { was: VerdictState; would_be: VerdictState; rounds: number }[];
  unjudged: { why: string; rounds: number }[];
  changes: { chip_id: string; serial: string | null; verdict_id: string; decided_at: string; was: VerdictState; would_be: VerdictState; reason_code: string }[];
  next_page_token: string | null;
}
export interface Summary {
  at: string;
  since: string;
  chips: number;
  never_measured: number;
  statuses: Record<string, { chips: number; entered: number; left: number }>;
  newest_verdicts: Record<string, number>;
  runs_out: { what: string; name: string; at: string; chips: number }[];
  runs_out_total: number;
  orders_on_hold: { order: string; cause: string; since: string; why: string }[];
  orders_on_hold_total: number;
  open_cases: { case: string; state: string; about: string; priority: number | null; why: string; chips: number; opened: string; assignee: string | null }[];
  open_cases_total: number;
  anchors: number;
  anchors_unwell: { anchor: string; problems: string[] }[];
  anchors_unwell_total: number;
}
export interface Territory {
  territory: string;
  countries: string[];
  area_km2: number | null;
  geojson_sha256: string | null;
  geojson?: SentGeometry | GeoJSON.Feature | GeoJSON.FeatureCollection | null;
}

export type RoundEvent =
  | { event: 'started'; round_id: string; anchors: string[]; knock_wait_ms: number; knock_note: string }
  | { event: 'progress'; anchor: string; stage: string; pings_sent: number; pongs_received: number; rtt_min_ns: number | null; twice: boolean; refusals: number; refusal: string }
  | { event: 'verdict'; verdict: Verdict }
  | { event: 'problem'; problem: Problem };

/** RFC 9457. */
export interface Problem {
  title: string;
  status: number;
  detail: string;
  /** Of /auth/me: how one may sign in, by a "code" of the command line or at the "issuer". */
  ways?: readonly string[];
}
/** Of /auth/me. An empty name: calls come with a certificate, and what it may do is for the coordinator to say. */
export interface Session {
  name: string;
  role: string;
  entity: string | null;
  csrf_token: string;
}
