// Where two texts differ, line by line: the longest common subsequence. Policies have some hundred lines.

export interface DiffLine {
  kind: 'same' | 'gone' | 'new';
  text: string;
}
export function lineDiff(before: string, after: string): DiffLine[] {
  const a = before.split('\n'), b = after.split('\n');
  const most: Uint32Array[] = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; --i) {
    for (let j = b.length - 1; j >= 0; --j) {
      most[i]![j] = a[i] === b[j] ? most[i + 1]![j + 1]! + 1 : Math.max(most[i + 1]![j]!, most[i]![j + 1]!);
    }
  }
  const out: DiffLine[] = [];
  let i = 0, j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      out.push({ kind: 'same', text: a[i]! });
      ++i, ++j;
    } else if (j >= b.length || (i < a.length && most[i + 1]![j]! >= most[i]![j + 1]!)) {
      out.push({ kind: 'gone', text: a[i++]! });
    } else {
      out.push({ kind: 'new', text: b[j++]! });
    }
  }
  return out;
}
