// What a view has asked for: on its way, there, or a fault in words.

import { useCallback, useEffect, useState } from 'preact/hooks';

export interface Loaded<T> {
  value: T | null;
  fault: string;
  again(): void;
}
export function useLoad<T>(ask: (signal: AbortSignal) => Promise<T>, by: unknown[]): Loaded<T> {
  const [state, setState] = useState<{ value: T | null; fault: string }>({ value: null, fault: '' });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    if (turn === 0) setState({ value: null, fault: '' });
    ask(stop.signal).then(
      (value) => !stop.signal.aborted && setState({ value, fault: '' }),
      (fault: unknown) => !stop.signal.aborted && setState((old) => ({ ...old, fault: fault instanceof Error ? fault.message : String(fault) })),
    );
    return () => stop.abort();
  }, [...by, turn]);
  const again = useCallback(() => setTurn((n) => n + 1), []);
  return { ...state, again };
}
