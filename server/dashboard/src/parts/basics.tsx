// Small parts that every view has: times, states, tables, faults.

import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Loaded } from '../load';
import { link } from '../router';
import { kShapePaths, statusLook, verdictLook, type Look } from '../states';
import { expired, fromNow, local, utc } from '../time';
import { short } from '../format';

/** The first view leaves focus alone: the page begins with "To the content". */
let anyViewBefore = false;

/** Moves focus to a view's heading when another view comes, so that a screen reader and the keyboard are there too. */
export function Heading({ children }: { children: ComponentChildren }): JSX.Element {
  const at = useRef<HTMLHeadingElement>(null);
  const text = useRef('');
  useEffect(() => {
    const now = at.current?.textContent ?? '';
    document.title = `${now} - chiploc`;
    if (text.current === now) return;
    text.current = now;
    const free = document.activeElement === document.body || document.activeElement?.closest('nav');
    if (anyViewBefore && free) at.current?.focus({ preventScroll: true });
    anyViewBefore = true;
  });
  return <h1 ref={at} tabIndex={-1}>{children}</h1>;
}

/** UTC, and the reader's own time beside it. */
export function When({ at, age = false }: { at: string | null | undefined; age?: boolean }): JSX.Element {
  if (!at) return <span>never</span>;
  const own = local(at);
  return (
    <time dateTime={at}>
      {utc(at)}{own && <span class="own"> ({own})</span>}{age && <span class="own">, {fromNow(at, Date.now())}</span>}
    </time>
  );
}

export function Shape({ look }: { look: Look }): JSX.Element {
  return <svg viewBox="-1.1 -1.1 2.2 2.2" aria-hidden="true"><path d={kShapePaths[look.shape]} /></svg>;
}
function Badge({ look, word }: { look: Look; word: string }): JSX.Element {
  return <span class={`badge ${look.tone}`} title={look.text}><Shape look={look} />{word}</span>;
}
/** A verdict's state; one that has expired is never green. */
export function VerdictBadge({ state, expires }: { state: string; expires?: string | undefined }): JSX.Element {
  const old = expires !== undefined && expired(expires, Date.now());
  const look = verdictLook(state);
  return <Badge look={old ? { ...look, tone: 'none' } : look} word={old ? `${state} (expired)` : state} />;
}
export function StatusBadge({ state }: { state: string }): JSX.Element {
  return <Badge look={statusLook(state)} word={state} />;
}

export interface Column<T> {
  name: string;
  cell(row: T): ComponentChildren;
  number?: boolean;
}
export function Table<T>({ caption, columns, rows, empty }: {
  caption: string; columns: Column<T>[]; rows: readonly T[]; empty: string;
}): JSX.Element {
  if (rows.length === 0) return <p class="faint">{empty}</p>;
  const kind = (column: Column<T>) => (column.number ? 'number' : undefined);
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={caption}>
      <table>
        <caption>{caption}</caption>
        <thead><tr>{columns.map((c) => <th scope="col" class={kind(c)} key={c.name}>{c.name}</th>)}</tr></thead>
        <tbody>{rows.map((row, i) => <tr key={i}>{columns.map((c) => <td class={kind(c)} key={c.name}>{c.cell(row)}</td>)}</tr>)}</tbody>
      </table>
    </div>
  );
}
export function Facts({ rows }: { rows: [string, ComponentChildren][] }): JSX.Element {
  return <dl class="facts">{rows.flatMap(([name, value]) => [<dt key={name}>{name}</dt>, <dd key={`${name}.`}>{value}</dd>])}</dl>;
}

export function Problem({ text }: { text: string }): JSX.Element | null {
  return text ? <p class="problem" role="alert">{text}</p> : null;
}
/** What was asked for once it is there; until then, or in place of it, what is the matter. */
export function Awaited<T>({ of, children }: { of: Loaded<T>; children(value: T): ComponentChildren }): JSX.Element {
  return (
    <>
      {of.fault && <div class="problem" role="alert"><p>{of.fault}</p><button type="button" onClick={of.again}>Ask again</button></div>}
      {of.value !== null ? children(of.value) : !of.fault && <p class="faint" role="status">Asking the coordinator ...</p>}
    </>
  );
}

export const ChipLink = ({ id, serial }: { id: string; serial?: string | null | undefined }) => (
  <a href={link('chip', id)}>{serial || <span class="id">{short(id)}</span>}</a>
);
export const VerdictLink = ({ id }: { id: string }) => <a class="id" href={link('verdict', id)}>{short(id)}</a>;
