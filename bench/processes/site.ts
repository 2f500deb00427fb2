import { scenarioNamed } from '../../test/lab/scenarios/index.ts';
import { type LabSite, startLab } from '../../test/lab/site/index.ts';
import { serve } from '../remote.ts';

/** The simulated site, in a process of its own. Unless a scenario is named, one directory of the service is not exported. */
const sites: LabSite[] = [];

export interface SiteOptions {
  readonly latencyMs: number;
  readonly scenario?: string;
  /** Sections of storagebot.yaml beside those that describe the site. */
  readonly sections?: Readonly<Record<string, unknown>>;
}

export interface Site {
  /** Holds the keys and kubeconfigs. */
  readonly directory: string;
  readonly configPath: string;
}

const calls = {
  async open({ scenario = 'export-missing', ...options }: SiteOptions): Promise<Site> {
    const site = await startLab({ scenario: scenarioNamed(scenario), ...options });
    sites.push(site);
    return { directory: site.directory, configPath: site.configPath };
  },
};

export type SiteCalls = typeof calls;

serve(calls, async () => void (await Promise.all(sites.map((site) => site.stop()))));
