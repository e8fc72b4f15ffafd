// Server-sent events of a POST, which EventSource cannot make. The format: HTML standard, section 9.2.6.

export interface SentEvent {
  event: string;
  data: string;
}

/** Most of one event; more is no event of chiplocd's. */
const kMostCharacters = 4 * 1024 * 1024;

/** Takes the text apart as it comes; what is left of it waits for more. */
export class EventReader {
  private rest = '';
  private event = '';
  private data: string[] = [];

  /** The events that this text completes. Throws if one is too large. */
  push(text: string): SentEvent[] {
    this.rest += text;
    if (this.rest.length > kMostCharacters) throw new Error('an event is larger than 4 MiB');
    const done: SentEvent[] = [];
    for (;;) {
      const end = /\r\n|\n|\r(?!$)/.exec(this.rest);
      if (!end) return done;
      const line = this.rest.slice(0, end.index);
      this.rest = this.rest.slice(end.index + end[0].length);
      const event = this.line(line);
      if (event) done.push(event);
    }
  }

  private line(line: string): SentEvent | undefined {
    if (line === '') {
      const event = this.data.length > 0 ? { event: this.event || 'message', data: this.data.join('\n') } : undefined;
      this.event = '';
      this.data = [];
      return event;
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.event = value;
    if (field === 'data') this.data.push(value);
    return undefined;
  }
}

export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<SentEvent> {
  const reader = body.getReader();
  const text = new TextDecoder();
  const events = new EventReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield* events.push(text.decode(value, { stream: true }));
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}
