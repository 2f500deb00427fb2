import { scenarioNamed } from '../../test/lab/scenarios/index.ts';
import { type LabSite, startLab } from '../../test/lab/site/index.ts';
import { kind } from '../../test/lab/site/volumes.ts';
import { serve } from '../remote.ts';

/** The simulated site, in a process of its own. Unless a scenario is named, one directory of the service is not exported. */
const sites: LabSite[] = [];
const PODS = kind('v1', 'pods');

export interface SiteOptions {
  readonly latencyMs: number;
  readonly scenario?: string;
  /** Sections of storagebot.yaml beside those that describe the site. */
  readonly sections?: Readonly<Record<string, unknown>>;
}

export interface Site {
  readonly id: number;
  /** Holds the keys and kubeconfigs. */
  readonly directory: string;
  readonly configPath: string;
}

const calls = {
  async open({ scenario = 'export-missing', ...options }: SiteOptions): Promise<Site> {
    const site = await startLab({ scenario: scenarioNamed(scenario), ...options });
    return { id: sites.push(site) - 1, directory: site.directory, configPath: site.configPath };
  },
  /** Every pod that has a volume of the NAS mounted, as `namespace/name`. */
  async podsOnNas(id: number): Promise<string[]> {
    const site = sites[id];
    if (site === undefined) throw new Error(`There is no site ${id}`);
    const { nodes, nas, store } = site.world;
    const mounting = new Set(
      [...nodes.values()]
        .flatMap(({ mounts }) => mounts.filter(({ nfs }) => nfs?.server === nas.address))
        .map(({ podUid }) => podUid),
    );
    const pods = store.list({ resource: PODS });
    return pods
      .filter(({ metadata }) => mounting.has(metadata.uid))
      .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  },
};

export type SiteCalls = typeof calls;

serve(calls, async () => void (await Promise.all(sites.map((site) => site.stop()))));
