// What persons do to a case. Who may do what: server/service/README.md; the coordinator decides, this only hides what it would refuse.

import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import * as api from '../api';
import { hex, sha256 } from '../verify/bytes';
import type { CaseEnd, CaseInFull, Session } from '../types';
import { Problem } from './basics';

const kRoles: Record<string, string[]> = {
  comment: ['verifier', 'registrar', 'auditor', 'admin', 'regulator', 'analyst', 'operator'],
  dispute: ['registrar', 'admin', 'operator'],
  assign: ['auditor', 'admin', 'regulator', 'analyst'],
  decide: ['auditor', 'admin', 'regulator'], resolve: ['auditor', 'admin', 'regulator'], reopen: ['auditor', 'admin', 'regulator'],
};
export const mayDo = (session: Session | null, deed: string) => session !== null && (session.role === '' || (kRoles[deed] ?? []).includes(session.role));

/** One deed: its fields, a button, and what the coordinator answered. */
function Deed({ title, button, act, children }: {
  title: string; button: string; act(form: FormData): Promise<unknown>; children: ComponentChildren;
}): JSX.Element {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState('');
  const submit = (event: JSX.TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    setBusy(true);
    setFault('');
    act(new FormData(form))
      .then(() => form.reset(), (wrong: unknown) => setFault(wrong instanceof Error ? wrong.message : String(wrong)))
      .finally(() => setBusy(false));
  };
  return (
    <form class="deed" onSubmit={submit}>
      <h3>{title}</h3>
      {children}
      <Problem text={fault} />
      <div><button type="submit" disabled={busy}>{button}</button></div>
    </form>
  );
}
const text = (form: FormData, name: string) => String(form.get(name) ?? '').trim();
const kMostOfAFile = 256 * 1024 * 1024;
async function digestOf(form: FormData): Promise<string | undefined> {
  const file = form.get('file');
  if (!(file instanceof File) || file.size === 0) return undefined;
  if (file.size > kMostOfAFile) throw new Error('The file has more than 256 MiB: take its SHA-256 yourself, and name it in the statement.');
  return hex(await sha256(new Uint8Array(await file.arrayBuffer())));
}

export function CaseDeeds({ one, session, done }: { one: CaseInFull; session: Session | null; done(): void }): JSX.Element {
  const may = (deed: string) => mayDo(session, deed);
  const after = (deed: Promise<unknown>) => deed.then(done);
  const reason = <label>Reason<textarea name="reason" required maxLength={1000} /></label>;
  const open = one.state !== 'resolved';
  const forms = [
    may('comment') && (
      <Deed title="Comment" button="Add the comment" act={(form) => after(api.comment(one.case, text(form, 'text')))}>
        <label>What there is to say<textarea name="text" required maxLength={8000} /></label>
      </Deed>
    ),
    open && may('assign') && (
      <Deed title="Assign" button="Assign" act={(form) => after(api.assign(one.case, text(form, 'assignee')))}>
        <label>To whom; empty: nobody<input name="assignee" maxLength={128} autocomplete="off" /></label>
      </Deed>
    ),
    one.state === 'open' && may('dispute') && (
      <Deed title="Dispute" button="Dispute the case"
        act={async (form) => after(api.dispute(one.case, text(form, 'statement'), form.get('remeasure') !== null, await digestOf(form)))}>
        <label>Why it is not as it looks<textarea name="statement" required maxLength={8000} /></label>
        <label>A file that shows it: only its SHA-256 is sent, keep the file<input type="file" name="file" /></label>
        <label class="row"><input type="checkbox" name="remeasure" />measure its chips again now</label>
      </Deed>
    ),
    one.state === 'disputed' && may('decide') && (
      <Deed title="Decide the dispute" button="Decide" act={(form) => after(api.decide(one.case, form.get('uphold') === 'yes', text(form, 'reason')))}>
        <label>The operator is<select name="uphold"><option value="no">not right: the case goes on</option><option value="yes">right: the case was mistaken</option></select></label>
        {reason}
      </Deed>
    ),
    open && may('resolve') && (
      <Deed title="Resolve" button="Resolve" act={(form) => after(api.resolve(one.case, text(form, 'how') as CaseEnd, text(form, 'reason')))}>
        <label>As<select name="how"><option value="confirmed">confirmed</option><option value="mistaken">mistaken</option><option value="explained">explained</option><option value="moved_back">moved back</option></select></label>
        {reason}
      </Deed>
    ),
    !open && may('reopen') && (
      <Deed title="Open again" button="Open it again" act={(form) => after(api.reopen(one.case, text(form, 'reason')))}>{reason}</Deed>
    ),
  ].filter(Boolean);
  if (forms.length === 0) return <p class="faint">{session ? `Your role, ${session.role}, may do nothing here.` : 'Sign in to comment, dispute or decide.'}</p>;
  return <div class="columns">{forms}</div>;
}
