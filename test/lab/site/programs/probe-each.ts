import { type Answer, type Call, fail, lines, ok } from '../shell.ts';

const PROBE_EACH =
  'i=0; for point do i=$((i+1)); (said=$(timeout -k 1 4 stat --cached=never --format=%u:%g "$point" 2>&1);' +
  ' printf "%s %s %s\\n" "$i" "$?" "${said##*: }") & done; wait';

/** The one script that the bot gives sh: a bounded stat(1) of each argument, side by side. */
export function probeEach(call: Call, [flag, script, _name, ...points]: readonly string[]): Answer {
  if (flag !== '-c' || script !== PROBE_EACH) return fail(2, 'sh: 1: the lab runs no scripts');
  const probes = points.map((point, index) => {
    const answer = call.run(['timeout', '-k', '1', '4', 'stat', '--cached=never', '--format=%u:%g', point]);
    const said = (answer.stdout + answer.stderr).replace(/\n+$/, '');
    return { answer, line: `${index + 1} ${answer.exitCode} ${said.slice(said.lastIndexOf(': ') + 1).trimStart()}` };
  });
  const ended = probes.filter(({ answer }) => answer.unkillable !== true).toSorted((a, b) => secondsOf(a) - secondsOf(b));
  const soFar = lines(ended.map(({ line }) => line));
  const afterS = Math.max(0, ...probes.map(secondsOf));
  return { ...ok(soFar), afterS, soFar };
}

function secondsOf({ answer: { afterS = 0 } }: { readonly answer: Answer }): number {
  return afterS;
}
