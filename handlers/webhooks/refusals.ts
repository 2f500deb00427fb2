export interface Refusal {
  /** Of HTTP; `tls`: it did not come as far. */
  readonly status: number | 'tls';
  readonly says: string;
  readonly path: string;
  readonly from: string | undefined;
}

const EVERY_MS = 60_000;
/** Different ones that are counted at a time. */
const MOST = 100;
const LONGEST_PATH = 200;

/** Writes down what was refused; the same once a minute, because anybody on the network may cause it as often as he likes. */
export function createRefusals(log: { readonly warn: (fields: object, message: string) => void }): (refusal: Refusal) => void {
  const known = new Map<string, { readonly since: number; more: number }>();
  return ({ status, says, path, from }) => {
    const key = `${status} ${says}`;
    const [before, now] = [known.get(key), Date.now()];
    if (before !== undefined && now - before.since < EVERY_MS) {
      before.more += 1;
      return;
    }
    if (known.size >= MOST) known.clear();
    known.set(key, { since: now, more: 0 });
    const more = before === undefined || before.more === 0 ? {} : { more: before.more };
    log.warn({ status, says, path: path.replace(/\?.*$/s, '').slice(0, LONGEST_PATH), from, ...more }, 'alerts were not taken');
  };
}
