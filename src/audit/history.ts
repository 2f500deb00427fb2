import type { Sealed } from './chain.ts';
import { ReadEvent } from './read-event.ts';

/** One line of the trail that concerns a run. */
export interface Entry {
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Undefined where another version wrote something that this one does not know. */
  readonly event: ReadEvent | undefined;
  readonly written: Sealed['event'];
}

/** Collects what genuine lines tell of one run, and what happened to the whole bot in the meantime. */
export function createHistory(run: string): {
  readonly hear: (sealed: Sealed) => void;
  readonly entries: () => readonly Entry[];
} {
  const entries: Entry[] = [];
  let isOn = false;
  return {
    hear({ seq, at, event: written }) {
      const event = ReadEvent.safeParse(written).data;
      const isOurs = written['run'] === run || written['from'] === run;
      if (isOurs && written.kind === 'asked') isOn = true;
      if (isOurs || (isOn && written['run'] === undefined)) entries.push({ seq, at, event, written });
      if (isOurs && written.kind === 'ended') isOn = false;
    },
    entries: () => entries,
  };
}

export type Known<Kind extends ReadEvent['kind']> = Entry & { readonly event: Extract<ReadEvent, { kind: Kind }> };

export function entriesOf<Kind extends ReadEvent['kind']>(entries: readonly Entry[], kind: Kind): readonly Known<Kind>[] {
  return entries.filter((entry): entry is Known<Kind> => entry.event?.kind === kind);
}
