import type { MessageStore } from './delivery.ts';

/** Reads what is remembered of an incident once: only one reporter writes it, and of a large incident it is much to read at each step. */
export function remembered({
  getMessages,
  putMessage,
}: MessageStore): MessageStore & { readonly forget: (incident: string) => void } {
  const known = new Map<string, Map<string, unknown>>();
  const of = (incident: string) => {
    const parts = known.get(incident) ?? new Map(getMessages(incident));
    known.set(incident, parts);
    return parts;
  };
  return {
    getMessages: of,
    putMessage(incident, part, value) {
      putMessage(incident, part, value);
      of(incident).set(part, value);
    },
    forget: (incident) => void known.delete(incident),
  };
}
