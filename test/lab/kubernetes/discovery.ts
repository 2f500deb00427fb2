import { groupOf, type LabResource, labResources, verbs } from './resources.ts';

/** The document at a discovery path, or undefined where there is none. */
export function discover(path: string, gitVersion: string): object | undefined {
  if (path === '/version') return version(gitVersion);
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
  if (path === '/apis') return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups() };
  const group = groups().find(({ name }) => path === `/apis/${name}`);
  if (group !== undefined) return { kind: 'APIGroup', apiVersion: 'v1', ...group };
  const served = labResources.filter(({ apiVersion }) => path === rootOf(apiVersion));
  const [first] = served;
  return first === undefined ? undefined : resourceList(first.apiVersion, served);
}

function rootOf(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

function version(gitVersion: string): object {
  const [major, minor] = gitVersion.replace(/^v/, '').split('.');
  return {
    major,
    minor,
    gitVersion,
    gitCommit: '',
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
    platform: 'linux/amd64',
  };
}

function groups() {
  const versions = new Set(labResources.filter((resource) => groupOf(resource) !== '').map(({ apiVersion }) => apiVersion));
  return [...versions].map((groupVersion) => {
    const [name, number] = groupVersion.split('/');
    const served = { groupVersion, version: number };
    return { name, versions: [served], preferredVersion: served };
  });
}

function resourceList(groupVersion: string, served: readonly LabResource[]): object {
  const subresources = groupVersion === 'v1' ? [evictionResource] : [];
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: [...served.map(describe), ...subresources] };
}

function describe({ plural, singular, namespaced, kind, shortNames }: LabResource): object {
  return { name: plural, singularName: singular, namespaced, kind, verbs, ...(shortNames.length === 0 ? {} : { shortNames }) };
}

const evictionResource = {
  name: 'pods/eviction',
  singularName: '',
  namespaced: true,
  group: 'policy',
  version: 'v1',
  kind: 'Eviction',
  verbs: ['create'],
};
