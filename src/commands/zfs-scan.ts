/** Seconds since 1970, if the NAS's own time zone, in which it is written, were UTC: up to 14 hours off. */
type LocalTime = number;

export type Scan =
  | { readonly is: 'none' }
  | {
      readonly is: 'running';
      readonly what: 'scrub' | 'resilver';
      readonly since: LocalTime;
      readonly percent: number;
      /** What was read and is to be read, with the rates, as printed. */
      readonly figures: string;
      /** `00:48:10`; absent while there is no estimate. */
      readonly toGo?: string;
    }
  | { readonly is: 'paused'; readonly since: LocalTime; readonly percent: number; readonly figures: string }
  | {
      readonly is: 'finished';
      readonly what: 'scrub' | 'resilver';
      readonly at: LocalTime;
      readonly repaired: string;
      readonly errors: number;
    }
  | { readonly is: 'canceled'; readonly what: 'scrub' | 'resilver'; readonly at: LocalTime };

/** Of the states that a pool prints, as it may have a scrub and rebuilt mirrors, the one that goes on, else the scrub. */
export function parseScans(texts: readonly string[]): Scan {
  const scans = texts.map(parseScan);
  const goesOn = scans.find(({ is }) => is === 'running' || is === 'paused');
  return goesOn ?? scans.find((scan) => 'what' in scan && scan.what === 'scrub') ?? scans[0] ?? { is: 'none' };
}

const SCAN_FORMS: readonly (readonly [form: RegExp, make: (found: readonly string[]) => Scan])[] = [
  [/^none requested$/, () => ({ is: 'none' })],
  [
    /^(scrub repaired|scrub completed|resilvered(?: \(\S+\))?) (?:(\S+) in|after) .+? with (\d+) errors on (.+)$/,
    ([, what = '', repaired = 'not said', errors, at = '']) => ({
      is: 'finished',
      what: what.startsWith('scrub') ? 'scrub' : 'resilver',
      repaired,
      errors: Number(errors),
      at: localTime(at),
    }),
  ],
  [
    /^(scrub|resilver)(?: \(\S+\))? canceled on (.+)$/,
    ([, what, at = '']) => ({ is: 'canceled', what: what === 'scrub' ? 'scrub' : 'resilver', at: localTime(at) }),
  ],
  [
    /^scrub paused since (\w+ \w+ +\d+ [\d:]+ \d+) scrub started on \w+ \w+ +\d+ [\d:]+ \d+ (.+?)[, ]+\S+ repaired, ([\d.]+)% done$/,
    ([, since = '', figures = '', percent]) => ({ is: 'paused', since: localTime(since), figures, percent: Number(percent) }),
  ],
  [
    /^(scrub|resilver)(?: \(\S+\))? in progress since (\w+ \w+ +\d+ [\d:]+ \d+) (.+?)[, ]+\S+ (?:repaired|resilvered), ([\d.]+)% done(?:, (.+))?$/,
    ([, what, since = '', figures = '', percent, toGo = /, ([^,]+) to go$/.exec(figures)?.[1]]) => ({
      is: 'running',
      what: what === 'scrub' ? 'scrub' : 'resilver',
      since: localTime(since),
      figures: figures.replace(/, [^,]+ to go$/, ''),
      percent: Number(percent),
      ...estimate(toGo),
    }),
  ],
];

function estimate(text: string | undefined): { toGo?: string } {
  if (text === undefined || /no estimated|^\(/.test(text)) return {};
  return { toGo: text.replace(/ to go$/, '') };
}

function parseScan(text: string): Scan {
  for (const [form, make] of SCAN_FORMS) {
    const found = form.exec(text);
    if (found !== null) return make(found);
  }
  throw new Error(`not a state of a scrub: ${text}`);
}

/** `Sun Mar 22 03:12:45 2026`, as ctime(3) writes it. */
function localTime(text: string): LocalTime {
  const [, month, day, clock, year] = /^\w{3} (\w{3}) +(\d{1,2}) (\d\d:\d\d:\d\d) (\d{4})$/.exec(text.trim()) ?? [];
  const ms = Date.parse(`${day} ${month} ${year} ${clock} UTC`);
  if (Number.isNaN(ms)) throw new Error(`not a date: ${text}`);
  return ms / 1000;
}
