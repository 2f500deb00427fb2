import { z } from 'zod';
import type { Host } from '../core/command.ts';
import { asRoot, defineRead } from '../core/command.ts';
import { boundedAsRoot, linesOf } from './bounded.ts';

/** A pool of LVM's thin volumes. */
export interface ThinPool {
  /** `pve/data` */
  readonly name: string;
  /** `twi-aotz--`: the ninth letter is its health, D out of data space, M metadata read only, F failed. */
  readonly attributes: string;
  readonly dataPercent: number;
  readonly metadataPercent: number;
}

const COLUMNS = 'vg_name,lv_name,lv_attr,data_percent,metadata_percent';

/** A host may have none. */
export function thinPools(hypervisor: Host) {
  const argv = ['lvs', '--reportformat', 'json', '--select', 'segtype=thin-pool', '-o', COLUMNS] as const;
  return defineRead<readonly ThinPool[]>({
    asks: `How full are the thin pools of ${hypervisor.name}?`,
    command: boundedAsRoot(hypervisor, 8, argv),
    answers: [0],
    parse: ({ stdout }) => parseThinPools(stdout),
  });
}

/** LVM writes the decimal sign of the host's language. */
const percent = z
  .string()
  .regex(/^\d+([.,]\d+)?$/, 'is no percentage')
  .transform((text) => Number(text.replace(',', '.')));

const Report = z.object({
  report: z.tuple([
    z.object({
      lv: z.array(
        z.object({
          vg_name: z.string(),
          lv_name: z.string(),
          lv_attr: z.string().regex(/^t.{9}$/, 'is no thin pool'),
          data_percent: percent,
          metadata_percent: percent,
        }),
      ),
    }),
  ]),
});

export function parseThinPools(text: string): ThinPool[] {
  const [{ lv }] = Report.parse(JSON.parse(text)).report;
  return lv.map((each) => ({
    name: `${each.vg_name}/${each.lv_name}`,
    attributes: each.lv_attr,
    dataPercent: each.data_percent,
    metadataPercent: each.metadata_percent,
  }));
}

/** What the kernel lately said of I/O errors, of whatever disk, oldest first. */
export function diskErrors(host: Host) {
  return defineRead<readonly string[]>({
    asks: `Which I/O errors did the kernel of ${host.name} report?`,
    command: asRoot(host, 7_000, 'journalctl', '--dmesg', '--lines=300', '--no-pager', '--output=short-iso'),
    answers: [0],
    parse: ({ stdout }) => {
      if (stdout.trim() === '') throw new Error('it printed nothing');
      return linesOf(stdout).filter((line) => /\b(I\/O error|medium error|critical [\w ]+ error)\b/i.test(line));
    },
  });
}
