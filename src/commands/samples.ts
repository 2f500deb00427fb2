/** What was printed at one look, and when: seconds since the machine booted. */
export interface Sample {
  readonly uptimeS: number;
  readonly text: string;
}

/** The two looks of one command, each begun by /proc/uptime. */
export function samplesOf(text: string): readonly [Sample, Sample] {
  const [before = '', first, second, more] = text.split(/^(?=\d+\.\d\d \d+\.\d\d$)/m);
  const looks = before.trim() === '' ? [first, second, more] : [before, first, second];
  const [one, other] = [looks[0], looks[1]].map(sampleOf);
  if (one === undefined || other === undefined || looks[2] !== undefined) throw new Error('not the output of two looks');
  if (other.uptimeS <= one.uptimeS) throw new Error('no time passed between the looks');
  return [one, other];
}

function sampleOf(text: string | undefined): Sample | undefined {
  const uptime = /^(\d+\.\d\d) \d+\.\d\d\n/.exec(text ?? '');
  return text === undefined || uptime === null ? undefined : { uptimeS: Number(uptime[1]), text: text.slice(uptime[0].length) };
}
