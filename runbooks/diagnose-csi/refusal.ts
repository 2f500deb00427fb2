/**
 * `401 authentication failure`, `403 Permission check failed (/vms/203, VM.Config.Disk)`, as Proxmox VE says it, or `not authorized to
 * access endpoint`, which plug-ins from 0.16 on write for either (proxmox-csi-plugin #485). A NAS gives the same numbers.
 */
const REFUSED =
  /\b401 (?:authentication failure|unauthorized|no ticket|permission denied|invalid (?:api )?token|no such (?:token|user)|(?:token|user) '[^']{1,200}' (?:access expired|is disabled))[^"]{0,200}|\b403 (?:Permission check failed|Forbidden)[^"]{0,200}|\bnot authorized to access endpoint\b/i;

export interface Refusal {
  readonly text: string;
  /** Seconds since 1970, by a clock that goes at the time of the look; undefined where the line has no time. */
  readonly atS: (nowS: number) => number | undefined;
}

/** The last of these lines that says that a token was refused. */
export function refusalIn(lines: readonly string[]): Refusal | undefined {
  const line = lines.findLast((each) => REFUSED.test(each.slice(0, 2_000)));
  const text = line === undefined ? undefined : REFUSED.exec(line.slice(0, 2_000))?.[0].trim();
  return line === undefined || text === undefined ? undefined : { text, atS: (nowS) => timeOf(line, nowS) };
}

/** `E0403 08:59:01.482113`, which has no year, or `2026-04-03T08:59:01Z`: both in universal time. */
function timeOf(line: string, nowS: number): number | undefined {
  const iso = /\b(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?Z/.exec(line)?.[1];
  if (iso !== undefined) return Date.parse(`${iso}Z`) / 1000;
  const [, month, day, time] = /^[IWEF](\d\d)(\d\d) (\d\d:\d\d:\d\d)/.exec(line) ?? [];
  if (month === undefined) return undefined;
  const year = new Date(nowS * 1000).getUTCFullYear();
  const at = (which: number) => Date.parse(`${which}-${month}-${day}T${time}Z`) / 1000;
  // At the turn of the year a line of December is of the year before.
  return at(year) > nowS + 86_400 ? at(year - 1) : at(year);
}
