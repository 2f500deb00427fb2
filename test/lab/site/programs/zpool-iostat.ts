import { podFlows } from '../load.ts';
import { type Answer, type Call, fail, lines, ok } from '../shell.ts';

/** `zpool iostat -H -p -y 3 1` */
export function poolIostat({ world }: Call, args: readonly string[]): Answer {
  if (args.join(' ') !== '-H -p -y 3 1') return fail(2, 'usage:\n\tiostat [-c] [-T d | u] [-ghHLpPvy] [interval [count]]');
  const { readKBPerS, writeKBPerS } = podFlows(world);
  const rows = world.nas.pools.map(({ name, usedPercent, status }) => {
    const scan = status?.scan.is === 'running' ? 158_720 : 0;
    const [read, written] = name === 'main' ? [420 + readKBPerS + scan, 310 + writeKBPerS] : [80 + scan, 20];
    const size = name === 'main' ? 1_803_886_264_320 : 274_877_906_944;
    const used = Math.round((size * usedPercent) / 100);
    const figures = [used, size - used, read / 64, written / 64, read * 1024, written * 1024];
    return [name, ...figures.map((figure) => Math.round(figure))].join('\t');
  });
  return { ...ok(lines(rows)), afterS: 3 };
}
